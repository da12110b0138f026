import { type Day, daysBetween } from '../../platform/pure/dates.ts';
import type { Linted } from '../lint/lint.ts';
import type { LintLaw } from '../lint/lint-law.ts';

/** A part that an agreement must have, by its id in law/components.yaml. */
export type Part = { id: string; title: string };

/** What is to be known of one agreement among many. `file` is its path from the folder. */
export type Row = {
  file: string;
  title: string | null;
  parties: string[];
  startsOn: Day | null;
  signedOn: Day[];
  signedAfterStart: boolean;
  lastReview: Day | null;
  /** A review was due on this day, which is so many days ago, and none since is recorded. */
  overdue: { since: Day; days: number } | null;
  nextReview: Day | null;
  /** Of all parts that an agreement can have. */
  present: number;
  weak: number;
  missing: number;
  /** The parts that must be there and are not, first those without which sharing is hardest to defend. */
  missingMust: Part[];
  /** Law that it cites and that is repealed. */
  repealed: { act: string; since: Day }[];
  outdated: { error: number; warning: number; info: number };
  faults: number;
  /** What nobody has accepted or answered yet in a Word file; pages of a PDF that are pictures were not read. */
  unsettled: { changes: number; comments: number; pictures: number };
  /** How many grave things there are to do: by it the agreements are sorted. */
  grave: number;
};

// UK GDPR Article 5(1): lawful (a), for a purpose (b), no more than needed (c), not for longer (e), secure (f); then people's rights, and Article 33.
const first = ['C10', 'C09', 'C05', 'C08', 'C29', 'C26', 'C18', 'C19', 'C31'];

/** What is to be known of an agreement that was linted as of a day. */
export function rowOf(file: string, found: Linted, law: LintLaw, asOf: Day): Row {
  const { title, parties, components, dates, logic, markup } = found;
  const count = (status: string) => components.filter((one) => one.status === status).length;
  const has = (fault: string) => logic.some(({ id }) => id === fault);
  const graved = (severity: string) => found.outdated.filter((one) => one.severity === severity).length;
  const marked = (...kinds: string[]) => markup.filter(({ kind }) => kinds.includes(kind)).length;
  const missing = new Set(components.flatMap(({ id, status }) => (status === 'missing' ? [id] : [])));
  const missingMust = law.components
    .filter(({ id, importance }) => importance === 'must' && missing.has(id))
    .map(({ id, title: called }) => ({ id, title: called }))
    .sort((one, other) => rank(one.id) - rank(other.id));
  const { overdueSince: since, nextReview } = dates;
  // Since the first review that was due and not made, not since the last: it was due all the time between.
  const overdue = since === null ? null : { since, days: daysBetween(since, asOf) };
  const repealed = repealedIn(found, law);
  return {
    file,
    title,
    parties,
    startsOn: dates.commencement,
    signedOn: [...new Set(dates.signatures)].sort(),
    signedAfterStart: has('signed-after-start'),
    lastReview: dates.reviewsRecorded.toSorted().at(-1) ?? null,
    overdue,
    nextReview,
    present: count('present'),
    weak: count('weak'),
    missing: count('missing'),
    missingMust,
    repealed,
    outdated: { error: graved('error'), warning: graved('warning'), info: graved('info') },
    faults: logic.length,
    unsettled: {
      changes: marked('inserted', 'deleted'),
      comments: marked('comment'),
      pictures: marked('picture'),
    },
    grave:
      missingMust.length +
      repealed.length +
      (overdue ? 1 : 0) +
      (has('signed-after-start') ? 1 : 0) +
      found.outdated.filter(({ id, severity }) => severity === 'error' && !(id in law.repealed)).length,
  };
}

const rank = (id: string) => (first.includes(id) ? first.indexOf(id) : first.length);

function repealedIn({ outdated }: Linted, { repealed }: LintLaw): Row['repealed'] {
  const acts = outdated.flatMap(({ id, since }): [string, Day][] => {
    const act = repealed[id];
    return act === undefined || since === null ? [] : [[act, since]];
  });
  return [...new Map(acts)].map(([act, since]) => ({ act, since }));
}

/** Which agreement needs work before another: more grave things; of as many, longer overdue; then more out of date. */
export function neededFirst(one: Row, other: Row): number {
  const rest = ({ outdated, weak, faults }: Row) => outdated.warning + weak + faults;
  return (
    other.grave - one.grave ||
    (other.overdue?.days ?? 0) - (one.overdue?.days ?? 0) ||
    rest(other) - rest(one) ||
    (one.file < other.file ? -1 : 1)
  );
}
