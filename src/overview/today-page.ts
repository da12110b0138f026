import { type ListedAgreement, standingIn } from '../agreements/index.ts';
import { type Entry, type LogTrouble, parseEntry } from '../ledger/index.ts';
import { mayAdminister } from '../organisations/index.ts';
import { type Caller, holdsRole, showRoles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { showCount } from '../platform/list-page.ts';
import { daysBetween, type Instant, londonDay, showInstant } from '../platform/pure/dates.ts';
import { inOneLine, lowerFirst } from '../platform/pure/words.ts';
import { shortDay, timeLeft } from '../requests/index.ts';
import { mayAsk } from '../requests/rules.ts';
import { showEntry } from './acts.ts';
import { alarmOf } from './alarm.ts';
import { maySeeSafety } from './safety-page.ts';
import { isLater, type Open, type Task, tasksOf } from './today.ts';

/** How many of each kind wait for the organisation, counted to one past a hundred. */
type Work = Record<'decide' | 'prepare' | 'approve' | 'collect' | 'destroy' | 'sign', number>;

/**
 * What Today is made from. `current` are the agreements that end soonest, `latest` the newest entries of the organisation's
 * log, newest first.
 */
export type TodayShown = {
  caller: Caller;
  open: Open;
  work: Work;
  current: readonly ListedAgreement[];
  latest: readonly Buffer[];
  size: number;
  nameOf: (id: string) => string;
  /** Why the log is not signed; null where it is. */
  trouble: LogTrouble | null;
};

/** How many things to do Today shows of what needs you; of what is for later or for others it shows half as many. */
export const mostTasks = 10;

const works: { kind: keyof Work; text: string; href: string }[] = [
  { kind: 'decide', text: 'Requests to decide', href: paths.requests({ list: 'ours' }) },
  {
    kind: 'prepare',
    text: 'Requests agreed, to prepare and approve',
    href: paths.requests({ list: 'ours' }),
  },
  { kind: 'approve', text: 'Releases to approve', href: paths.releases({ list: 'approve' }) },
  { kind: 'collect', text: 'Releases to collect', href: paths.releases({ list: 'collect' }) },
  { kind: 'destroy', text: 'Data to destroy within 30 days', href: paths.releases({ list: 'kept' }) },
  { kind: 'sign', text: 'Agreements to be signed', href: paths.agreements({ list: 'draft' }) },
];

/** Today: what needs whoever is signed in, what waits for others, what happened, and where to start something. */
export function todayPage(shown: TodayShown, now: Instant) {
  const { caller, open, work, current, latest, size, nameOf, trouble } = shown;
  const tasks = tasksOf(open, caller, nameOf);
  const mine = tasks.filter((task) => task.whose === 'you');
  const show = (list: Task[], most: number) => ({
    items: list.slice(0, most).map((task) => itemOf(task, now)),
    says:
      list.length > most
        ? `The ${most} most urgent. The rest are under Requests, Releases and Agreements`
        : null,
  });
  const { person, organisation } = caller;
  return {
    alarm: alarmOf(trouble),
    when: [
      `${weekday(now)} ${showInstant(now).replace(' at ', ', ')}`,
      ...(person ? [`${person.name}, ${lowerFirst(showRoles(person.roles))}`] : []),
    ].join('. '),
    needsYou: show(
      mine.filter((task) => !isLater(task, now)),
      mostTasks,
    ),
    later: show(
      mine.filter((task) => isLater(task, now)),
      mostTasks / 2,
    ),
    others: show(
      tasks.filter((task) => task.whose !== 'you' && !isLater(task, now)),
      mostTasks / 2,
    ),
    work: works.flatMap(({ kind, text, href }) =>
      work[kind] > 0 ? [{ text, href, count: showCount(work[kind]) }] : [],
    ),
    happened: latest.map((bytes) => eventOf(bytes, nameOf)),
    organisation: organisation.name,
    size,
    agreements: current.map((one) => agreementOf(one, caller, now)),
    start: [
      ...(holdsRole(caller, mayAsk) && current.length > 0
        ? [{ text: 'Ask a partner for data', href: paths.newRequest() }]
        : []),
      ...(holdsRole(caller, mayAdminister) ? [{ text: 'Let a colleague in', href: paths.newPerson() }] : []),
      ...(holdsRole(caller, maySeeSafety)
        ? [{ text: 'See what is not safe yet', href: paths.safety() }]
        : []),
      { text: 'Read your agreements', href: paths.agreements() },
      { text: 'Check a package or a receipt offline', href: `${paths.help()}#verify` },
      { text: 'Get a partner’s public keys', href: paths.keys() },
    ],
  };
}

function itemOf(task: Task, now: Instant) {
  const { title, href, why, meta, due, since } = task;
  if (due !== null) {
    return { title, href, why, meta, due: shortDay(due, now), ...timeLeft(due, now) };
  }
  const days = daysBetween(since, londonDay(now));
  const left = days === 0 ? 'since today' : `for ${days} ${days === 1 ? 'day' : 'days'}`;
  return { title, href, why, meta, due: 'Waiting', left, soon: false };
}

function eventOf(bytes: Buffer, nameOf: (id: string) => string) {
  const entry: Entry | null = parseEntry(bytes);
  if (!entry) throw new Error('A log holds what is not an entry');
  const { title, says, link } = showEntry(entry, nameOf);
  return { title, when: showInstant(entry.at), says, link };
}

function agreementOf(kept: ListedAgreement, caller: Caller, now: Instant) {
  const { agreement } = kept;
  const others = agreement.parties.filter((party) => party.organisation !== caller.organisation.slug);
  const standing = standingIn(kept, londonDay(now));
  return {
    text: agreement.reference,
    href: paths.agreement(agreement.reference),
    says: `with ${inOneLine(others.map((party) => party.legalName))}`,
    left: `${standing.text}. ${standing.left}`,
  };
}

function weekday(now: Instant): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', weekday: 'long' }).format(
    new Date(now),
  );
}
