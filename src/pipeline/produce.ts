import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from '../platform/pure/dates.ts';
import type { PipelineStep } from '../steps.ts';
import type { DataSet, Field, OutputForm } from './data-set.ts';
import { type Engine, openEngine, type Row } from './engine.ts';
import type { Hear } from './intake/bytes.ts';
import { inputName, readTable } from './intake/read-table.ts';
import { type NoPlan, type Plan, planRelease } from './plan.ts';
import { rowsLookedAt, undeclaredIdentifiers } from './profile/undeclared.ts';
import { pseudonymsWith } from './pseudonym.ts';
import { blankReport, type Classes, type PipelineReport, type Problem, sizeBands } from './report.ts';
import { cellsOf } from './search/classes.ts';
import { type ClassesOfSize, curveOfClasses, curveOfSearch } from './search/curve.ts';
import { attributeOf } from './search/hierarchy.ts';
import { findOptimum } from './search/lattice.ts';
import { compileRelease, type ReleaseSql } from './sql.ts';

/** What the child process is given: `input` lies in the folder, `output` will if the report has an output. */
export type Work = {
  folder: string;
  dataSet: DataSet;
  pseudonymKey: Buffer;
  form: OutputForm;
  /** The day it is in London, for checks of the data's age. */
  today: Day;
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
    await check(engine, sql, present, report);
    return report;
  }

  const { plan } = planned;
  report.dropped = [...plan.dropped];
  const sql = compiled(plan);
  tell('check types');
  await takeIn(engine, sql, work.folder, hear);
  await check(engine, sql, plan, report);
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
    const { k, limit } = plan.holdBack;
    report.curve = curveOfClasses(await sizesOf(engine, sql), inOrder(work.curve, k), limit);
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

/** Checks the types of all rows, and the quality of those that the terms choose. */
async function check(engine: Engine, sql: ReleaseSql, plan: Plan, report: PipelineReport): Promise<void> {
  await engine.run(sql.input);
  const counts = only(await engine.rows(sql.count));
  // Both readers must see the same table, or a check would be about other rows than those that leave.
  if (counts['rows'] !== report.rows.in) throw new Error('The two readers of the file count different rows.');
  report.rows.outside = Number(counts['outside']);
  for (const [at, { field, column, form }] of plan.checkTypes.entries()) {
    const failed = Number(counts[`wrong${at}`]);
    if (failed === 0) continue;
    const rows = await engine.rows(sql.wrongRows({ column, form }));
    report.wrongTypes.push({ field, type: form, failed, rows: rowNumbers(rows) });
  }
  await checkFormulas(engine, sql, plan, counts, report);
  for (const [at, { check: one }] of plan.checkQuality.entries()) {
    const { check: name, field, says, blocks } = one;
    const found = await failuresOf(engine, sql.failingRows[at] ?? null, Number(counts[`failed${at}`] ?? 0));
    report.quality.push({ check: name, field, says, ...found, blocks });
  }
  const { make, count } = sql.firstRows(rowsLookedAt);
  await engine.run(make);
  const { rows } = only(await engine.rows(count));
  report.quality.push(...(await undeclaredIdentifiers(engine, plan.checkIdentifiers, Number(rows))));
}

async function checkFormulas(
  engine: Engine,
  sql: ReleaseSql,
  plan: Plan,
  counts: Row,
  report: PipelineReport,
): Promise<void> {
  for (const [at, check] of plan.checkFormulas.entries()) {
    const values = Number(counts[`formulas${at}`]);
    if (values === 0) continue;
    const rows = await engine.rows(sql.formulaRows(check));
    report.formulas.push({ field: check.field, values, rows: rowNumbers(rows) });
  }
}

async function failuresOf(
  engine: Engine,
  failing: ReleaseSql['failingRows'][number],
  counted: number,
): Promise<{ failed: number; rows: number[] }> {
  if (failing && 'repeated' in failing) {
    const rows = await engine.rows(failing.repeated);
    return { failed: Number(rows[0]?.['failed'] ?? 0), rows: rowNumbers(rows) };
  }
  if (counted === 0 || failing === null) return { failed: counted, rows: [] };
  return { failed: counted, rows: rowNumbers(await engine.rows(failing.rows)) };
}

function rowNumbers(rows: readonly Row[]): number[] {
  return rows.map(({ row }) => Number(row));
}

/**
 * Takes the fields that have a hierarchy to the levels that lose least, or to the highest where none of them does, and
 * says how many rows that holds back; null where there is no search, or where a value is in no hierarchy.
 */
async function generalise(
  engine: Engine,
  sql: ReleaseSql,
  plan: Plan,
  report: PipelineReport,
  curve: readonly number[] | undefined,
): Promise<number | null> {
  for (const leaves of sql.leaves) await engine.run(leaves);
  if (plan.search.length === 0) {
    await engine.run(sql.found([]));
    return null;
  }
  await engine.run(sql.alike);
  const strangers = only(await engine.rows(sql.strangers));
  for (const [at, { field }] of plan.search.entries()) {
    const failed = Number(strangers[`strangers${at}`]);
    if (failed === 0) continue;
    const rows = rowNumbers(await engine.rows(sql.strangeRows(field)));
    report.wrongTypes.push({ field, type: 'hierarchy', failed, rows });
  }
  if (report.wrongTypes.length > 0) return null;
  const attributes = plan.search.map(({ hierarchy, weight }) => attributeOf(hierarchy, weight));
  const { k = 1, l = 1, limit = 0 } = plan.holdBack ?? {};
  const cells = cellsOf(await engine.columns(sql.cells), l);
  const search = (k: number) => findOptimum(attributes, cells, { k, limit });
  const found = search(k);
  const fields = plan.search.map(({ field }) => field);
  if (curve) {
    const known = (other: number) => (other === k ? found : search(other));
    report.curve = curveOfSearch(fields, known, inOrder(curve, k));
  }
  const highest = attributes.map(({ levels }) => levels.length - 1);
  await engine.run(sql.found(found.levels ?? highest));
  if (found.levels === null) return found.leastHeldBack;
  const { levels, loss, heldBack, nodes, nodesChecked } = found;
  const byField = Object.fromEntries(plan.search.map(({ field }, at) => [field, levels[at] ?? 0]));
  report.generalisation = { levels: byField, loss, nodes, nodesChecked };
  return heldBack;
}

async function holdBack(
  engine: Engine,
  sql: ReleaseSql,
  plan: Plan,
  { by, k, l, limit }: NonNullable<Plan['holdBack']>,
  report: PipelineReport,
): Promise<void> {
  await engine.run(sql.classes);
  for (const poor of sql.poor) await engine.run(poor);
  await engine.run(sql.smallClasses);
  const before = classes(only(await engine.rows(sql.classesAsHeld)), k);
  const after = classes(only(await engine.rows(sql.classesLeaving)), k);
  const shareOf = (rows: number) => rows / (report.rows.in - report.rows.outside);
  const heldBackRows = async (query: string) => Number(only(await engine.rows(query))['rows']);

  report.k = { required: k, fields: [...by], before, after };
  report.rows.heldBack = await heldBackRows(sql.heldBackRows);
  report.heldBackShare = shareOf(report.rows.heldBack);
  report.limit = limit;
  report.withinLimit = report.heldBackShare <= limit;
  if (!report.withinLimit) {
    const largest = Number(only(await engine.rows(sql.closestK))['k']);
    const withoutL = shareOf(await heldBackRows(sql.rowsBelowK)) <= limit;
    report.closest = {
      limit: Math.ceil(report.heldBackShare * 1e6) / 1e6,
      k: !withoutL && largest >= 2 ? largest : null,
      l: withoutL ? l : null,
    };
  }
  // What leaving out a field would change is known where the classes are all that decides.
  if (report.withinLimit || plan.search.length > 0 || sql.poor.length > 0) return;
  for (const { leaveOut, sql: query } of sql.alternatives) {
    const heldBack = await heldBackRows(query);
    report.alternatives.push({ leaveOut, heldBack, share: shareOf(heldBack) });
  }
}

const inOrder = (ks: readonly number[], k: number) =>
  [...new Set([...ks, k])].sort((one, other) => one - other);

async function sizesOf(engine: Engine, sql: ReleaseSql): Promise<ClassesOfSize[]> {
  const rows = await engine.rows(sql.classSizes);
  return rows.map(({ size, classes, poor }) => ({
    size: Number(size),
    classes: Number(classes),
    poor: poor === true,
  }));
}

/** From here on rows are those that leave, and their values those that are written. */
async function leave(engine: Engine, sql: ReleaseSql, key: Buffer, someHeldBack: boolean): Promise<void> {
  engine.define('pseudonym', pseudonymsWith(key));
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
  const { Count: lines } = only(await engine.rows(sql.write));
  // What leaves is what was counted, or nothing leaves.
  if (lines !== report.rows.out + sql.headings) throw new Error('The rows written are not those counted.');
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

function classes(row: Row, k: number): Classes {
  return {
    classes: Number(row['classes']),
    smallest: row['smallest'] === null ? null : Number(row['smallest']),
    rowsBelow: Number(row['band0']),
    histogram: sizeBands(k).map(({ size }, at) => ({ size, rows: Number(row[`band${at}`]) })),
  };
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

function only(rows: Row[]): Row {
  const [row] = rows;
  if (!row) throw new Error('A query that sums up gave no row.');
  return row;
}

async function fingerprint(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
  return { sha256: hash.digest('hex'), bytes };
}
