import { createHmac } from 'node:crypto';
import { appendToLedger } from '../ledger/index.ts';
import type { Tx } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { makeLink } from './links.ts';
import { type AddPerson, mayAdminister, noSuchPerson, notAdministrator } from './people-rules.ts';
import { findColleague, lockPeople, saveNewPerson } from './people-store.ts';
import { actorOf, type Caller, holdsRole } from './rules.ts';

/** Somebody with a link of their own. The token is there once: null where the same form was sent before. */
export type Invited = { ok: true; id: string; token: string | null };

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
  let token: string | null = null;
  const added = await database.write(actorOf(caller), (tx) =>
    once(tx, key, ['person.add', sent], async () => {
      const letIn = await addPersonIn(tx, caller, given, now);
      if (!letIn.ok) return letIn;
      token = letIn.token;
      return { ok: true, id: letIn.id } as const;
    }),
  );
  return added.ok ? { ...added, token } : added;
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
  await appendToLedger(tx, {
    act: 'person.added',
    at: now,
    by: caller.organisation.id,
    parties: [caller.organisation.id],
    personId: caller.person?.id ?? null,
    aboutPersonId: person.id,
    subject: { type: 'organisation', id: caller.organisation.id },
    detail: { roles: given.roles },
  });
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
  let token: string | null = null;
  const made = await database.write(actorOf(caller), (tx) =>
    once(tx, key, ['person.link', personId], async () => {
      await lockPeople(tx);
      const person = await findColleague(tx, personId);
      if (!person) return noSuchPerson;
      const purpose = person.joined ? 'reset' : 'invitation';
      token = await makeLink(tx, person.id, purpose, now);
      await appendToLedger(tx, {
        act: 'person.link-made',
        at: now,
        by: caller.organisation.id,
        parties: [caller.organisation.id],
        personId: caller.person?.id ?? null,
        aboutPersonId: person.id,
        subject: { type: 'organisation', id: caller.organisation.id },
        detail: { purpose },
      });
      return { ok: true, id: person.id } as const;
    }),
  );
  return made.ok ? { ...made, token } : made;
}

/** Somebody, of whatever body, signs in with this address. */
export const addressTaken = refuse(
  'conflict',
  'person.address-taken',
  'Somebody signs in with this address already. Give another, or look whether they are on the list.',
  'email',
);
