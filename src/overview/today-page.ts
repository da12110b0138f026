import { type KeptAgreement, standingIn } from '../agreements/index.ts';
import { type Entry, type LogTrouble, parseEntry } from '../ledger/index.ts';
import { type Caller, holdsRole, showRoles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { daysBetween, type Instant, londonDay, showDay, showInstant } from '../platform/pure/dates.ts';
import { inOneLine, lowerFirst } from '../platform/pure/words.ts';
import { shortDay, timeLeft } from '../requests/index.ts';
import { mayAsk } from '../requests/rules.ts';
import { showEntry } from './acts.ts';
import { alarmOf } from './alarm.ts';
import { isLater, type Open, type Task, tasksOf } from './today.ts';

/** What Today is made from. `latest` are the newest entries of the organisation's log, newest first. */
export type TodayShown = {
  caller: Caller;
  open: Open;
  latest: readonly Buffer[];
  size: number;
  nameOf: (id: string) => string;
  /** Why the log is not signed; null where it is. */
  trouble: LogTrouble | null;
};

/** Today: what needs whoever is signed in, what waits for others, what happened, and where to start something. */
export function todayPage({ caller, open, latest, size, nameOf, trouble }: TodayShown, now: Instant) {
  const tasks = tasksOf(open, caller, nameOf);
  const mine = tasks.filter((task) => task.whose === 'you');
  const show = (list: Task[]) => list.map((task) => itemOf(task, now));
  const { person, organisation } = caller;
  return {
    alarm: alarmOf(trouble),
    when: [
      `${weekday(now)} ${showInstant(now).replace(' at ', ', ')}`,
      ...(person ? [`${person.name}, ${lowerFirst(showRoles(person.roles))}`] : []),
    ].join('. '),
    needsYou: show(mine.filter((task) => !isLater(task, now))),
    later: show(mine.filter((task) => isLater(task, now))),
    others: show(tasks.filter((task) => task.whose !== 'you' && !isLater(task, now))),
    happened: latest.map((bytes) => eventOf(bytes, nameOf)),
    organisation: organisation.name,
    size,
    agreements: open.agreements
      .filter((one) => one.state !== 'ended')
      .map((one) => agreementOf(one, caller, now)),
    start: [
      ...(holdsRole(caller, mayAsk) && open.agreements.length > 0
        ? [{ text: 'Ask a partner for data', href: paths.newRequest() }]
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
    const thisYear = due.slice(0, 4) === londonDay(now).slice(0, 4);
    return { title, href, why, meta, due: thisYear ? shortDay(due) : showDay(due), ...timeLeft(due, now) };
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

function agreementOf(kept: KeptAgreement, caller: Caller, now: Instant) {
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
