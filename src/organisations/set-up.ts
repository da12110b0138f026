import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { sha256 } from '../platform/pure/hash.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeOrganisation } from './create-organisation.ts';
import type { SetUpOrganisation } from './rules.ts';
import { hashPassword, type SignedIn, signIn } from './sign-in.ts';
import { lockOrganisations, needsSetup } from './store.ts';

/**
 * The code that lets whoever reads the service's console, and nobody else, set up an empty instance: 16 letters and
 * digits (80 bits) in fours. It is derived from the master key, so nothing is stored, a restart does not change it, and
 * every process of an instance says the same. Once there is an organisation it opens nothing.
 */
export function setUpCode(sealer: Sealer): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const letters = [...sealer.derive('set-up code')].slice(0, 16).map((byte) => alphabet[byte % 32]);
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}

/**
 * Sets up an empty live instance: its organisation, with the first person as administrator, signed in. It happens once:
 * of two people at the same moment the second is refused.
 */
export async function setUp(
  { database, sealer }: { database: Database; sealer: Sealer },
  given: SetUpOrganisation,
  now: Instant,
): Promise<SignedIn | Refusal> {
  if (!isCode(given.code, sealer)) {
    const says = 'That is not the set-up code. The service prints it on its console when it starts.';
    return refuse('invalid', 'set-up.code', says, 'code');
  }
  const organisation = { id: newId(), slug: given.slug, name: given.organisation };
  const { email } = given;
  const passwordHash = await hashPassword(given.password);
  const person = { id: newId(), name: given.name, roles: ['administrator' as const], email, passwordHash };
  const made = await database.write({ organisationId: organisation.id, personId: null }, async (tx) => {
    await lockOrganisations(tx);
    if (!(await needsSetup(tx))) return false;
    await makeOrganisation(tx, sealer, organisation, [person], now);
    return true;
  });
  if (!made) return refuse('not-found', 'set-up.done', 'This service has been set up already. Sign in.');
  return signIn(database, given, now);
}

// People type it with small letters, spaces or no hyphens; O and I and L are not in the alphabet.
function isCode(given: string, sealer: Sealer): boolean {
  const plain = (code: string) => sha256(code.toUpperCase().replace(/[^0-9A-Z]/g, ''));
  return timingSafeEqual(plain(given), plain(setUpCode(sealer)));
}
