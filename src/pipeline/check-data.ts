import { type Engine, only, type Row, rowNumbers } from './engine.ts';
import type { Plan } from './plan.ts';
import { rowsLookedAt, undeclaredIdentifiers } from './profile/undeclared.ts';
import { type Counts, driftOf } from './quality/drift.ts';
import type { PipelineReport } from './report.ts';
import type { ReleaseSql } from './sql.ts';

// Whether the data is what the terms say it is.

/** Checks the types of all rows, and the quality of those that the terms choose, some of it beside the `last` that left. */
export async function check(
  engine: Engine,
  sql: ReleaseSql,
  plan: Plan,
  report: PipelineReport,
  last: Counts | null,
): Promise<void> {
  await engine.run(sql.input);
  const counts = only(await engine.rows(sql.count));
  // Both readers must see the same table, or a check would be about other rows than those that leave.
  if (counts['rows'] !== report.rows.in) throw new Error('The two readers of the file count different rows.');
  report.rows.outside = Number(counts['outside']);
  report.blanks = plan.checkTypes.map(({ field }, at) => ({ field, rows: Number(counts[`blanks${at}`]) }));
  for (const [at, { field, column, form }] of plan.checkTypes.entries()) {
    const failed = Number(counts[`wrong${at}`]);
    if (failed === 0) continue;
    const rows = await engine.rows(sql.wrongRows({ column, form }));
    report.wrongTypes.push({ field, type: form, failed, rows: rowNumbers(rows) });
  }
  await checkFormulas(engine, sql, plan, counts, report);
  for (const [at, { check: one }] of plan.checkQuality.entries()) {
    const { check: name, field, says, blocks } = one;
    if (one.check === 'drift') {
      const now = { rows: report.rows.in - report.rows.outside, blanks: report.blanks };
      report.quality.push({ check: name, field, says, ...driftOf(one, now, last), rows: [], blocks });
      report.last = last;
      continue;
    }
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
