import { countBars } from '../../platform/charts/index.ts';
import { showDay } from '../../platform/pure/dates.ts';
import { counted, inOneLine } from '../../platform/pure/words.ts';
import type { LintLaw } from '../lint/lint-law.ts';
import type { Row } from './row.ts';
import type { Survey } from './survey.ts';
import { totalsOf } from './totals.ts';

const shownParts = 12;
const shownMissing = 3;

/** How the agreements are sorted, for people. */
export const orderInWords =
  'Those with most grave things to do come first: a part missing that must be there, a repealed Act cited, another reference that is an error, a review overdue, signed after it started. Of as many, the one whose review is longest overdue.';

/** A survey as its page shows it (survey.njk). `named`: what people call the folder. */
export function surveyPage(survey: Survey, law: LintLaw, named: string) {
  const totals = totalsOf(survey, law);
  const { agreements, parts } = totals;
  const of = `of ${agreements}`;
  const lacked = parts.filter(({ missing }) => missing > 0);
  return {
    named,
    asOf: showDay(survey.asOf),
    order: orderInWords,
    stats: [
      { n: agreements, of: `and ${counted(totals.notRead, 'file', 'files')} not`, label: 'Agreements read' },
      { n: totals.repealed, of, label: 'Cite repealed law' },
      { n: totals.overdue, of, label: 'Review overdue' },
      { n: totals.noBasis, of, label: 'Without a lawful basis' },
      { n: totals.noRetention, of, label: 'Without how long data is kept' },
      { n: totals.signedAfterStart, of, label: 'Signed after they started' },
      { n: totals.unsettled, of, label: 'With changes or comments not settled' },
    ],
    chart:
      lacked.length === 0
        ? null
        : countBars({
            id: 'lacked',
            title: 'Parts that most agreements lack',
            description: `Of ${counted(agreements, 'agreement', 'agreements')}, how many lack each of these parts. The table below has all of them.`,
            of: agreements,
            counts: lacked.slice(0, shownParts).map(({ title, missing }) => ({ label: title, n: missing })),
          }),
    parts: {
      caption: 'Parts that must be there, by how many agreements lack them',
      head: ['Part', 'Lack it', 'In part'],
      rows: parts.map(({ title, missing, weak }) => [title, String(missing), String(weak)]),
    },
    agreements: survey.agreements.map(({ row, report }, at) => ({
      id: `a${at + 1}`,
      ...inWords(row),
      report,
    })),
    notRead: survey.notRead,
    copies: survey.copies,
    links: survey.links === 0 ? null : linksInWords(survey.links),
  };
}

/** What a row says, in words; null for nothing to say. */
export function inWords(row: Row) {
  const { file, title, parties, grave, repealed, startsOn, signedOn, outdated } = row;
  const { changes, comments, pictures } = row.unsettled;
  return {
    file,
    title: title ?? 'Without a title',
    parties: inOneLine(parties),
    grave,
    repealed: repealed.map(({ act, since }) => `${act}, repealed on ${showDay(since)}`).join('; '),
    review: reviewInWords(row),
    starts: startsOn ? showDay(startsOn) : 'No day found',
    signed: signedOn.length === 0 ? 'No day found' : inOneLine(signedOn.map(showDay)),
    signedAfterStart: row.signedAfterStart,
    missingMust: row.missingMust.length,
    which: mostImportant(row),
    present: row.present,
    weak: row.weak,
    missing: row.missing,
    outdated: [
      ...(outdated.error === 0 ? [] : [counted(outdated.error, 'error', 'errors')]),
      ...(outdated.warning === 0 ? [] : [counted(outdated.warning, 'warning', 'warnings')]),
      ...(outdated.info === 0 ? [] : [counted(outdated.info, 'note', 'notes')]),
    ].join(', '),
    faults: row.faults,
    unsettled: [
      ...(changes === 0 ? [] : [counted(changes, 'change', 'changes')]),
      ...(comments === 0 ? [] : [counted(comments, 'comment', 'comments')]),
      ...(pictures === 0 ? [] : [counted(pictures, 'page not read', 'pages not read')]),
    ].join(', '),
  };
}

function reviewInWords({ overdue, nextReview, lastReview }: Row): string {
  if (overdue) return `${counted(overdue.days, 'day', 'days')} overdue, since ${showDay(overdue.since)}`;
  const said = [
    ...(nextReview ? [`Next on ${showDay(nextReview)}`] : []),
    ...(lastReview ? [`Last on ${showDay(lastReview)}`] : []),
  ];
  return said.length === 0 ? 'No day found' : said.join('; ');
}

function mostImportant({ missingMust }: Row): string {
  const shown = missingMust.slice(0, shownMissing).map(({ title }) => title);
  const more = missingMust.length - shown.length;
  return `${shown.join('; ')}${more === 0 ? '' : `; and ${more} more`}`;
}

/** That links were left out, in words. */
export function linksInWords(links: number): string {
  return `${counted(links, 'symbolic link was', 'symbolic links were')} left out: a link can lead anywhere. Put the files themselves in the folder.`;
}
