import { exits, type Outcome, refusedOutcome } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { counted } from '../platform/pure/words.ts';
import { refuse } from '../platform/refusal.ts';
import type { DataSet } from './data-set.ts';
import type { ProtectReport } from './protect-file.ts';
import { rowsInTermsInWords } from './quality/row-filter.ts';
import { failureInWords, findingOf, type PipelineReport, rowsInWords } from './report.ts';

/** What `data protect` answers: as JSON, and in words. */
export function showProtected(report: ProtectReport, { rows }: DataSet): Outcome {
  if (report.problem?.check === 'no-file') {
    return refusedOutcome(refuse('not-found', 'data.no-file', report.problem.says));
  }
  return {
    exit: report.output ? exits.done : exits.refused,
    json: protectedJson(report),
    text: protectedText(report, rowsInTermsInWords(rows)),
  };
}

function protectedJson({
  encoding,
  rows,
  fields,
  dropped,
  k,
  generalisation,
  output,
  encrypted,
  ...report
}: ProtectReport): Json {
  const classes = (of: 'before' | 'after') => {
    if (!k) return null;
    const { classes: count, smallest, rowsBelow } = k[of];
    return { classes: count, smallest, rowsBelow };
  };
  const plain = output && { sha256: output.sha256, bytes: output.bytes };
  return {
    encoding,
    rows: { in: rows.in, out: output ? rows.out : 0, suppressed: rows.heldBack, outside: rows.outside },
    blanks: report.blanks,
    fields: {
      kept: fields.filter(({ use }) => use !== 'drop').map(({ name }) => name),
      dropped: [...fields.filter(({ use }) => use === 'drop').map(({ name }) => name), ...dropped],
    },
    k: k && { required: k.required, before: classes('before'), after: classes('after') },
    generalisation: generalisation && { ...generalisation, optimal: true },
    closest: report.closest,
    quality: qualityOf(report),
    neutralised: report.neutralised,
    output: output && { path: output.path, ...(encrypted ? { ...encrypted, plain } : plain) },
  };
}

function qualityOf({
  problem,
  missing: lacking,
  wrongTypes,
  formulas,
  quality,
}: Pick<PipelineReport, 'problem' | 'missing' | 'wrongTypes' | 'formulas' | 'quality'>) {
  const blocks = true;
  return [
    ...(problem ? [{ ...findingOf(problem), blocks }] : []),
    ...lacking.map((field) => ({ check: 'missing-column', field, failed: 1, rows: [1], blocks })),
    ...wrongTypes.map(({ field, type, failed, rows }) => ({
      check: type === 'hierarchy' ? 'in-hierarchy' : 'type',
      field,
      failed,
      rows,
      blocks,
    })),
    ...formulas.map(({ field, values, rows }) => ({
      check: 'formula',
      field,
      failed: values,
      rows,
      blocks: false,
    })),
    ...quality.filter(({ failed }) => failed > 0).map((one) => ({ ...one })),
  ];
}

function protectedText(report: ProtectReport, chosen: string | null): string {
  const {
    rows,
    k,
    generalisation,
    output,
    encrypted,
    problem,
    missing: lacking,
    wrongTypes,
    limit,
    heldBackShare,
  } = report;
  const number = (n: number) => n.toLocaleString('en-GB');
  const percent = (share: number) =>
    `${(share * 100).toLocaleString('en-GB', { maximumFractionDigits: 2 })}%`;
  const lines: string[] = [];
  if (problem) lines.push(problem.says);
  for (const name of lacking) lines.push(`The column ${name} is missing.`);
  for (const { field, type, failed, rows: where } of wrongTypes) {
    const what = type === 'hierarchy' ? 'in no line of the hierarchy' : `not of type ${type}`;
    lines.push(
      `${field}: ${number(failed)} ${failed === 1 ? 'value is' : 'values are'} ${what}, first in ${rowsInWords(where)}.`,
    );
  }
  for (const one of report.quality.filter(({ failed }) => failed > 0))
    lines.push(`${one.blocks ? '' : 'Warning. '}${failureInWords(one)}.`);
  if (k && limit !== null && !report.withinLimit) {
    const how =
      generalisation || report.fields.every(({ use }) => use !== 'generalise')
        ? ''
        : 'Even at the highest levels, ';
    lines.push(
      `${how}${number(rows.heldBack)} of ${number(rows.in - rows.outside)} rows (${percent(heldBackShare)}) are in groups that are too small; at most ${percent(limit)} may be held back.`,
    );
  }
  for (const { field, values, rows: where } of report.formulas) {
    lines.push(
      `${field}: ${number(values)} ${values === 1 ? 'value begins' : 'values begin'} like a formula, first in ${rowsInWords(where)}. ${formulasInWords(report, field)}`,
    );
  }
  if (report.closest) {
    const { limit: enough, k: largest, l } = report.closest;
    const ways = [
      ...(largest === null ? [] : [`groups of ${largest}`]),
      ...(l === null ? [] : [`an l under ${l}`]),
      `a limit of ${percent(enough)}`,
    ];
    lines.push(`Nearest to the terms, each by itself enough: ${ways.join(', or ')}.`);
  }
  if (!output) return ['Nothing is written.', ...lines].join('\n');
  if (generalisation) {
    const levels = Object.entries(generalisation.levels).map(([field, level]) => `${field} ${level}`);
    lines.push(
      `Levels: ${levels.join(', ')}. Loss ${generalisation.loss}, the least of ${number(generalisation.nodes)} ways.`,
    );
  }
  if (k)
    lines.push(
      `Groups of ${k.required} or more: ${number(k.after.classes)}. Held back: ${number(rows.heldBack)} rows (${percent(heldBackShare)}).`,
    );
  if (report.dropped.length > 0)
    lines.push(`Dropped, for the terms do not list them: ${report.dropped.join(', ')}.`);
  return [
    `${number(rows.out)} of ${number(rows.in)} rows are in ${output.path}.`,
    ...(report.encoding === 'windows-1252' || report.encoding === 'utf-16'
      ? [`The file was read as ${report.encoding === 'utf-16' ? 'UTF-16' : 'Windows-1252'}.`]
      : []),
    ...(chosen === null ? [] : [`${chosen} ${counted(rows.outside, 'row is', 'rows are')} outside.`]),
    ...lines,
    `sha256 ${output.sha256}, ${number(output.bytes)} bytes.`,
    ...(encrypted ? [`Encrypted: sha256 ${encrypted.sha256}, ${number(encrypted.bytes)} bytes.`] : []),
  ].join('\n');
}

function formulasInWords({ output, neutralised }: PipelineReport, field: string): string {
  if (output?.form === 'xlsx') return 'They leave as text, which a spreadsheet does not run.';
  const written = neutralised.find((one) => one.field === field)?.values;
  return written === undefined
    ? 'They are left as they are: a spreadsheet would run them.'
    : `In what leaves an apostrophe stands before ${counted(written, 'value', 'values')}, so that spreadsheets run no formula.`;
}
