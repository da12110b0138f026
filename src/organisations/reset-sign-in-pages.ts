import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { showLink } from './people-pages.ts';
import { mayAdminister, noSuchPerson, notAdministrator } from './people-rules.ts';
import { findColleague } from './people-store.ts';
import { resetSignIn } from './reset-sign-in.ts';
import { actorOf, callerOf, holdsRole } from './rules.ts';

/** Resetting how a colleague signs in: a page that says what it does, and the link that they start anew with. */
export function resetRoutes(instance: Instance): Route[] {
  const show = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayAdminister)) return { refused: notAdministrator };
    const id = params['id'] ?? '';
    const person = await instance.database.read(actorOf(caller), (db) => findColleague(db, id));
    if (!person) return { refused: noSuchPerson };
    return { page: 'reset-sign-in.njk', model: { id, name: person.name } };
  };

  const reset = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, params, idempotencyKey, now } = exchange;
    const caller = callerOf(visitor);
    const made = await resetSignIn(instance, caller, params['id'] ?? '', idempotencyKey, now);
    return made.ok ? showLink(instance, caller, made, exchange) : { refused: made };
  };

  const path = paths.resetSignIn(':id');
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', proveFirst: show, handle: reset },
  ];
}
