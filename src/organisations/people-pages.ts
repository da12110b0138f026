import { paths } from '../paths.ts';
import { rememberGone } from '../platform/gone.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { refuseForm } from '../platform/refusal.ts';
import { addPerson, renewLink } from './add-person.ts';
import { changeRoles } from './change-roles.ts';
import { erasePerson } from './erase-person.ts';
import type { Invited } from './links.ts';
import { erasePage, linkShownPage, newPersonPage, peoplePage, personPage } from './people-page.ts';
import {
  AddPerson,
  ChangeRoles,
  type Colleague,
  mayAdminister,
  mayErase,
  noSuchPerson,
  notAdministrator,
  notYoursToErase,
} from './people-rules.ts';
import { findColleague, findColleagues } from './people-store.ts';
import { actorOf, type Caller, callerOf, holdsRole } from './rules.ts';

/** Who is in an organisation: everybody sees who, its administrators say who and what they may do. */
export function peopleRoutes(instance: Instance): Route[] {
  return [
    ...listRoutes(instance),
    ...addRoutes(instance),
    ...personRoutes(instance),
    ...eraseRoutes(instance),
  ];
}

function listRoutes({ database }: Instance): Route[] {
  const list = async ({ visitor, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const all = await database.read(actorOf(caller), findColleagues);
    return { page: 'people.njk', model: peoplePage(all, caller, now) };
  };
  return [{ method: 'GET', path: paths.people(), who: 'signed-in', handle: list }];
}

function addRoutes(instance: Instance): Route[] {
  const typedIn = (sent: Exchange['form']) => ({
    name: fieldOf(sent, 'name'),
    email: fieldOf(sent, 'email'),
    roles: listOf(sent['roles']),
  });
  const form = async ({ visitor, form: sent }: Exchange): Promise<Answer> =>
    holdsRole(callerOf(visitor), mayAdminister)
      ? { page: 'new-person.njk', model: newPersonPage(typedIn(sent)) }
      : { refused: notAdministrator };

  const add = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, form: sent, idempotencyKey, now } = exchange;
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayAdminister)) return { refused: notAdministrator };
    const typed = typedIn(sent);
    const page = { page: 'new-person.njk', model: newPersonPage(typed) };
    const read = AddPerson.safeParse(typed);
    if (!read.success) return { refused: refuseForm('person', read.error.issues), ...page };
    const added = await addPerson(instance, caller, read.data, idempotencyKey, now);
    return added.ok ? showLink(instance, caller, added, exchange) : { refused: added, ...page };
  };

  const renew = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, params, idempotencyKey, now } = exchange;
    const caller = callerOf(visitor);
    const made = await renewLink(instance, caller, params['id'] ?? '', idempotencyKey, now);
    return made.ok ? showLink(instance, caller, made, exchange) : { refused: made };
  };

  return [
    { method: 'GET', path: paths.newPerson(), who: 'signed-in', handle: form },
    { method: 'POST', path: paths.people(), who: 'signed-in', proveFirst: form, handle: add },
    {
      method: 'POST',
      path: paths.personLink(':id'),
      who: 'signed-in',
      proveFirst: (exchange) => showPerson(instance, exchange),
      handle: renew,
    },
  ];
}

// Not at an address of its own: what is there once is not there again, and a link is never kept to be shown.
export async function showLink(
  { database }: Instance,
  caller: Caller,
  { id, token }: Invited,
  { origin }: Exchange,
): Promise<Answer> {
  const person = await database.read(actorOf(caller), (db) => findColleague(db, id));
  if (!person) return { refused: noSuchPerson };
  if (token === null) {
    const notice = `The link for ${person.name} was shown when you first sent that form. If you have not got it, make a new one.`;
    return { goTo: paths.person(id), notice };
  }
  return { page: 'link-shown.njk', model: linkShownPage(person, origin + paths.link(token)) };
}

function personRoutes(instance: Instance): Route[] {
  const show = (exchange: Exchange) => showPerson(instance, exchange);

  const change = async ({ visitor, params, form, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const id = params['id'] ?? '';
    if (!holdsRole(caller, mayAdminister)) return { refused: notAdministrator };
    const found = await findAmong(instance, caller, id);
    if (!found) return { refused: noSuchPerson };
    const chosen = listOf(form['roles']);
    const page = { page: 'person.njk', model: personPage(found.person, found.all, caller, now, chosen) };
    const read = ChangeRoles.safeParse({ roles: chosen });
    if (!read.success) return { refused: refuseForm('person', read.error.issues), ...page };
    const changed = await changeRoles(instance.database, caller, id, read.data.roles, now);
    if (!changed.ok) return { refused: { ...changed, field: 'roles' }, ...page };
    const { name } = found.person;
    const notice = changed.changed
      ? `What ${name} may do is changed, from their next page on.`
      : `Nothing is changed: ${name} has these roles already.`;
    // Whoever is no longer an administrator has no page of a person any more.
    const stays = id !== caller.person?.id || read.data.roles.some((role) => mayErase.includes(role));
    return { goTo: stays ? paths.person(id) : paths.people(), notice };
  };

  return [
    { method: 'GET', path: paths.person(':id'), who: 'signed-in', handle: show },
    { method: 'POST', path: paths.personRoles(':id'), who: 'signed-in', proveFirst: show, handle: change },
  ];
}

/** A person's page, with the roles that were chosen on it where a form came back. */
async function showPerson(instance: Instance, { visitor, params, form, now }: Exchange): Promise<Answer> {
  const caller = callerOf(visitor);
  if (!holdsRole(caller, mayErase)) return { refused: notAdministrator };
  const found = await findAmong(instance, caller, params['id'] ?? '');
  if (!found) return { refused: noSuchPerson };
  const chosen = form['roles'] === undefined ? [] : [listOf(form['roles'])];
  return { page: 'person.njk', model: personPage(found.person, found.all, caller, now, ...chosen) };
}

function eraseRoutes(instance: Instance): Route[] {
  const find = async (caller: Caller, id: string) => {
    const person = await instance.database.read(actorOf(caller), (db) => findColleague(db, id));
    return person && { page: 'erase-person.njk', model: erasePage(person, caller) };
  };

  const show = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayErase)) return { refused: notYoursToErase };
    const found = await find(caller, params['id'] ?? '');
    return found ?? { refused: noSuchPerson };
  };

  const erase = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const id = params['id'] ?? '';
    const erased = await erasePerson(instance.database, caller, id, now);
    if (!erased.ok) {
      const page = erased.kind === 'conflict' ? await find(caller, id) : null;
      return { refused: erased, ...page };
    }
    await rememberGone(instance.folders.data, 'person', [id]);
    if (id === caller.person?.id) {
      return { goTo: paths.signIn(), endSession: true, notice: 'Your details are erased.' };
    }
    const notice = 'Their details are erased. What they did stays in the ledger, without them.';
    return { goTo: paths.people(), notice };
  };

  const path = paths.erasePerson(':id');
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', proveFirst: show, handle: erase },
  ];
}

async function findAmong(
  { database }: Instance,
  caller: Caller,
  id: string,
): Promise<{ person: Colleague; all: Colleague[] } | null> {
  const all = await database.read(actorOf(caller), findColleagues);
  const person = all.find((one) => one.id === id);
  return person ? { person, all } : null;
}

function listOf(sent: string | string[] | undefined): string[] {
  return sent === undefined ? [] : [sent].flat();
}
