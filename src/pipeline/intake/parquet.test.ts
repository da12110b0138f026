import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Engine, openEngine } from '../engine.ts';
import { literal } from '../literal.ts';
import { readParquet } from './parquet.ts';

vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let path: string;
let engine: Engine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-'));
  path = join(folder, 'input');
  engine = await openEngine(folder);
});
afterEach(async () => {
  engine.close();
  await rm(folder, { recursive: true });
});

/** Writes a file with an engine of its own, in the time zone of New York: nothing may depend on that of whoever reads. */
async function made(select: string, options = ''): Promise<void> {
  const maker = await (await DuckDBInstance.create(':memory:')).connect();
  await maker.run(`set timezone = 'America/New_York'`);
  await maker.run(`copy (${select}) to ${literal(path)} (format parquet${options})`);
  maker.closeSync();
}

async function read(listed: string[] = []) {
  const { table, problem } = await readParquet(path, listed, engine);
  return { table, problem, rows: table && (await engine.rows(`from ${table.source}`)) };
}

it('gives each value as the text that the terms know', async () => {
  await made(`select * from (values
    ('Zoë', 3::bigint, 3.0::double, 0.1::float, 1.50::decimal(9, 2), true, date '2024-01-31', timestamptz '2024-06-30 23:30:00+00', timestamp '2024-06-30 23:30:00.125', 'a'::enum('a', 'b')),
    ('', null, 1e-7, 1e20::float, 12, false, null, timestamptz '2024-06-30 23:30:00.5+01', null, null))
    as t("na""me", c2, c3, c4, c5, c6, c7, c8, c9, c10)`);
  const { table, rows } = await read();
  expect(table).toMatchObject({ rows: 2, firstRow: 1, encoding: null });
  expect(table?.header.slice(0, 2)).toEqual(['na"me', 'c2']);
  expect(rows?.map((row) => Object.values(row))).toEqual([
    [
      'Zoë',
      '3',
      '3',
      '0.1',
      '1.50',
      'true',
      '2024-01-31',
      '2024-06-30T23:30:00+00:00',
      '2024-06-30T23:30:00.125',
      'a',
    ],
    [null, null, '1e-07', '1e+20', '12.00', 'false', null, '2024-06-30T22:30:00.5+00:00', null, null],
  ]);
});

it('refuses a nested column that the terms list, and has blanks in one they do not', async () => {
  await made(`select 1 as a, {'x': 1, 'y': [2]} as b, map {'k': 'v'} as c, 'last' as d`);
  const { table, rows } = await read(['a', 'd']);
  expect(table?.header).toEqual(['a', 'b', 'c', 'd']);
  expect(table?.nested).toEqual(['b', 'c']);
  expect(rows?.map((row) => Object.values(row))).toEqual([['1', null, null, 'last']]);
  expect((await read(['a', 'c'])).problem).toMatchObject({ check: 'nested', field: 'c', rows: [] });
});

it('refuses a text with a zero byte, and says where it is', async () => {
  await made(`select case when i in (3, 5) then 'a' || chr(0) else 'b' end as a from range(7) as t(i)`);
  expect((await read()).problem).toMatchObject({ check: 'nul-byte', rows: [4, 6] });
});

it('takes bytes that are not said to be text for text, and refuses those that are none', async () => {
  await made(`select encode('Zoë') as a`);
  expect((await read()).rows).toEqual([{ c1: 'Zoë' }]);
  await made(String.raw`select '\xFF\xFE'::blob as a`);
  expect((await read()).problem).toMatchObject({ check: 'damaged' });
});

describe('a damaged file', () => {
  it('is refused, wherever the damage is', async () => {
    await made(`select i as a, 'Amina ' || hash(i) as b from range(20000) as t(i)`);
    const whole = await readFile(path);
    for (const share of [0.001, 0.3, 0.6, 0.9]) {
      const bytes = Buffer.from(whole);
      bytes.fill(0xa5, Math.floor(whole.length * share), Math.floor(whole.length * share) + 64);
      await writeFile(path, bytes);
      const { problem } = await read();
      expect(problem?.check, `at ${share}`).toBe('damaged');
      expect(JSON.stringify(problem)).not.toContain('Amina');
    }
  });

  it('is refused where it is cut off, empty, or something else', async () => {
    await made('select 1 as a');
    const whole = await readFile(path);
    for (const bytes of [
      whole.subarray(0, -1),
      whole.subarray(0, 20),
      Buffer.of(),
      Buffer.from('a,b\n1,2\n'),
    ]) {
      await writeFile(path, bytes);
      expect((await read()).problem?.check).toBe('damaged');
    }
  });

  it('is not one that has no rows: it is refused for that', async () => {
    await made('select 1 as a where false');
    expect((await read()).problem?.check).toBe('no-rows');
  });
});
