import { integrateOwn, integratePending } from '../ledger/index.ts';
import { paths } from '../paths.ts';
import {
  type CommandAt,
  command,
  exits,
  type Outcome,
  oneOfSeveral,
  optionalValue,
  refusedOutcome,
  value,
} from '../platform/command.ts';
import { rememberGone } from '../platform/gone.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { addOrganisation } from './add-organisation.ts';
import { addPerson, renewLink } from './add-person.ts';
import { changeRoles } from './change-roles.ts';
import { erasePerson } from './erase-person.ts';
import type { Invited } from './links.ts';
import { openFor, openToAct } from './open-for.ts';
import { AddOrganisation, AddPerson, ChangeRoles, linkHours } from './people-rules.ts';
import { findColleagues } from './people-store.ts';
import { resetSignIn } from './reset-sign-in.ts';
import { actorOf, Role, showRoles } from './rules.ts';
import { findPublicOrganisations } from './store.ts';

const as = value('ORG', 'The organisation you act for, by its short name');
const role = oneOfSeveral(Role.options, `A role; give it again for another: ${Role.options.join(', ')}`);
const service = {
  ...optionalValue('URL', 'Where people find the service, to print the whole link'),
  parse: (text: string) => new URL(text).href,
};
const personArgument = [{ brief: 'The id of the person: see people list', placeholder: 'PERSON' }] as const;

export const peopleAdd = command<{ as: string; name: string; email: string; role: Role[]; service?: string }>(
  {
    brief: 'Let somebody in: prints a link with which they choose a password, once',
    flags: {
      as,
      name: value('NAME', 'Their full name'),
      email: value('ADDRESS', 'The address they sign in with'),
      role,
      service,
    },
    run: async (at, flags) => {
      const given = AddPerson.safeParse({ name: flags.name, email: flags.email, roles: flags.role });
      if (!given.success) return refusedOutcome(unusable(given.error));
      const opened = await openToAct(at, flags.as);
      if (!opened.ok) return refusedOutcome(opened);
      const added = await addPerson(opened.instance, opened.caller, given.data, null, at.now);
      return added.ok ? showLink(at, added, flags.service, {}) : refusedOutcome(added);
    },
  },
);

export const peopleList = command<{ as: string }>({
  brief: 'Who is in an organisation, with their ids and roles',
  flags: { as },
  run: async (at, flags) => {
    const opened = await openFor(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const all = await opened.instance.database.read(actorOf(opened.caller), findColleagues);
    const people = all.map(({ id, name, email, roles, joined, link }) => ({
      id,
      name,
      email,
      roles,
      joined,
      link: link && link.expiresAt > at.now ? link : null,
    }));
    const lines = people.map(
      (one) =>
        `${one.id}  ${one.name}, ${one.email}\n    ${showRoles(one.roles)}${one.joined ? '' : '. Has not chosen a password'}`,
    );
    return { exit: exits.done, json: { people } as Json, text: lines.join('\n') || 'Nobody.' };
  },
});

export const peopleRoles = command<{ as: string; role: Role[] }, [string]>({
  brief: 'Say anew what somebody may do',
  full: 'The roles given are all that the person has from their next page on.',
  flags: { as, role },
  args: [...personArgument],
  run: async (at, flags, person) => {
    const given = ChangeRoles.safeParse({ roles: flags.role });
    if (!given.success) return refusedOutcome(unusable(given.error));
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    const { roles } = given.data;
    const changed = await changeRoles(instance.database, caller, person, roles, at.now);
    if (!changed.ok) return refusedOutcome(changed);
    await integrateOwn(instance, caller.organisation.id);
    return {
      exit: exits.done,
      json: { person, roles, changed: changed.changed },
      text: `${person} may now act as: ${showRoles(roles).toLowerCase()}.`,
    };
  },
});

export const peopleLink = command<{ as: string; service?: string }, [string]>({
  brief: 'Make somebody a new one-time link, in place of the one they had',
  flags: { as, service },
  args: [...personArgument],
  run: async (at, flags, person) => {
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const made = await renewLink(opened.instance, opened.caller, person, null, at.now);
    return made.ok ? showLink(at, made, flags.service, {}) : refusedOutcome(made);
  },
});

export const peopleResetSignIn = command<{ as: string; service?: string }, [string]>({
  brief: 'Take away how somebody signs in, and make them a link to start anew',
  full: 'For whoever lost their phone and has no recovery code. Their password, authenticator app and recovery codes are gone, and their sessions are over at once.',
  flags: { as, service },
  args: [...personArgument],
  run: async (at, flags, person) => {
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const reset = await resetSignIn(opened.instance, opened.caller, person, null, at.now);
    return reset.ok ? showLink(at, reset, flags.service, {}) : refusedOutcome(reset);
  },
});

export const peopleErase = command<{ as: string }, [string]>({
  brief: 'Erase a person’s details; what they did stays in the log, without them',
  flags: { as },
  args: [...personArgument],
  run: async (at, flags, person) => {
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    const erased = await erasePerson(instance.database, caller, person, at.now);
    if (!erased.ok) return refusedOutcome(erased);
    await rememberGone(instance.folders.data, 'person', [person]);
    await integrateOwn(instance, caller.organisation.id);
    return {
      exit: exits.done,
      json: { erased: person },
      text: 'The details are erased, and the salts that tied this person to the log are destroyed. The log still verifies.',
    };
  },
});

type NewOrganisation = { name: string; administrator: string; email: string; service?: string };

export const organisationsAdd = command<NewOrganisation, [string]>({
  brief: 'Add a public body, and print the link with which its first administrator joins',
  flags: {
    name: value('NAME', 'Its name, as partners and the public know it'),
    administrator: value('NAME', 'The full name of its first administrator'),
    email: value('ADDRESS', 'The address they sign in with'),
    service,
  },
  args: [{ brief: 'Its short name, such as westmarch-police; it cannot be changed', placeholder: 'SLUG' }],
  run: async (at, { service: url, ...flags }, slug) => {
    const given = AddOrganisation.safeParse({ ...flags, slug });
    if (!given.success) return refusedOutcome(unusable(given.error));
    const instance = await at.instance('command');
    const added = await addOrganisation(instance, given.data, at.now);
    return added.ok ? showLink(at, added, url, { organisation: given.data.slug }) : refusedOutcome(added);
  },
});

export const organisationsList = command({
  brief: 'The public bodies of this instance, and how many people each has',
  flags: {},
  run: async (at) => {
    const { database } = await at.instance('command');
    const known = await database.read(null, findPublicOrganisations);
    const counted = known.map(async ({ id, slug, name }) => {
      const people = await database.read({ organisationId: id, personId: null }, findColleagues);
      const administrators = people.filter((one) => one.joined && one.roles.includes('administrator'));
      return { slug, name, people: people.length, administrators: administrators.length };
    });
    const organisations = await Promise.all(counted);
    const lines = organisations.map(
      (one) =>
        `${one.slug}  ${one.name}\n    people ${one.people}, administrators who have joined ${one.administrators}`,
    );
    return { exit: exits.done, json: { organisations }, text: lines.join('\n') || 'None yet.' };
  },
});

/** The link, the only time it is seen. */
async function showLink(
  at: CommandAt,
  { id, token }: Invited,
  url: string | undefined,
  more: { [name: string]: Json },
): Promise<Outcome> {
  const instance = await at.instance('command');
  // Not integrateOwn: whatever became of that, a link that is not shown now is lost.
  await integratePending(instance);
  const path = paths.link(token ?? '');
  const link = url === undefined ? path : new URL(path, url).href;
  const where = url === undefined ? ', after the address of the service' : '';
  return {
    exit: exits.done,
    json: { ...more, person: id, link, hours: linkHours },
    text: `${link}\n\nGive it to them, in a way that only they read${where}. It works once, for ${linkHours} hours, and is not shown again.`,
  };
}

function unusable(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): Refusal {
  const says = error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}.`).join('\n');
  return refuse('invalid', 'people.unusable', says);
}
