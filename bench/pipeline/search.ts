import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openEngine } from '../../src/pipeline/engine.ts';
import { planRelease } from '../../src/pipeline/plan.ts';
import { cellsOf } from '../../src/pipeline/search/classes.ts';
import { attributeOf } from '../../src/pipeline/search/hierarchy.ts';
import { findOptimum } from '../../src/pipeline/search/lattice.ts';
import { compileRelease, csvSource } from '../../src/pipeline/sql.ts';
import { readTermsFile } from '../../src/pipeline/terms-file.ts';

// How long the search takes that finds the levels of Adult, in ms: node search.ts TERMS FOLDER (which holds adult.csv)
const [terms = '', folder = ''] = process.argv.slice(2);
const read = await readTermsFile(terms);
const dataSet = read?.ok ? read.dataSets[0] : undefined;
if (!dataSet) throw new Error('The terms do not stand.');
const header = dataSet.fields.map(({ name }) => name);
const planned = planRelease(dataSet, header, '2026-11-22');
if (!planned.ok) throw new Error('The terms do not fit the file.');
const { plan } = planned;
const engine = await openEngine(folder);
const source = csvSource(join(folder, 'adult.csv'), ';', header.length);
const taken = join(folder, 'adult-taken');
const sql = compileRelease(
  plan,
  { source, firstRow: 2, rows: 30_162 },
  { taken, path: join(folder, 'adult-out'), form: 'csv', neutralise: false },
);
for (const statement of [sql.take, sql.input, sql.minimised, sql.generalised, ...sql.leaves, sql.alike])
  await engine.run(statement);
const cells = cellsOf(await engine.columns(sql.cells), 1);
const attributes = plan.search.map(({ hierarchy, weight }) => attributeOf(hierarchy, weight));
const { k = 1, limit = 0 } = plan.holdBack ?? {};
const start = performance.now();
const found = findOptimum(attributes, cells, { k, limit });
const took = performance.now() - start;
engine.close();
if (found.levels === null) throw new Error('No levels were found.');
process.stdout.write(String(took));
