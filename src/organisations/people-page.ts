import { paths } from '../paths.ts';
import { type Instant, londonDay, showDay, showInstant } from '../platform/pure/dates.ts';
import { type Colleague, mayAdminister, mayErase } from './people-rules.ts';
import { type Caller, holdsRole, type Role, roles, showRoles } from './rules.ts';

/** What each role lets one do here, in a line: an administrator chooses by it. */
const allows: Record<Role, string> = {
  practitioner: 'Asks for data, prepares files for release, collects, certifies destruction',
  spoc: 'Does what a practitioner does, and decides requests',
  dpo: 'Asks for data, can erase a person’s details. Advises, and so decides and approves nothing',
  'information-asset-owner':
    'Does what a practitioner does, decides requests, approves what a colleague prepared; signs where the agreement says so',
  siro: 'Decides requests, approves what a colleague prepared; signs where the agreement says so',
  'chief-executive':
    'Decides requests, approves what a colleague prepared; signs where the agreement says so',
  custodian: 'Prepares files for release, collects, certifies destruction',
  signatory: 'Signs where the agreement says so',
  auditor: 'Reads what the organisation is a party to, and its ledger',
  administrator: 'Lets people in, says what they may do, erases',
};

/** Everybody of an organisation; for an administrator, where each stands and a way to add somebody. */
export function peoplePage(all: readonly Colleague[], caller: Caller, now: Instant) {
  const administers = holdsRole(caller, mayAdminister);
  const manages = administers || holdsRole(caller, mayErase);
  return {
    organisation: caller.organisation.name,
    administers,
    manages,
    people: all.map((one) => ({
      name: one.name,
      roles: showRoles(one.roles),
      href: manages ? paths.person(one.id) : null,
      tag: administers ? standingOf(one, now) : null,
      you: one.id === caller.person?.id,
    })),
  };
}

function standingOf({ joined, link }: Colleague, now: Instant) {
  if (joined) return null;
  return link && link.expiresAt > now
    ? { text: 'Invited', classes: 'govuk-tag--blue' }
    : { text: 'Link is over', classes: 'govuk-tag--yellow' };
}

/** The form to let somebody in, with what was typed. */
export function newPersonPage(typed: { name: string; email: string; roles: readonly string[] }) {
  return { typed: { name: typed.name, email: typed.email }, roles: roleItems(typed.roles) };
}

function roleItems(chosen: readonly string[]) {
  return (Object.entries(roles) as [Role, string][]).map(([value, text]) => ({
    value,
    text,
    hint: { text: allows[value] },
    checked: chosen.includes(value),
  }));
}

/** One person, as an administrator or the data protection officer sees them. */
export function personPage(
  person: Colleague,
  all: readonly Colleague[],
  caller: Caller,
  now: Instant,
  chosen: readonly string[] = person.roles,
) {
  const by = all.find((one) => one.id === person.addedBy)?.name;
  return {
    id: person.id,
    name: person.name,
    you: person.id === caller.person?.id,
    administers: holdsRole(caller, mayAdminister),
    joined: person.joined,
    facts: [
      ['Signs in with', person.email],
      ['May act as', showRoles(person.roles)],
      ['Let in', `${showDay(londonDay(person.addedAt))}${by === undefined ? '' : ` by ${by}`}`],
      ['Password', person.joined ? 'Chosen' : 'Not chosen yet'],
      ['One-time link', linkSays(person, now)],
    ],
    link: person.joined
      ? {
          title: 'If they cannot sign in',
          says: 'Make a link with which they choose another password. They are signed out everywhere once they use it.',
          button: 'Make a link for a new password',
        }
      : {
          title: 'If the link has not reached them',
          says: 'Make a new one. The one before stops working.',
          button: 'Make a new link',
        },
    roles: roleItems(chosen),
  };
}

function linkSays({ link }: Colleague, now: Instant): string {
  if (!link) return 'None';
  return link.expiresAt > now ? `Good until ${showInstant(link.expiresAt)}` : 'Over';
}

/** The whole link, shown once to whoever made it. */
export function linkShownPage(person: Pick<Colleague, 'id' | 'name' | 'email'>, url: string) {
  return { name: person.name, email: person.email, url, back: paths.person(person.id) };
}

/** What is lost and what stays, before a person is erased. */
export function erasePage(person: Colleague, caller: Caller) {
  return { id: person.id, name: person.name, you: person.id === caller.person?.id };
}
