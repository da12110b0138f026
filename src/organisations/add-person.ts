import { createHmac } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Invited, makeLink, onceWithLink } from './links.ts';
import { type AddPerson, mayAdminister, noSuchPerson, notAdministrator } from './people-rules.ts';
import { findColleague, lockPeople, saveNewPerson } from './people-store.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller, holdsRole } from './rules.ts';

/**
 * Lets somebody into the caller's organisation: they have no password until they use the link that comes back. One
 * entry in the organisation's log, with the roles and a commitment to the person.
 */
export async function addPerson(
  { database, sealer }: Pick<Instance, 'database' | 'sealer'>,
  caller: Caller,
  given: AddPerson,
  key: string | null,
  now: Instant,
): Promise<Invited | Refusal> {
  if (!holdsRole(caller, mayAdminister)) return notAdministrator;
  // Kept with the key: under a key of ours, so that nobody tries out names and addresses on it once the person is erased.
  const sent = createHmac('sha256', sealer.derive('person.add')).update(canonicalJson(given)).digest('hex');
  const what = ['person.add', sent];
  return onceWithLink(database, caller, key, what, (tx) => addPersonIn(tx, caller, given, now));
}

/** The same, in the caller's transaction. Where the address is taken, nothing was done. */
export async function addPersonIn(
  tx: Tx,
  caller: Caller,
  given: AddPerson,
  now: Instant,
): Promise<Invited | Refusal> {
  await lockPeople(tx);
  const person = { ...given, id: newId(), addedBy: caller.person?.id ?? null };
  if (!(await saveNewPerson(tx, person, now))) return addressTaken;
  const token = await makeLink(tx, person.id, 'invitation', now);
  await recordAct(tx, actorOf(caller), 'person.added', { roles: given.roles }, now, person.id);
  return { ok: true, id: person.id, token };
}

/**
 * Makes somebody a new link in place of the one they had: to choose a first password, or another one. It is an entry in the
 * log, because whoever holds the link can become them.
 */
export async function renewLink(
  { database }: Pick<Instance, 'database'>,
  caller: Caller,
  personId: string,
  key: string | null,
  now: Instant,
): Promise<Invited | Refusal> {
  if (!holdsRole(caller, mayAdminister)) return notAdministrator;
  return onceWithLink(database, caller, key, ['person.link', personId], async (tx) => {
    await lockPeople(tx);
    const person = await findColleague(tx, personId);
    if (!person) return noSuchPerson;
    const purpose = person.joined ? 'reset' : 'invitation';
    const token = await makeLink(tx, person.id, purpose, now);
    await recordAct(tx, actorOf(caller), 'person.link-made', { purpose }, now, person.id);
    return { ok: true, id: person.id, token };
  });
}

/** Somebody, of whatever body, signs in with this address. */
export const addressTaken = refuse(
  'conflict',
  'person.address-taken',
  'Somebody signs in with this address already. Give another, or look whether they are on the list.',
  'email',
);
