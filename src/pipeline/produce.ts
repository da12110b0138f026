import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../platform/file-bytes.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { PipelineStep } from '../steps.ts';
import { check } from './check-data.ts';
import type { DataSet, Field, OutputForm } from './data-set.ts';
import { type Engine, only, openEngine, type Row } from './engine.ts';
import { curveOfSizes, generalise, holdBack } from './hold-back.ts';
import type { Hear } from './intake/bytes.ts';
import { inputName, readTable } from './intake/read-table.ts';
import { type NoPlan, type Plan, planRelease } from './plan.ts';
import { pseudonymParts, pseudonymsWith } from './pseudonym.ts';
import type { Counts } from './quality/drift.ts';
import { blankReport, type PipelineReport, type Problem } from './report.ts';
import { compileRelease, type ReleaseSql } from './sql.ts';

/** What the child process is given: `input` lies in the folder, `output` will if the report has an output. */
export type Work = {
  folder: string;
  dataSet: DataSet;
  pseudonymKey: Buffer;
  form: OutputForm;
  /** The day it is in London, for checks of the data's age. */
  today: Day;
  /** The counts of the last that left, for checks of drift. */
  last?: Counts;
  /** Say what these k would mean, and the one that the terms ask for: for people who look at it before it leaves. */
  curve?: readonly number[];
};

/**
 * Turns the file in the folder into the file that may leave, and says what was found. `tell` is called with
 * the step that begins, so that whoever hears of a fault knows where it was without hearing what it was about, and `hear` with the bytes of the file read so far.
 */
export async function produceRelease(
  work: Work,
  tell: (step: PipelineStep) => void,
  hear: Hear,
): Promise<PipelineReport> {
  const engine = await openEngine(work.folder);
  try {
    return await produceWith(engine, work, tell, hear);
  } finally {
    engine.close();
  }
}

async function produceWith(
  engine: Engine,
  work: Work,
  tell: (step: PipelineStep) => void,
  hear: Hear,
): Promise<PipelineReport> {
  const { dataSet } = work;
  tell('read the file');
  const report = blankReport(dataSet);
  const read = await readTable(work.folder, dataSet, engine, hear);
  if (!read.table) return { ...report, problem: read.problem };
  const { table } = read;

  const planned = planRelease(dataSet, table.header, work.today);
  if (!planned.ok && planned.missing.length === dataSet.fields.length)
    return { ...report, missing: planned.missing, problem: noHeader };
  report.header = table.header;
  report.encoding = table.encoding;
  report.rows.in = table.rows;
  report.quality.push(...read.warnings);
  const output = join(work.folder, 'output');
  const files = { taken: join(work.folder, 'taken.parquet'), path: output, form: work.form };
  const neutralise = dataSet.readBy === 'people';
  const compiled = (plan: Plan) => compileRelease(plan, table, { ...files, neutralise });
  if (!planned.ok) {
    report.dropped = planned.dropped;
    report.missing = planned.missing;
    report.problem = sharedName(planned);
    if (report.problem) return report;
    // A file that lacks columns is not released, and is still told everything else that is wrong with it at once.
    tell('check types');
    const present = planPresent(dataSet, table.header, work.today);
    const sql = compiled(present);
    await takeIn(engine, sql, work.folder, hear);
    await check(engine, sql, present, report, null);
    return report;
  }

  const { plan } = planned;
  report.dropped = [...plan.dropped];
  const sql = compiled(plan);
  tell('check types');
  await takeIn(engine, sql, work.folder, hear);
  await check(engine, sql, plan, report, work.last ?? null);
  if (report.wrongTypes.length > 0 || report.quality.some(({ failed, blocks }) => blocks && failed > 0))
    return report;
  if (report.rows.outside === report.rows.in) return { ...report, problem: noneChosen };
  tell('generalise');
  await engine.run(sql.minimised);
  await engine.run(sql.generalised);
  tell('find the levels');
  const heldBack = await generalise(engine, sql, plan, report, work.curve);
  if (report.wrongTypes.length > 0) return report;
  tell('hold back small groups');
  if (plan.holdBack) await holdBack(engine, sql, plan, plan.holdBack, report);
  if (plan.holdBack && work.curve && plan.search.length === 0) {
    report.curve = await curveOfSizes(engine, sql, plan.holdBack, work.curve);
  }
  // Two counts of the same rows, each made in its own way, must agree.
  if (heldBack !== null && heldBack !== report.rows.heldBack)
    throw new Error('The search and the engine hold back different rows.');
  report.rows.out = report.rows.in - report.rows.outside - report.rows.heldBack;
  tell('pseudonymise');
  await leave(engine, sql, work.pseudonymKey, report.rows.heldBack > 0);
  tell('preview');
  report.preview = await preview(engine, sql, plan);
  if (!report.withinLimit) return report;
  tell('write');
  report.problem = await write(engine, sql, plan, { path: output, form: work.form }, report);
  if (report.problem) return report;
  const written = { form: work.form, ...(await fingerprint(output)), rows: report.rows.out };
  return { ...report, output: { path: output, ...written } };
}

// How good the rows are is not known where the fields that choose them may be missing: only types are checked.
function planPresent({ id, format, fields }: DataSet, header: readonly string[], today: Day): Plan {
  const present = fields
    .filter((field) => header.includes(field.name))
    .map(({ name, type, role, use }): Field => ({ name, type, role, use }));
  const planned = planRelease({ id, format, fields: present }, header, today);
  if (!planned.ok) throw new Error('Columns that are there are missing.');
  return planned.plan;
}

async function takeIn(engine: Engine, sql: ReleaseSql, folder: string, hear: Hear): Promise<void> {
  const { size } = await stat(join(folder, inputName));
  await engine.run(sql.take, (share) => hear(Math.floor(share * size)));
}

/** From here on rows are those that leave, and their values those that are written. */
async function leave(engine: Engine, sql: ReleaseSql, key: Buffer, someHeldBack: boolean): Promise<void> {
  engine.define('pseudonym', pseudonymParts, pseudonymsWith(key));
  if (someHeldBack) await engine.run(sql.heldBack);
  for (const statement of sql.leaving(someHeldBack)) await engine.run(statement);
}

/** Writes the file that leaves; or says why what leaves does not fit into its form. */
async function write(
  engine: Engine,
  sql: ReleaseSql,
  plan: Plan,
  { path, form }: { path: string; form: OutputForm },
  report: PipelineReport,
): Promise<Problem | null> {
  if (form === 'xlsx') {
    // Loaded where it is needed: most files are CSV.
    const { writeXlsx } = await import('./output/xlsx.ts');
    return writeXlsx(path, plan, report.rows.out, engine.chunks(sql.inOrder));
  }
  if (sql.neutralised) {
    const counts = only(await engine.rows(sql.neutralised));
    report.neutralised = plan.write
      .map((field, at) => ({ field, values: Number(counts[`f${at + 1}`] ?? 0) }))
      .filter(({ values }) => values > 0);
  }
  const { headings = '' } = sql.headings ? only(await engine.rows(sql.headings)) : {};
  const line = Buffer.from(String(headings), 'hex').toString();
  const { Count: rows } = only(await engine.rows(sql.write(report.rows.out > 0 ? `${line}\n` : line)));
  // What leaves is what was counted, or nothing leaves.
  if (rows !== report.rows.out) throw new Error('The rows written are not those counted.');
  return null;
}

async function preview(engine: Engine, sql: ReleaseSql, plan: Plan): Promise<PipelineReport['preview']> {
  const before = await engine.rows(sql.previewBefore);
  const after = await engine.rows(sql.previewAfter(Number(before[before.length - 1]?.['row'] ?? 0)));
  const text = (row: Row | undefined, column: string) => (row?.[column] ?? null) as string | null;
  return before.map((row, at) => ({
    before: plan.header.map((_, column) => text(row, `c${column + 1}`) ?? ''),
    after: plan.write.map((_, field) => text(after[at], `f${field + 1}`)),
    heldBack: after[at]?.['held_back'] === true,
  }));
}

// Without its header a file's first row is about a person: it must not be repeated as column names.
const noHeader: Problem = {
  check: 'no-header',
  rows: [1],
  says: 'None of the columns that the terms list is in the first row. Check that this is the right file and that it begins with its header.',
};

const noneChosen: Problem = {
  check: 'no-rows',
  rows: [],
  says: 'No row of the file is one of those that the terms choose. Check that this is the right file.',
};

function sharedName({ duplicates }: NoPlan): Problem | null {
  if (duplicates.length === 0) return null;
  return {
    check: 'duplicate-column',
    rows: [1],
    says: `Columns share a name: columns ${duplicates.join(', ')}, counted from the left. Rename or remove them and try again.`,
  };
}

async function fingerprint(path: string): Promise<{ sha256: string; bytes: number }> {
  const file = await open(path, 'r+');
  try {
    const [sha256, { size: bytes }] = await Promise.all([hashFile(path), file.stat(), file.sync()]);
    return { sha256, bytes };
  } finally {
    await file.close();
  }
}
