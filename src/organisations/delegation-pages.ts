import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { refuseForm } from '../platform/refusal.ts';
import { delegateRole, endDelegation } from './delegate-role.ts';
import { delegationsPage, messageOf, type TypedDelegation, typedIn, untyped } from './delegation-page.ts';
import { DelegateRole } from './delegation-rules.ts';
import { findDelegations } from './delegation-store.ts';
import { findColleagues } from './people-store.ts';
import { actorOf, type Caller, callerOf } from './rules.ts';

/** Handing a role on for some days, and taking it back. Everybody of an organisation sees who acts for whom. */
export function delegationRoutes({ database }: Instance): Route[] {
  const page = (caller: Caller, typed: TypedDelegation, now: Exchange['now']) =>
    database.read(actorOf(caller), async (db) => {
      const today = londonDay(now);
      const [open, all] = [await findDelegations(db, today), await findColleagues(db)];
      return { page: 'delegations.njk', model: delegationsPage(open, all, caller, typed, today) };
    });

  const show = ({ visitor, now }: Exchange): Promise<Answer> =>
    page(callerOf(visitor), untyped(londonDay(now)), now);

  const give = async ({ visitor, form, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const typed = typedIn(form);
    const read = DelegateRole.safeParse(messageOf(typed));
    if (!read.success) {
      return { refused: refuseForm('delegation', read.error.issues), ...(await page(caller, typed, now)) };
    }
    const given = await delegateRole(database, caller, read.data, idempotencyKey, now);
    if (!given.ok) return { refused: given, ...(await page(caller, typed, now)) };
    return { goTo: paths.delegations(), notice: 'The role is handed on. It ends by itself on its last day.' };
  };

  // The page that was sent, once more, with what was chosen.
  const again = ({ visitor, form, now }: Exchange): Promise<Answer> =>
    page(callerOf(visitor), typedIn(form), now);

  const end = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const ended = await endDelegation(database, callerOf(visitor), params['id'] ?? '', now);
    if (!ended.ok) return { refused: ended };
    return { goTo: paths.delegations(), notice: 'The delegation is ended. It gives nothing from now on.' };
  };

  return [
    { method: 'GET', path: paths.delegations(), who: 'signed-in', handle: show },
    { method: 'POST', path: paths.delegations(), who: 'signed-in', proveFirst: again, handle: give },
    { method: 'POST', path: paths.endDelegation(':id'), who: 'signed-in', handle: end },
  ];
}
