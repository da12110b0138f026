import type { Database } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Refusal } from '../platform/refusal.ts';
import { leavesNobody, mayAdminister, noSuchPerson, notAdministrator } from './people-rules.ts';
import { countOtherAdministrators, findColleague, lockPeople, saveRoles } from './people-store.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller, holdsRole, type Role } from './rules.ts';

/**
 * Says anew what somebody may do: from their next page on. The log says which roles they had and have. Saying the same
 * again changes nothing and is no entry.
 */
export async function changeRoles(
  database: Database,
  caller: Caller,
  personId: string,
  roles: Role[],
  now: Instant,
): Promise<{ ok: true; changed: boolean } | Refusal> {
  if (!holdsRole(caller, mayAdminister)) return notAdministrator;
  return database.write(actorOf(caller), async (tx) => {
    await lockPeople(tx);
    const person = await findColleague(tx, personId);
    if (!person) return noSuchPerson;
    const stuck = leavesNobody(person, roles, await countOtherAdministrators(tx, personId));
    if (stuck) return stuck;
    if (roles.join() === person.roles.join()) return { ok: true, changed: false } as const;
    await saveRoles(tx, personId, roles);
    const detail = { before: person.roles, roles };
    await recordAct(tx, actorOf(caller), 'person.roles-changed', detail, now, personId);
    return { ok: true, changed: true } as const;
  });
}
