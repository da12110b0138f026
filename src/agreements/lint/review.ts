import type { Day } from '../../platform/pure/dates.ts';
import { lineAt, type Reading, type Sentence } from '../read/reading.ts';
import { daysIn, type FoundDay, monthNamed } from './days.ts';

/**
 * What a document says of when it is looked at again: months after its start to the first review, months between reviews (counted from the
 * first one, or `fromStart`), and the next one.
 */
export type ReviewRule = {
  first: number | null;
  every: number | null;
  fromStart: boolean;
  /** In which month (from 1), where it is the same every year. */
  month: number | null;
  next: Day | null;
  line: number;
};

/** The days on which a review is said to have been made. A month is its first day. */
export function recordedReviews({ sentences }: Reading): { day: Day; line: number }[] {
  return sentences.flatMap((sentence) => {
    const { text } = sentence;
    if (otherReviews.test(text)) return [];
    const days = daysIn(text);
    return [...text.matchAll(made)].flatMap(({ index, 0: said }) => {
      if (toCome.test(text.slice(Math.max(0, index - 30), index + said.length))) return [];
      const end = index + said.length;
      const after = days.findIndex(({ at }) => at >= index && at <= end + 60);
      // A row of a version table has the day first. Several days may stand after each other.
      const one = text.includes(' | ') ? days[0] : days.findLast(({ at }) => at < index);
      const found = after === -1 ? (one ? [one] : []) : inARow(days.slice(after));
      return found.map(({ day, at }) => ({ day, line: lineAt(sentence, at) }));
    });
  });
}

const inARow = (days: readonly FoundDay[]) => {
  const apart = days.findIndex(({ at }, index) => at - (days[index - 1]?.at ?? at) > 30);
  return apart === -1 ? days : days.slice(0, apart);
};

const made =
  /\b(?:last (?:review(?:ed)?|looked at)|date of (?:last )?review|(?:was |were |been )?reviewed (?:on|in|:)|reviewed(?= ?[:|,]| \d|$)|(?<=\| )(?:\w+ )?review(?:ed)?(?! (?:of|due|date))|reviews? (?:was |were )?(?:held|completed|carried out|undertaken)|review,? completed)(?!\w)/gi;
const toCome = /\b(?:next|due|will be|to be|future)\b/i;
const otherReviews =
  /\b(?:access|permissions?|accounts?|retention|records?|cases?|logs?|samples?|policy|policies|assessment|homicide|complaints?|lists?|checklists?) (?:is |are |will be |must be |should be |shall be |was |were )?review|\breview(?:s|ed)? (?:of |the )?(?:access|permissions?|records?(?! ?:)|complaints?|cases?|accounts?|logs?)\b|\b(?:homicide|safeguarding practice|case) reviews?\b/i;

const numbers: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  nine: 9,
  twelve: 12,
  eighteen: 18,
};

/** When the document is to be looked at again, if it says so. */
export function reviewRule({ sentences }: Reading): ReviewRule | null {
  const rules = sentences.flatMap(ruleIn);
  if (rules.length === 0) return null;
  const whole = rules.find(({ first, every }) => first !== null && every !== null);
  const every = whole ?? rules.find((rule) => rule.every !== null);
  const next = rules.find((rule) => rule.exact) ?? rules.find((rule) => rule.next !== null);
  return {
    first: whole?.first ?? rules.find(({ first }) => first !== null)?.first ?? null,
    every: every?.every ?? null,
    fromStart: every?.fromStart ?? true,
    month: every?.month ?? null,
    next: next?.next ?? null,
    line: (every ?? next ?? rules[0])?.line ?? 1,
  };
}

const after =
  /\b(\d{1,2}|one|two|three|six|nine|twelve|eighteen) (month|year)s? (?:after|from|following) (?:the |its |that )?(?:date of )?(?:commencement|start|signature|signing|date|coming|being|taking|it (?:starts?|begins?|comes|takes|is signed))|\breviewed after (six|three|twelve|\d{1,2}) (month)s\b/i;
const anniversary = /\b(?:on|at|after) (?:its|the) (?:first )?anniversary\b/i;
const every = /\bevery (?:(\d{1,2}|one|two|three|four|five|six|twelve|eighteen) )?(month|year)s?\b/i;
// “in June of every year”, “every July”
const yearly =
  /\bin (?:each |every )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: of)? (?:each|every) year\b|\b(?:each|every) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b/i;
function sameMonth(text: string): number | null {
  const said = yearly.exec(text);
  return said ? monthNamed(said[1] ?? said[2] ?? '') : null;
}

// “annually from the date of commencement”
const startsAnew =
  /^.{0,40}\b(?:from|of) (?:the |its )?(?:date of )?(?:commencement|start|signature|signing)\b|\b(?:(?:each|every) anniversary|anniversary of)\b/i;
const adverb =
  /\b(?:(annual(?:ly)?|yearly|each year|in each later year|once a year|(?:each|every) (?:January|February|March|April|May|June|July|August|September|October|November|December)|twelve-monthly|12-monthly)|(biennial(?:ly)?|every other year|every second year|two-yearly)|(six-monthly|half-yearly|twice a year|6-monthly)|(three-yearly|triennial(?:ly)?))\b/i;
const next =
  /\b(?:next|first)(?: yearly| annual)? review|\breview (?:is |falls )?due|\breview date|\bdue for (?:review|revision)|\b(?:will|shall|must|should|to|is|are) (?:be )?(?:next )?(?:review(?:ed)?|looked at)(?: this \w+)? (?:again )?(?:by|before|no later than|on|in)\b|^review (?:by|before|on)\b|^review ?[:|]/i;

function ruleIn(sentence: Sentence): (ReviewRule & { exact: boolean })[] {
  const { text } = sentence;
  const match =
    /\b(?:review(?:ed|s|ing)?|due for revision|look(?:ed)? at (?:it |(?:this|the) \w+ )?(?:again|afresh)|look at (?:this|the|our) (?:protocol|agreement|scheme|document)|revisit(?:ed)?|reconsider(?:ed)?)\b/i.exec(
      text,
    );
  if (!match || otherReviews.test(text)) return [];
  const line = lineAt(sentence, match.index);
  const said = next.exec(text);
  const day =
    said &&
    daysIn(text).find(
      ({ at }) =>
        at >= said.index &&
        at < said.index + said[0].length + 60 &&
        !/\b(?:was|were|has been|took place)\b/i.test(text.slice(said.index, at)),
    );
  if (/\b(?:last|date of) (?:review|looked)/i.test(text) && !day) return [];
  const inMonths = (count: string | undefined, unit: string | undefined) =>
    (numbers[count?.toLowerCase() ?? 'one'] ?? Number(count)) * (unit?.toLowerCase() === 'year' ? 12 : 1);
  const [one, many, often] = [after.exec(text), every.exec(text), adverb.exec(text)];
  const months = often?.[1] ? 12 : often?.[2] ? 24 : often?.[3] ? 6 : often?.[4] ? 36 : null;
  const rule = {
    first: one ? inMonths(one[1] ?? one[3], one[2] ?? one[4]) : anniversary.test(text) ? 12 : null,
    every: many ? inMonths(many[1], many[2]) : months,
    fromStart:
      (!one && !anniversary.test(text)) || startsAnew.test(text.slice(many?.index ?? often?.index ?? 0)),
    month: sameMonth(text.slice(match.index)),
    next: day?.day ?? null,
    exact: day?.exact ?? false,
    line,
  };
  return rule.first === null && rule.every === null && rule.next === null ? [] : [rule];
}

/** The days up to `asOf` on which a review fell due: from the next one that is named, or else from the start. */
export function reviewsDue(start: Day | null, rule: ReviewRule, asOf: Day): Day[] {
  if (rule.month !== null && rule.next === null && start !== null)
    return monthsFrom(monthsAfter(start, 1), rule.month, asOf);
  const due = new Set<Day>();
  if (rule.next === null && start !== null && rule.first !== null) due.add(monthsAfter(start, rule.first));
  const first = rule.fromStart ? 0 : (rule.first ?? 0);
  const [from, offset] = rule.next === null ? [start, first + (rule.every ?? 0)] : [rule.next, 0];
  if (from !== null && rule.every === null && rule.next !== null) due.add(rule.next);
  for (
    let months = offset;
    from !== null && rule.every !== null && monthsAfter(from, months) <= asOf && due.size < 100;
    months += rule.every
  )
    due.add(monthsAfter(from, months));
  return [...due].filter((day) => day <= asOf).sort();
}

/** So many months after a day, or the last day of the month where it has no such day. */
export function monthsAfter(day: Day, months: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10) as Day;
}

// The first of a month, each year from a day to another.
function monthsFrom(from: Day, month: number, to: Day): Day[] {
  const first = Number(from.slice(0, 4));
  return Array.from({ length: Math.min(100, Number(to.slice(0, 4)) - first + 1) }, (_, at) => {
    return `${first + at}-${String(month).padStart(2, '0')}-01` as Day;
  }).filter((day) => day >= from && day <= to);
}
