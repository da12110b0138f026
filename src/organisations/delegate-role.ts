import type { Database } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type DelegateRole, whyNotDelegate } from './delegation-rules.ts';
import { findDelegation, markEnded, saveDelegation } from './delegation-store.ts';
import { mayAdminister } from './people-rules.ts';
import { findColleague, lockPeople } from './people-store.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller, holdsRole } from './rules.ts';

/**
 * Hands a role of the caller's own to a colleague for some days. It gives nothing before its first day or after its last,
 * judged whenever somebody acts; nor once whoever gave it has lost the role or is erased.
 */
export async function delegateRole(
  database: Database,
  caller: Caller,
  given: DelegateRole,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; id: string } | Refusal> {
  const giverId = caller.person?.id;
  if (giverId === undefined) {
    return refuse(
      'no-authority',
      'delegation.needs-person',
      'A person hands a role on, not the command line.',
    );
  }
  return database.write(actorOf(caller), (tx) =>
    once(tx, key, ['role.delegate', given], async () => {
      await lockPeople(tx);
      const giver = await findColleague(tx, giverId);
      if (!giver) return noSuchDelegation;
      const refused = whyNotDelegate(given, giver, await findColleague(tx, given.to), londonDay(now));
      if (refused) return refused;
      const { role, to, from, until } = given;
      const delegation = {
        id: newId(),
        from: giverId,
        to,
        role,
        fromDay: from,
        untilDay: until,
        givenAt: now,
      };
      await saveDelegation(tx, delegation);
      const detail = { delegation: delegation.id, from, role, until };
      await recordAct(tx, actorOf(caller), 'role.delegated', detail, now, to);
      return { ok: true, id: delegation.id } as const;
    }),
  );
}

/** Ends a delegation before its last day: whoever gave it, whoever holds it, or an administrator. */
export async function endDelegation(
  database: Database,
  caller: Caller,
  id: string,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  return database.write(actorOf(caller), async (tx) => {
    await lockPeople(tx);
    const found = await findDelegation(tx, id);
    if (!found) return noSuchDelegation;
    const isTheirs = [found.from, found.to].some((one) => one === caller.person?.id);
    if (!isTheirs && !holdsRole(caller, mayAdminister)) return notYoursToEnd;
    if (found.untilDay < londonDay(now) || !(await markEnded(tx, id, caller.person?.id ?? null, now))) {
      return refuse('conflict', 'delegation.over', 'This delegation is over already.');
    }
    await recordAct(tx, actorOf(caller), 'role.delegation-ended', { delegation: id }, now);
    return { ok: true } as const;
  });
}

const noSuchDelegation = refuse(
  'not-found',
  'delegation.not-found',
  'There is no such delegation in your organisation.',
);

const notYoursToEnd = refuse(
  'no-authority',
  'delegation.end-no-authority',
  'Whoever gave a role, whoever holds it, and an administrator can end a delegation.',
);
