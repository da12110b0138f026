import { type Day, showDay } from '../../platform/pure/dates.ts';
import { lineAt, type Reading, type Sentence } from '../read/reading.ts';
import { daysIn } from './days.ts';
import type { LogicFault } from './faults.ts';
import { monthsAfter, recordedReviews, reviewRule, reviewsDue } from './review.ts';
import { signedIn } from './signing.ts';

/** The days that a document names, as they matter. Reviews that are due are those up to the day it is read. */
export type Dates = {
  commencement: Day | null;
  signatures: Day[];
  reviewsDue: Day[];
  reviewsRecorded: Day[];
  /** The first review that was due and not made; null where none is overdue. */
  overdueSince: Day | null;
  /** When it is to be looked at next, after the day it is read. */
  nextReview: Day | null;
};

/** What a document says of when it starts, who signed when, and when it is looked at again, as of a day. */
export function readDates(
  reading: Reading,
  block: readonly Sentence[],
  asOf: Day,
): { dates: Dates; faults: LogicFault[] } {
  const signed = signedIn(block);
  const start = startOf(reading, signed);
  const recorded = recordedReviews(reading);
  const rule = reviewRule(reading);
  const due = rule ? reviewsDue(start?.day ?? null, rule, asOf) : [];
  const ahead = rule ? reviewsDue(start?.day ?? null, rule, monthsAfter(asOf, farAhead)) : [];
  const missed = due.filter((one) => !recorded.some(({ day }) => day >= monthsAfter(monthOf(one), -early)));
  const last = missed.at(-1);
  const faults: (LogicFault | null)[] = [
    start?.day === null
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
    last && rule
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
      overdueSince: missed[0] ?? null,
      nextReview: ahead.find((day) => day > asOf) ?? null,
    },
    faults: faults.filter((fault) => fault !== null),
  };
}

const early = 1; // month before a review is due in which it may be made
const farAhead = 120; // months
const monthOf = (day: Day) => `${day.slice(0, 7)}-01` as Day;

const starts =
  /\b(?:active|effective|in force|operative|commenc\w*|starts?|begins?|comes? into (?:force|effect|operation|being)|come into operation|(?:has|have) effect|takes? effect|took effect|gets? going|runs|valid)\b.{0,30}\b(?:from|on|upon|as of|as soon as|date|when|in|immediately|once)\b|\b(?:commencement|effective|start) date\b|\bdate (?:in force|effective)\b|\b(?:comes? into (?:force|effect)|effective from|commencement|with (?:immediate )?effect from) ?[:|]|\bwith immediate effect\b|\bin (?:use|force|effect|operation) since\b|\b(?:starts?|begins?|commences?|takes? effect) (?=\d)/i;
const notStarts = /\breview|\bterminat|\bcomplain|\bsuspend|\bproject starts|\bemployment|\bwithdraw/i;
const subject =
  /\b(?:agreement|scheme|letter|protocol|MoU|memorandum|ISA|DSA|ISP|arrangements?|sharing|it|version|document|date|term)\b|^(?:effective|commencement|start|in force|date in force|with effect|comes)/i;
const bySigning = /\bsign(?:ed|ature|atures|ing|s)?\b|\bsignator/i;

// “once signed and the access has been arranged”
const andMore = /\b(?:has|have|is|are) (?:been )?(?:arranged|completed|ready|in place|set up)\b/i;

// The first day: the one that is named, or the last signature where it starts with that. Null: it is left open.
function startOf(
  { sentences }: Reading,
  signed: readonly { day: Day }[],
): { day: Day | null; line: number } | null {
  const all = sentences.flatMap((sentence) => {
    const match = starts.exec(sentence.text);
    if (!match || notStarts.test(sentence.text.slice(0, match.index)) || !subject.test(sentence.text))
      return [];
    const day = daysIn(sentence.text.slice(match.index)).find(({ exact, at }) => exact && at < 120);
    // A cell of a table that is about something else leaves nothing open.
    if (!day && match.index > 0 && sentence.text.slice(0, match.index).includes(' | ')) return [];
    return [{ day: day?.day ?? null, line: lineAt(sentence, match.index), text: sentence.text }];
  });
  const named = all.find(({ day }) => day !== null);
  if (named) return named;
  const whenSigned = all.find(
    ({ text }) => (bySigning.test(text) && !andMore.test(text)) || /\bimmediate effect\b/i.test(text),
  );
  const last = signed
    .map(({ day }) => day)
    .sort()
    .at(-1);
  if (whenSigned) return last ? { day: last, line: whenSigned.line } : null;
  return all.find(({ text }) => !/\bnotif|\breport|\bmonitor/i.test(text)) ?? null;
}
