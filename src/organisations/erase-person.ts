import { destroySalts } from '../ledger/index.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Refusal } from '../platform/refusal.ts';
import { leavesNobody, mayErase, noSuchPerson, notYoursToErase } from './people-rules.ts';
import { countOtherAdministrators, findColleague, lockPeople } from './people-store.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller, holdsRole } from './rules.ts';
import { eraseDetails, findNotErased } from './store.ts';

/**
 * Erases a person's details (UK GDPR Article 17): name, address, password, roles, sessions and link go, and so do the
 * salts that tied them to their acts. The acts stay in the log and the log still verifies. Not while nobody else could
 * let people in: the operator can make another administrator first.
 */
export async function erasePerson(
  database: Database,
  caller: Caller,
  personId: string,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  if (!holdsRole(caller, mayErase)) return notYoursToErase;
  return database.write(actorOf(caller), async (tx) => {
    await lockPeople(tx);
    const person = await findColleague(tx, personId);
    if (!person) return noSuchPerson;
    const stuck = leavesNobody(person, [], await countOtherAdministrators(tx, personId));
    if (stuck) return stuck;
    const by = caller.person?.id === personId ? null : (caller.person?.id ?? null);
    await erase(tx, caller.organisation.id, personId, by, now);
    return { ok: true } as const;
  });
}

/**
 * Erases again, as the operator, those of these people whose details an older copy of the database has brought back; how
 * many they were. They are erased whatever else is so: they were before.
 */
export async function eraseAgain(
  { database, asOwner }: Pick<Instance, 'database' | 'asOwner'>,
  personIds: readonly string[],
  now: Instant,
): Promise<number> {
  const back = await asOwner(({ db }) => findNotErased(db, personIds));
  for (const { id, organisationId } of back) {
    await database.write({ organisationId, personId: null }, (tx) =>
      erase(tx, organisationId, id, null, now),
    );
  }
  return back.length;
}

async function erase(
  tx: Tx,
  organisationId: string,
  personId: string,
  by: string | null,
  now: Instant,
): Promise<void> {
  await eraseDetails(tx, personId, now);
  await destroySalts(tx, personId);
  await recordAct(tx, { organisationId, personId: by }, 'person.erased', {}, now);
}
