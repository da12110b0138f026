import { type Engine, only, type Row, rowNumbers } from './engine.ts';
import type { Plan } from './plan.ts';
import { type Classes, type PipelineReport, sizeBands } from './report.ts';
import { cellsOf } from './search/classes.ts';
import { type CurvePoint, curveOfClasses, curveOfSearch } from './search/curve.ts';
import { attributeOf } from './search/hierarchy.ts';
import { findOptimum } from './search/lattice.ts';
import type { ReleaseSql } from './sql.ts';

// People who stand out: fields are made coarser, and small groups stay behind.

/**
 * Takes the fields that have a hierarchy to the levels that lose least, or to the highest where none of them does, and
 * says how many rows that holds back; null where there is no search, or where a value is in no hierarchy.
 */
export async function generalise(
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

/** Finds the classes that stay behind, and says what that means: the groups before and after, and how near the terms are. */
export async function holdBack(
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

/** What other k would mean, and the agreed one, where no field is made coarser for it: from the sizes of the classes. */
export async function curveOfSizes(
  engine: Engine,
  sql: ReleaseSql,
  { k, limit }: NonNullable<Plan['holdBack']>,
  ks: readonly number[],
): Promise<CurvePoint[]> {
  const rows = await engine.rows(sql.classSizes);
  const sizes = rows.map(({ size, classes, poor }) => ({
    size: Number(size),
    classes: Number(classes),
    poor: poor === true,
  }));
  return curveOfClasses(sizes, inOrder(ks, k), limit);
}

function classes(row: Row, k: number): Classes {
  return {
    classes: Number(row['classes']),
    smallest: row['smallest'] === null ? null : Number(row['smallest']),
    rowsBelow: Number(row['band0']),
    histogram: sizeBands(k).map(({ size }, at) => ({ size, rows: Number(row[`band${at}`]) })),
  };
}
