import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type CommandAt, exits, type Outcome, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { type Day, showDay } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { stoppable } from '../../platform/stoppable.ts';
import { writeNew } from '../agreement-file.ts';
import type { LintLaw } from '../lint/lint-law.ts';
import { isAtLeast, type Severity } from '../lint/severity.ts';
import { inWords, linksInWords, orderInWords, surveyPage } from './page.ts';
import { progressOn } from './progress.ts';
import { type Survey, surveyFolder } from './survey.ts';
import { csvOf, tableOf } from './table.ts';
import { type Totals, totalsOf } from './totals.ts';
import { workbookOf } from './workbook.ts';

/**
 * `chirograph agreement lint` of a folder: every agreement below it, as one table. With `failOn` it ends with 11 where one has that or
 * graver, or was not read.
 */
export async function lintFolder(
  at: CommandAt,
  {
    path,
    named,
    asOf,
    rules,
    law,
  }: { path: string; named: string; asOf: Day; rules?: string | undefined; law: LintLaw },
  { failOn, out: asked }: { failOn: Severity | undefined; out: string | undefined },
): Promise<Outcome> {
  const out = asked === undefined ? null : resolve(at.folder, asked);
  const form = out === null ? null : forms.find((ending) => out.toLowerCase().endsWith(ending));
  if (form === undefined) {
    const says = `${asked} is no table of a folder’s agreements. Name it .html, .csv, .xlsx or .json.`;
    return refusedOutcome(refuse('invalid', 'survey.out', says));
  }
  const taken = out === null ? null : await cannotBeMade(out);
  if (taken) return refusedOutcome(taken);
  const progress = progressOn(stderr);
  const survey = await stoppable((ending) =>
    surveyFolder({ folder: path, named, asOf, law, rules }, progress.tell, ending),
  ).finally(progress.end);
  if (!survey.ok) return refusedOutcome(survey);
  const totals = totalsOf(survey, law);
  const json = jsonOf(survey, totals, named);
  if (out !== null && form !== null) {
    const refused = await writeNew(
      out,
      await written(form, { survey, law, named: basename(path), json }, at),
    );
    if (refused) return refusedOutcome(refused);
  }
  const graves = survey.agreements.map(({ gravest }) => gravest);
  const fails = failOn && (survey.notRead.length > 0 || graves.some((gravest) => isAtLeast(gravest, failOn)));
  return {
    exit: fails ? exits.refused : exits.done,
    json,
    text: [
      totalsInWords(totals, survey.asOf),
      ...(out === null ? listed(survey) : [`${out} has them all, those that need work most first.`]),
    ].join('\n'),
  };
}

const forms = ['.html', '.csv', '.xlsx', '.json'] as const;

// It is said before the work, which can be long.
async function cannotBeMade(path: string): Promise<Refusal | null> {
  const there = (of: string) =>
    stat(of).then(
      () => true,
      () => false,
    );
  const code = (await there(path)) ? 'EEXIST' : (await there(dirname(path))) ? null : 'ENOENT';
  const says = `${path} cannot be made (${code}). Give a new file name, in a folder that is there.`;
  return code === null ? null : refuse('conflict', 'survey.not-written', says);
}

type Made = { survey: Survey; law: LintLaw; named: string; json: Json };

async function written(
  form: (typeof forms)[number],
  { survey, law, named, json }: Made,
  at: CommandAt,
): Promise<string | Uint8Array> {
  if (form === '.json') return `${JSON.stringify(json, null, 2)}\n`;
  if (form === '.csv') return csvOf(tableOf(survey));
  if (form === '.xlsx') return workbookOf(tableOf(survey));
  // The page brings its look, which takes a while to load.
  const { standalonePage } = await import('../../platform/http/index.ts');
  const templates = [fileURLToPath(new URL('..', import.meta.url))];
  const model = { s: surveyPage(survey, law, named) };
  return standalonePage(templates, 'survey-file.njk', model, (line) => at.process.stderr.write(`${line}\n`));
}

function jsonOf({ asOf, agreements, notRead, copies, links }: Survey, totals: Totals, folder: string): Json {
  const rows = agreements.map(({ row }) => row);
  return { folder, asOf, totals, agreements: rows, notRead, copies, links } as unknown as Json;
}

function totalsInWords(totals: Totals, asOf: Day): string {
  const { agreements, repealed, overdue, noBasis, noRetention, signedAfterStart, notRead, copies } = totals;
  return [
    `${counted(agreements, 'agreement was', 'agreements were')} read as of ${showDay(asOf)}; ${counted(notRead, 'file was', 'files were')} not, and ${counted(copies, 'is a copy', 'are copies')} of another.`,
    `Citing repealed law: ${repealed}. Review overdue: ${overdue}. Without a lawful basis: ${noBasis}. Without how long data is kept: ${noRetention}. Signed after they started: ${signedAfterStart}.`,
  ].join('\n');
}

function listed({ agreements, notRead, copies, links }: Survey): string[] {
  const told = agreements.map(({ row }) => {
    const { file, title, grave, repealed, review, missingMust, which } = inWords(row);
    const says = [
      ...(missingMust === 0
        ? []
        : [`${counted(missingMust, 'part is', 'parts are')} missing that must be there: ${which}`]),
      ...(repealed === '' ? [] : [`It cites the ${repealed}`]),
      ...(row.overdue === null ? [] : [`Its review is ${review}`]),
    ];
    return `  - ${file}: ${title} (${grave})${says.map((one) => `\n      ${one}.`).join('')}`;
  });
  return [
    ...part(`${orderInWords} How many there are stands in brackets`, told),
    ...part('Not read', [
      ...notRead.map(({ file, says }) => `  - ${file}: ${says}`),
      ...copies.map(({ file, of }) => `  - ${file}: The same file as ${of}, which was read.`),
    ]),
    ...(links === 0 ? [] : ['', linksInWords(links)]),
  ];
}

function part(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${heading}:`, ...items];
}
