import { paths } from '../paths.ts';
import { type Exchange, fieldOf } from '../platform/http/index.ts';
import { type Day, showDay } from '../platform/pure/dates.ts';
import { type Delegation, longestDelegation } from './delegation-rules.ts';
import { type Colleague, mayAdminister } from './people-rules.ts';
import { type Caller, holdsRole, type Role, roles } from './rules.ts';

type TypedDate = { day: string; month: string; year: string };

/** What was typed to hand a role on. */
export type TypedDelegation = { role: string; to: string; from: TypedDate; until: TypedDate };

/** Reads what was typed. */
export function typedIn(form: Exchange['form']): TypedDelegation {
  const dateIn = (name: string): TypedDate => ({
    day: fieldOf(form, `${name}-day`),
    month: fieldOf(form, `${name}-month`),
    year: fieldOf(form, `${name}-year`),
  });
  return {
    role: fieldOf(form, 'role'),
    to: fieldOf(form, 'to'),
    from: dateIn('from'),
    until: dateIn('until'),
  };
}

/** What was typed, in the form of the message `DelegateRole`. A date that is none stays one, for the schema to refuse. */
export function messageOf({ role, to, from, until }: TypedDelegation) {
  const dayOf = ({ day, month, year }: TypedDate) =>
    `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return { role, to, from: dayOf(from), until: dayOf(until) };
}

/** Nothing typed yet: from today. */
export function untyped(today: Day): TypedDelegation {
  const [year = '', month = '', day = ''] = today.split('-').map((part) => part.replace(/^0/, ''));
  return { role: '', to: '', from: { day, month, year }, until: { day: '', month: '', year } };
}

/** The roles that are handed on in an organisation now or soon, and the form for whoever has one to hand on. */
export function delegationsPage(
  open: readonly Delegation[],
  all: readonly Colleague[],
  caller: Caller,
  typed: TypedDelegation,
  today: Day,
) {
  const me = all.find((one) => one.id === caller.person?.id);
  const nameOf = (id: string) => all.find((one) => one.id === id)?.name ?? 'Somebody who is erased';
  const givers = new Map(all.map((one) => [one.id, one.roles]));
  const own = (me?.roles ?? []).filter((role) => role !== 'administrator');
  return {
    delegations: open.map((one) => ({
      title: roles[one.role],
      says: `${nameOf(one.from)} to ${nameOf(one.to)}, ${showDay(one.fromDay)} to the end of ${showDay(one.untilDay)}`,
      tag: standingOf(one, (givers.has(one.to) && givers.get(one.from)) || [], today),
      end:
        one.from === me?.id || one.to === me?.id || holdsRole(caller, mayAdminister)
          ? paths.endDelegation(one.id)
          : null,
    })),
    roles: own.map((value) => ({ value, text: roles[value], checked: typed.role === value })),
    colleagues: [
      { value: '', text: 'Choose a colleague' },
      ...all
        .filter((one) => one.id !== me?.id)
        .map((one) => ({ value: one.id, text: one.name, selected: typed.to === one.id })),
    ],
    typed,
    longest: longestDelegation,
  };
}

function standingOf(one: Delegation, giversRoles: readonly Role[], today: Day) {
  if (!giversRoles.includes(one.role)) return { text: 'Gives nothing', classes: 'govuk-tag--grey' };
  return one.fromDay <= today
    ? { text: 'Now', classes: 'govuk-tag--green' }
    : { text: 'Not begun', classes: 'govuk-tag--blue' };
}
