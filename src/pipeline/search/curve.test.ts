import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DataSet } from '../data-set.ts';
import { type Job, runRelease } from '../run.ts';

vi.setConfig({ testTimeout: 60_000 });

// Groups of 1, 2, 4, 8, 16 and 60 rows; in the largest everybody has the same outcome.
const ages = [1, 2, 4, 8, 16, 60].flatMap((size, at) =>
  Array.from({ length: size }, (_, n) => `${20 + at},${at < 5 ? n : 0}`),
);
const hierarchy = ages
  .map((row) => row.split(',')[0] ?? '')
  .filter((age, at, all) => all.indexOf(age) === at)
  .map((age) => [age, Number(age) < 23 ? '20-22' : '23-25', '*']);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curve-'));
  await writeFile(join(folder, 'in.csv'), `age,outcome\n${ages.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(age: object, protection: object, more: Partial<Job> = { curve: [2, 3, 5, 10, 20, 50] }) {
  const dataSet = DataSet.parse({
    id: 'any',
    format: { type: 'csv' },
    fields: [
      { name: 'age', type: 'integer', role: 'quasi-identifier', ...age },
      { name: 'outcome', type: 'string', role: 'sensitive', use: 'keep' },
    ],
    protection,
  });
  return runRelease({
    input: join(folder, 'in.csv'),
    staging: folder,
    dataSet,
    pseudonymKey: Buffer.alloc(32),
    outputName: 'out.csv',
    form: 'csv',
    today: '2026-11-22',
    ...more,
  });
}

test.each([
  ['levels are fixed', { use: 'keep' }, {}],
  ['levels are fixed, and l', { use: 'keep' }, { l: 2 }],
  ['levels are searched for', { use: 'generalise', hierarchy }, {}],
  ['levels are searched for, and l', { use: 'generalise', hierarchy }, { l: 2 }],
])('where %s, each point is what a run with that k comes to', async (_, age, l) => {
  const demand = { suppressionLimit: 0.2, ...l };
  const { curve, rows } = await run(age, { k: 4, ...demand });
  expect(curve?.map(({ k }) => k)).toEqual([2, 3, 4, 5, 10, 20, 50]);
  expect(curve?.find(({ k }) => k === 4)?.heldBack).toBe(rows.heldBack);
  for (const { k, heldBack, withinLimit, levels, loss } of curve ?? []) {
    const report = await run(age, { k, ...demand }, {});
    expect([k, report.rows.heldBack, report.withinLimit]).toEqual([k, heldBack, withinLimit]);
    expect(report.generalisation?.levels ?? null).toEqual(levels);
    expect(report.generalisation?.loss ?? null).toEqual(loss);
    expect(report.curve).toBeNull();
  }
});

test('a larger k never keeps more rows, nor loses less', async () => {
  const { curve } = await run({ use: 'generalise', hierarchy }, { k: 2, suppressionLimit: 0.05 });
  const losses = (curve ?? []).flatMap(({ loss }) => (loss === null ? [] : [loss]));
  expect(losses).toEqual(losses.toSorted((one, other) => one - other));
  expect(losses.length).toBeGreaterThan(3);
});

test('where nothing is held back there is no curve', async () => {
  const dataSet = DataSet.parse({
    id: 'any',
    format: { type: 'csv' },
    fields: [{ name: 'age', type: 'integer', role: 'other', use: 'keep' }],
  });
  expect((await run({ use: 'keep' }, { k: 2 }, { dataSet, curve: [2] })).curve).toBeNull();
});
