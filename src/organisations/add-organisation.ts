import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { addPersonIn, addressTaken } from './add-person.ts';
import { makeOrganisation } from './create-organisation.ts';
import type { Invited } from './links.ts';
import type { AddOrganisation } from './people-rules.ts';
import type { Caller } from './rules.ts';
import { findOrganisation, findSignIn, lockOrganisations } from './store.ts';

/**
 * Adds a body to the instance, with its keys, its log and its first administrator, who joins by the link that comes back:
 * all or nothing. For whoever runs the instance, by command.
 */
export async function addOrganisation(
  { database, sealer }: Pick<Instance, 'database' | 'sealer'>,
  given: AddOrganisation,
  now: Instant,
): Promise<Invited | Refusal> {
  const organisation = { id: newId(), slug: given.slug, name: given.name };
  const operator: Caller = { organisation, person: null };
  const first = { name: given.administrator, email: given.email, roles: ['administrator' as const] };
  return database.write({ organisationId: organisation.id, personId: null }, async (tx) => {
    await lockOrganisations(tx);
    if (await findOrganisation(tx, given.slug)) {
      const says = `There is an organisation ${given.slug} here already. Give another short name.`;
      return refuse('conflict', 'organisation.exists', says);
    }
    if (await findSignIn(tx, given.email)) return addressTaken;
    await makeOrganisation(tx, sealer, organisation, [], now);
    const invited = await addPersonIn(tx, operator, first, now);
    if (!invited.ok) throw new Error('The address was taken a moment ago. Nothing was made: try again.');
    return invited;
  });
}
