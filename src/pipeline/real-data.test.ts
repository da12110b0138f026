import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DataSet, Field } from './data-set.ts';
import { runRelease } from './run.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

// Bedfordshire's own files, see examples/data/README.md. Their values hold no commas, so a split reads them.
const data = (name: string) => fileURLToPath(new URL(`../../examples/data/${name}`, import.meta.url));
const searchesFile = data('2024-01-bedfordshire-stop-and-search.csv');
const streetFile = data('2023-10-bedfordshire-street.csv');

async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, at) => [names[at], value])));
}

/** Class sizes, counted without the pipeline: one key per row, and how many rows share it. */
function classesOf(rows: Record<string, string>[], fields: string[]) {
  const keyOf = (row: Record<string, string>) => JSON.stringify(fields.map((name) => row[name]));
  const sizes = Map.groupBy(rows, keyOf);
  const sizeOf = (row: Record<string, string>) => sizes.get(keyOf(row))?.length ?? 0;
  return { count: sizes.size, sizeOf, below: (k: number) => rows.filter((row) => sizeOf(row) < k).length };
}

function field(name: string, rest: Partial<Field> = {}): Field {
  return { name, type: 'string', role: 'other', use: 'keep', ...rest };
}

function searchesBy(...quasiIdentifiers: string[]): DataSet {
  return {
    id: 'stop-and-search',
    format: { type: 'csv', delimiter: ',' },
    fields: [
      field('Date', { type: 'timestamp', use: { to: 'month' } }),
      field('Part of a policing operation', { type: 'boolean' }),
      field('Latitude', { type: 'number', use: 'drop' }),
      ...quasiIdentifiers.map((name) => field(name, { role: 'quasi-identifier' })),
      field('Object of search'),
    ],
    protection: { k: 5, suppressionLimit: 0.1 },
  };
}

let staging: string;
beforeEach(async () => {
  staging = await mkdtemp(join(tmpdir(), 'staging-'));
});
afterEach(() => rm(staging, { recursive: true }));

const run = (input: string, dataSet: DataSet) =>
  runRelease({
    input,
    staging,
    dataSet,
    pseudonymKey: Buffer.alloc(32, 7),
    outputName: 'out.csv',
    form: 'csv',
    today: '2026-11-22',
  });

describe('stop and search, January 2024', () => {
  const officerDefined = ['Gender', 'Age range', 'Officer-defined ethnicity'];
  const selfDefined = ['Gender', 'Age range', 'Self-defined ethnicity'];

  it('leaves without its small groups by officer-defined ethnicity [R102]', async () => {
    const rows = await rowsOf(searchesFile);
    const classes = classesOf(rows, officerDefined);
    expect([rows.length, classes.count, classes.below(5)]).toEqual([301, 33, 25]);

    const report = await run(searchesFile, searchesBy(...officerDefined));
    const kept = rows.filter((row) => classes.sizeOf(row) >= 5);
    const inClassesOf = (from: number, to: number) =>
      rows.filter((row) => classes.sizeOf(row) >= from && classes.sizeOf(row) <= to).length;
    expect(report).toMatchObject({
      problem: null,
      missing: [],
      wrongTypes: [],
      rows: { in: 301, out: 276, heldBack: 25 },
      heldBackShare: 25 / 301,
      limit: 0.1,
      withinLimit: true,
      alternatives: [],
      k: {
        required: 5,
        fields: officerDefined,
        before: {
          classes: 33,
          smallest: 1,
          rowsBelow: 25,
          histogram: [
            { size: '1 to 4', rows: 25 },
            { size: '5 to 19', rows: inClassesOf(5, 19) },
            { size: '20 to 99', rows: inClassesOf(20, 99) },
            { size: '100 or more', rows: inClassesOf(100, 301) },
          ],
        },
        after: { classes: classesOf(kept, officerDefined).count, smallest: 5, rowsBelow: 0 },
      },
      output: { path: join(staging, 'out.csv'), rows: 276 },
    });
    const written = await rowsOf(join(staging, 'out.csv'));
    const names = ['Part of a policing operation', ...officerDefined, 'Object of search'];
    expect(written).toEqual(
      kept.map((row) => ({ Date: '2024-01', ...Object.fromEntries(names.map((name) => [name, row[name]])) })),
    );
    expect(await readdir(staging)).toEqual(['out.csv']);
  });

  it('shows its first rows as held and as they would leave', async () => {
    const report = await run(searchesFile, searchesBy(...officerDefined));
    const rows = await rowsOf(searchesFile);
    const classes = classesOf(rows, officerDefined);
    expect(report.preview.map((row) => row.before)).toEqual(
      rows.slice(0, 6).map((row) => Object.values(row)),
    );
    expect(report.preview.map((row) => row.heldBack)).toEqual(
      rows.slice(0, 6).map((row) => classes.sizeOf(row) < 5),
    );
    expect(report.preview[0]?.after).toEqual([
      '2024-01',
      'False',
      null,
      '18-24',
      'Other',
      'Article for use in theft',
    ]);
  });

  it('does not leave by self-defined ethnicity: too many rows would be held back', async () => {
    const rows = await rowsOf(searchesFile);
    expect(classesOf(rows, selfDefined).below(5)).toBe(86);

    const report = await run(searchesFile, searchesBy(...selfDefined));
    expect(report).toMatchObject({
      rows: { in: 301, out: 215, heldBack: 86 },
      heldBackShare: 86 / 301,
      withinLimit: false,
      output: null,
    });
    const without = (leaveOut: string) =>
      classesOf(
        rows,
        selfDefined.filter((name) => name !== leaveOut),
      ).below(5);
    expect(report.alternatives).toEqual(
      selfDefined.map((name) => ({ leaveOut: name, heldBack: without(name), share: without(name) / 301 })),
    );
    expect(await readdir(staging)).toEqual([]);
  });

  it('counts classes after generalisation: dates single people out, months do not', async () => {
    const dataSet = searchesBy('Gender');
    const [date, ...others] = dataSet.fields;
    const fields = [{ ...(date ?? field('Date')), role: 'quasi-identifier' as const }, ...others];
    const report = await run(searchesFile, { ...dataSet, fields });
    const rows = await rowsOf(searchesFile);
    expect(report.k?.before.classes).toBe(classesOf(rows, ['Date', 'Gender']).count);
    expect(report.rows.heldBack).toBe(classesOf(rows, ['Gender']).below(5));
  });
});

it('street crime leaves with pseudonyms for Crime IDs, and its real blanks stay blank', async () => {
  const report = await run(streetFile, {
    id: 'street-crime',
    format: { type: 'csv', delimiter: ',' },
    fields: [
      field('Crime ID', { role: 'identifier', use: 'pseudonymise' }),
      field('Month', { type: 'month' }),
      field('LSOA code'),
      field('Crime type'),
    ],
  });
  expect(report).toMatchObject({
    rows: { in: 500, out: 500, heldBack: 0 },
    k: null,
    limit: null,
    withinLimit: true,
  });
  const [before, after] = [await rowsOf(streetFile), await rowsOf(join(staging, 'out.csv'))];
  expect(after.map((row) => row['Crime ID'] === '')).toEqual(before.map((row) => row['Crime ID'] === ''));
  expect(after.filter((row) => row['Crime ID'] === '')).toHaveLength(80);
  expect(after.map((row) => row['LSOA code'])).toEqual(before.map((row) => row['LSOA code']));
});
