import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Invited, makeLink, onceWithLink } from './links.ts';
import { mayAdminister, noSuchPerson, notAdministrator } from './people-rules.ts';
import { findColleague, forgetPassword, lockPeople } from './people-store.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller, holdsRole } from './rules.ts';
import { deleteSignIn } from './session-store.ts';

/**
 * Takes away how somebody signs in, for whoever lost their phone and has no recovery code, and makes them a link to start
 * anew. The password goes as well: with the app gone, it alone would let anybody who knows it set up theirs. It is an entry
 * in the log, because whoever holds the link can become them. Nobody does it to themselves.
 */
export async function resetSignIn(
  { database }: Pick<Instance, 'database'>,
  caller: Caller,
  personId: string,
  key: string | null,
  now: Instant,
): Promise<Invited | Refusal> {
  if (!holdsRole(caller, mayAdminister)) return notAdministrator;
  if (caller.person?.id === personId) return notYourOwn;
  return onceWithLink(database, caller, key, ['person.reset-sign-in', personId], async (tx) => {
    await lockPeople(tx);
    const person = await findColleague(tx, personId);
    if (!person) return noSuchPerson;
    await deleteSignIn(tx, person.id);
    await forgetPassword(tx, person.id);
    const token = await makeLink(tx, person.id, 'reset', now);
    await recordAct(tx, actorOf(caller), 'person.sign-in-reset', {}, now, person.id);
    return { ok: true, id: person.id, token };
  });
}

const notYourOwn = refuse(
  'no-authority',
  'person.reset-own',
  'You cannot reset your own sign-in. Change your password or your app under “Your sign-in”, or ask another administrator.',
);
