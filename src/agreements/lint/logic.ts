import { type Day, showDay } from '../../platform/pure/dates.ts';
import { type Heading, lineAt, type Reading, type Sentence, sentenceOf } from '../read/reading.ts';
import type { FoundComponent } from './components.ts';
import { daysIn } from './days.ts';
import { leftBlank } from './left-blank.ts';

/** Something in a document that does not fit with something else in it: where, what, and where the other is. */
export type LogicFault = { id: string; line: number; other?: number; says: string };

/** The days that a document names, as they matter. Reviews that are due are those up to the day it is read. */
export type Dates = {
  commencement: Day | null;
  signatures: Day[];
  reviewsDue: Day[];
  reviewsRecorded: Day[];
};

type At<T> = T & { line: number };

/** What a document says of when it starts, who signed when, and when it is looked at again, as of a day. */
export function readDates(reading: Reading, asOf: Day): { dates: Dates; faults: LogicFault[] } {
  const start = startOf(reading);
  const signed = signaturesOf(reading);
  const recorded = recordedReviews(reading);
  const rule = reviewRule(reading);
  const due = start?.day && rule ? dueReviews(start.day, rule, asOf) : [];
  const last = due.at(-1);
  const faults: (LogicFault | null)[] = [
    start && start.day === null
      ? {
          id: 'start-date-vague',
          line: start.line,
          says: 'It does not say on which day it starts. Give the day.',
        }
      : null,
    ...signed.map(({ day, line }) =>
      start?.day && day > start.day
        ? {
            id: 'signed-after-start',
            line,
            says: `It was signed on ${showDay(day)}, after it started on ${showDay(start.day)}. What was shared between rested on nothing signed.`,
          }
        : null,
    ),
    last && rule && !recorded.some(({ day }) => day >= monthOf(last))
      ? {
          id: 'review-overdue',
          line: rule.line,
          says: `A review was due on ${showDay(last)}, and none since is recorded.`,
        }
      : null,
  ];
  return {
    dates: {
      commencement: start?.day ?? null,
      signatures: signed.map(({ day }) => day),
      reviewsDue: due,
      reviewsRecorded: recorded.map(({ day }) => day),
    },
    faults: faults.filter((fault) => fault !== null),
  };
}

/** What contradicts itself, or is left open, in a document whose components were found. */
export function findFaults(reading: Reading, components: readonly FoundComponent[]): LogicFault[] {
  const component = (id: string) => components.find((one) => one.id === id);
  const [retention, rights] = [component('C29'), component('C19')];
  const faults: (LogicFault | null)[] = [
    retention && retention.evidence.length > 0 && retention.lacks.includes('a period')
      ? {
          id: 'retention-no-period',
          line: retention.evidence[0]?.line ?? 1,
          says: 'It says that information is destroyed, and not after how long.',
        }
      : null,
    rights?.status === 'missing'
      ? {
          id: 'no-sar-procedure',
          line: 1,
          says: 'Nothing says who answers people who ask for their information.',
        }
      : null,
    onwardConflict(reading),
    foiConflict(reading),
    ...contentsFaults(reading),
    ...actingSignatories(reading),
    ...leftBlank(reading),
  ];
  return faults.filter((fault) => fault !== null);
}

const starts =
  /\b(active|effective|in force|operative|commenc\w*|starts?|comes? into (force|effect|operation)|takes? effect)\b.{0,30}\b(from|on|upon|as of|date|when)\b|\b(commencement|effective|start) date\b|\bdate in force\b/i;

function startOf({ sentences }: Reading): At<{ day: Day | null }> | null {
  const all = sentences.flatMap((sentence) => {
    const match = starts.exec(sentence.text);
    if (!match || /\breview/i.test(sentence.text.slice(0, match.index))) return [];
    const day = daysIn(sentence.text.slice(match.index)).find(({ exact, at }) => exact && at < 120);
    return [{ day: day?.day ?? null, line: lineAt(sentence, match.index), text: sentence.text }];
  });
  return (
    all.find(({ day }) => day !== null) ??
    all.find(({ text }) => !/\bsign(ed|ature|ing)\b/i.test(text)) ??
    null
  );
}

// A line of a signature block: “Date: 01/08/2024”, after the first place to sign.
function signaturesOf({ sentences }: Reading): At<{ day: Day }>[] {
  const first = sentences.findIndex(({ text }) =>
    /^(signed|signature|signatory|print(ed)? name)\b/i.test(text),
  );
  if (first === -1) return [];
  return sentences.slice(first).flatMap((sentence) => {
    if (!/\bdated?\b( signed)? ?[:|]/i.test(sentence.text) || /\breview/i.test(sentence.text)) return [];
    return daysIn(sentence.text)
      .filter(({ exact }) => exact)
      .map(({ day, at }) => ({ day, line: lineAt(sentence, at) }));
  });
}

function recordedReviews({ sentences }: Reading): At<{ day: Day }>[] {
  return sentences.flatMap((sentence) => {
    if (!/\b(last review(ed)?|date of (last )?review|reviewed on|review completed)\b/i.test(sentence.text))
      return [];
    return daysIn(sentence.text).map(({ day, at }) => ({ day, line: lineAt(sentence, at) }));
  });
}

type ReviewRule = { first: number | null; every: number | null; line: number };

const numbers: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  six: 6,
  nine: 9,
  twelve: 12,
  eighteen: 18,
};

/** Months after the start to the first review, and between reviews. */
function reviewRule({ sentences }: Reading): ReviewRule | null {
  const rules = sentences.flatMap((sentence) => {
    const { text } = sentence;
    const match = /\breview(ed|s)?\b/i.exec(text);
    if (!match || /\b(last|date of) review/i.test(text)) return [];
    const after =
      /\b(\d{1,2}|one|two|three|six|nine|twelve|eighteen) (month|year)s? (after|from|following) (the )?(commencement|start|signature|date|coming)/i.exec(
        text,
      );
    const every = /\bevery (\d{1,2}|one|two|three|six|twelve)? ?(month|year)s?\b/i.exec(text);
    const yearly = /\b(annual(ly)?|yearly|each year|once a year)\b/i.test(text);
    const inMonths = (count: string | undefined, unit: string | undefined) =>
      (numbers[count?.toLowerCase() ?? 'one'] ?? Number(count)) * (unit?.toLowerCase() === 'year' ? 12 : 1);
    const rule = {
      first: after ? inMonths(after[1], after[2]) : null,
      every: every ? inMonths(every[1], every[2]) : yearly ? 12 : null,
      line: lineAt(sentence, match.index),
    };
    return rule.first === null && rule.every === null ? [] : [rule];
  });
  return rules.find(({ first, every }) => first !== null && every !== null) ?? rules[0] ?? null;
}

function dueReviews(start: Day, { first, every }: ReviewRule, asOf: Day): Day[] {
  const due = new Set<Day>();
  if (first !== null) due.add(monthsAfter(start, first));
  for (
    let months = every ?? 0;
    every !== null && monthsAfter(start, months) <= asOf && due.size < 100;
    months += every
  )
    due.add(monthsAfter(start, months));
  return [...due].filter((day) => day <= asOf).sort();
}

function monthsAfter(day: Day, months: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10) as Day;
}

const monthOf = (day: Day) => `${day.slice(0, 7)}-01`;

const onward =
  /\b(third part(y|ies)|further shar\w*|further shared|further disseminat\w*|onward|shared further|disclosed further)\b/i;
const asked =
  /\b(express(ed)? )?(written )?(consent|authority|permissions?|agreement|approval) (of|from) (the |any |its )?([\w’' ]{3,40})|\b(other party|originator|owner|controller)[’']s (prior )?(written )?(consent|permission|agreement)/i;

// Who has to agree before information is passed on, where different sentences name different people.
function onwardConflict({ sentences }: Reading): LogicFault | null {
  const rules = sentences.flatMap((sentence) => {
    if (!onward.test(sentence.text)) return [];
    const match = asked.exec(sentence.text);
    if (!match) return [];
    const who = (match[6] ?? match[7] ?? '')
      .toLowerCase()
      .split(/\b(?:prior|to|before|being|for|in|and|is)\b/, 1)[0]
      ?.trim();
    return [{ who, written: /\bwritten\b/i.test(match[0]), line: lineAt(sentence, match.index) }];
  });
  const [first, ...others] = rules;
  const other = first && others.find(({ who, written }) => who !== first.who || written !== first.written);
  if (!other) return null;
  return {
    id: 'onward-rules-conflict',
    line: other.line,
    other: first.line,
    says: 'Who agrees before information is passed on is not the same everywhere. Keep one rule.',
  };
}

function foiConflict({ sentences }: Reading): LogicFault | null {
  const foi = sentences.some(({ text }) => /\bfreedom of information\b|\bFOIA?\b/i.test(text));
  const found = sentences.find(
    ({ text }) =>
      /\b(not|never|no|nothing)\b/i.test(text) &&
      /\b(releas|disclos|provid)/i.test(text) &&
      /\b(consent|authority|permission|approval)\b/i.test(text) &&
      /\b(requests? from the (public|press)|freedom of information|FOIA?|members? of the public)\b/i.test(
        text,
      ),
  );
  if (!foi || !found) return null;
  return {
    id: 'foi-consent-conflict',
    line: lineOf(found, /\b(consent|authority|permission|approval)\b/i),
    says: 'A public authority cannot make an answer under the Freedom of Information Act wait for another’s consent: it can only ask first.',
  };
}

function contentsFaults({ headings, contents }: Reading): LogicFault[] {
  if (contents.length === 0) return [];
  const listed = new Set(contents.map(sameHeading));
  const numbered = headings.filter(({ number }) => number !== null && !number.includes('.'));
  const missing = numbered.filter((heading) => !listed.has(sameHeading(heading)));
  if (missing.length === 0 || missing.length === numbered.length) return [];
  return missing.map(({ line, number, text }) => ({
    id: 'contents-mismatch',
    line,
    says: `Section ${number}, ${text}, is not in the list of contents.`,
  }));
}

const sameHeading = ({ text }: Heading) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

function actingSignatories({ sentences, headings }: Reading): LogicFault[] {
  const last = sentences.at(-1)?.pieces[0]?.line ?? 0;
  const said = [...sentences, ...headings.map(sentenceOf)];
  const place = said.find(({ text }) => /^(signatures?|signed|signator(y|ies))\b/i.test(text))?.pieces[0]
    ?.line;
  return said.flatMap((sentence) => {
    const line = sentence.pieces[0]?.line ?? 1;
    if (place === undefined || line < place || line > last) return [];
    if (
      !/^(Acting|Interim|Temporary|Deputy) [A-Z]/.test(sentence.text) &&
      !/\b(p\.?p\.|acting) (for|chief)/i.test(sentence.text)
    )
      return [];
    return [
      {
        id: 'acting-signatory',
        line,
        says: 'Somebody signs who only acts in the post. Check, and keep, that they had the authority on that day.',
      },
    ];
  });
}

function lineOf(sentence: Sentence, pattern: RegExp): number {
  return lineAt(sentence, pattern.exec(sentence.text)?.index ?? 0);
}
