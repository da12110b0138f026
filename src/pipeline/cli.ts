import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { command, exits, type Outcome, optionalValue, refusedOutcome, value } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { counted } from '../platform/pure/words.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { stoppable } from '../platform/stoppable.ts';
import type { DataSet, OutputForm } from './data-set.ts';
import { protectFile } from './protect-file.ts';
import { rowsInTermsInWords } from './quality/row-filter.ts';
import { failureInWords, findingOf, type PipelineReport, rowsInWords } from './report.ts';
import { readTermsFile, termsJsonSchema } from './terms-file.ts';

export { termsExport, termsImport } from './odcs/odcs-cli.ts';
export { dataProfile } from './profile/profile-cli.ts';

type ProtectFlags = { terms: string; dataset: string; out: string; keyFile?: string };

export const dataProtect = command<ProtectFlags, [string]>({
  brief: 'Turn a file into what may leave under the terms of a data set',
  full: 'What is not listed is dropped; what must be coded is coded; people who stand out are generalised with others or held back. OUT appears whole or not at all.',
  flags: {
    terms: value('TERMS', 'A file of terms, or an agreement'),
    dataset: value('ID', 'The data set, as the terms name it'),
    out: value('OUT', 'The file to make: its name ends in .csv, .xlsx or .parquet'),
    keyFile: optionalValue('KEY', 'The key of pseudonyms: 32 bytes, or 64 hex digits'),
  },
  args: [{ brief: 'The file to protect', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const terms = await readTermsFile(resolve(at.folder, flags.terms));
    if (!terms) return refusedOutcome(missing('data.no-terms', flags.terms));
    if (!terms.ok) {
      const says = terms.problems.map(({ path, says: what }) => `${path}\n    ${what}`).join('\n');
      return {
        exit: exits.usage,
        json: { error: { code: 'data.terms', says }, problems: terms.problems },
        text: says,
      };
    }
    const dataSet = terms.dataSets.find(({ id }) => id === flags.dataset);
    if (!dataSet) {
      const there = terms.dataSets.map(({ id }) => id).join(', ');
      return refusedOutcome(
        refuse(
          'not-found',
          'data.no-data-set',
          `The terms have no data set ${flags.dataset}. They have: ${there}.`,
        ),
      );
    }
    const out = resolve(at.folder, flags.out);
    const unusable = await unusableOut(out, flags.out);
    if (unusable) return refusedOutcome(unusable);
    const needsKey = dataSet.fields.some(({ use }) => use === 'pseudonymise');
    const key = await readKey(at.folder, flags.keyFile, needsKey);
    if (!Buffer.isBuffer(key)) return refusedOutcome(key);
    // A link is the caller's own affair: what it leads to is what is read.
    const named = resolve(at.folder, file);
    const input = await realpath(named).catch(() => named);
    const today = londonDay(at.now);
    const job = { input, dataSet, pseudonymKey: key, out, form: forms[extname(out)] ?? 'csv', today };
    return showProtected(await stoppable((ending) => protectFile(job, ending)), dataSet);
  },
});

export const termsSchema = command({
  brief: 'The JSON Schema of a file of terms, with an example',
  flags: {},
  run: async () => {
    const schema = termsJsonSchema() as Json;
    return { exit: exits.done, json: schema, text: JSON.stringify(schema, null, 2) };
  },
});

const forms: Record<string, OutputForm> = { '.csv': 'csv', '.parquet': 'parquet', '.xlsx': 'xlsx' };

function missing(code: string, file: string): Refusal {
  return refuse('not-found', code, `There is no file ${file} that can be read.`);
}

async function unusableOut(path: string, named: string): Promise<Refusal | null> {
  if (forms[extname(path)] === undefined) {
    const says = `${named} must end in .csv, .xlsx or .parquet: that says what is written.`;
    return refuse('invalid', 'data.out', says);
  }
  const folder = await stat(dirname(path)).catch(() => null);
  if (!folder?.isDirectory()) {
    return refuse('not-found', 'data.out', `There is no folder for ${named}. Make it first.`);
  }
  const there = await stat(path).catch(() => null);
  return there && !there.isFile()
    ? refuse('conflict', 'data.out', `${named} is there, and is no file.`)
    : null;
}

async function readKey(folder: string, file: string | undefined, needed: boolean): Promise<Buffer | Refusal> {
  if (file === undefined) {
    if (!needed) return Buffer.alloc(32); // for nothing: no value is coded
    return refuse(
      'invalid',
      'data.no-key',
      'These terms make pseudonyms. Give the file of their key with --key-file.',
    );
  }
  const bytes = await readFile(resolve(folder, file)).catch(() => null);
  if (!bytes) return missing('data.no-key', file);
  if (bytes.length === 32) return bytes;
  const text = bytes.toString('latin1').trim();
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  return refuse(
    'invalid',
    'data.key',
    `${file} is no key: it must hold 32 bytes, or 64 hex digits and nothing else.`,
  );
}

function showProtected(report: PipelineReport, { rows }: DataSet): Outcome {
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
  ...report
}: PipelineReport): Json {
  const classes = (of: 'before' | 'after') => {
    if (!k) return null;
    const { classes: count, smallest, rowsBelow } = k[of];
    return { classes: count, smallest, rowsBelow };
  };
  return {
    encoding,
    rows: { in: rows.in, out: output ? rows.out : 0, suppressed: rows.heldBack, outside: rows.outside },
    fields: {
      kept: fields.filter(({ use }) => use !== 'drop').map(({ name }) => name),
      dropped: [...fields.filter(({ use }) => use === 'drop').map(({ name }) => name), ...dropped],
    },
    k: k && { required: k.required, before: classes('before'), after: classes('after') },
    generalisation: generalisation && { ...generalisation, optimal: true },
    closest: report.closest,
    quality: qualityOf(report),
    neutralised: report.neutralised,
    output: output && { path: output.path, sha256: output.sha256, bytes: output.bytes },
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

function protectedText(report: PipelineReport, chosen: string | null): string {
  const {
    rows,
    k,
    generalisation,
    output,
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
  ].join('\n');
}

function formulasInWords({ output, neutralised }: PipelineReport, field: string): string {
  if (output?.form === 'xlsx') return 'They leave as text, which a spreadsheet does not run.';
  const written = neutralised.find((one) => one.field === field)?.values;
  return written === undefined
    ? 'They are left as they are: a spreadsheet would run them.'
    : `In what leaves ${counted(written, 'value has', 'values have')} an apostrophe before it, so that a spreadsheet does not run it.`;
}
