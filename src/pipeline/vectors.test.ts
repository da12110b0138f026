import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DataSet } from './data-set.ts';
import type { PipelineReport } from './report.ts';
import { runRelease } from './run.ts';

vi.setConfig({ testTimeout: 60_000 });

const vectors = new URL('../../test/vectors/', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, vectors), 'utf8');
const key = Buffer.alloc(32, 7);

let folder: string;
let formulas: PipelineReport['formulas'];
let neutralised: PipelineReport['neutralised'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectors-'));
  await mkdir(join(folder, 'staging'), { mode: 0o700 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a file through terms that keep every column as text, or as said; the rows that leave, or what was wrong. */
async function leaves(
  input: string,
  uses: Record<string, DataSet['fields'][number]['use']>,
  readBy: NonNullable<DataSet['readBy']> = 'machines',
) {
  await writeFile(join(folder, 'input.csv'), input);
  const fields = Object.entries(uses).map(
    ([name, use]) => ({ name, type: 'string', role: 'other', use }) as const,
  );
  const report = await runRelease({
    input: join(folder, 'input.csv'),
    staging: join(folder, 'staging'),
    dataSet: { id: 'vectors', format: { type: 'csv', delimiter: ',' }, readBy, fields },
    pseudonymKey: key,
    form: 'csv' as const,
    today: '2026-11-22',
    outputName: 'vectors.csv',
  });
  formulas = report.formulas;
  neutralised = report.neutralised;
  if (!report.output) return { problem: report.problem };
  const [header = [], ...rows] = readCsv(await readFile(report.output.path, 'utf8'));
  return { rows: rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]]))) };
}

/** CSV as RFC 4180 has it: a reader of its own, so that what our engine writes is not judged by our engine. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = [[]];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/y;
  while (cells.lastIndex < csv.length) {
    const found = cells.exec(csv);
    if (!found) throw new Error('What left is not CSV');
    rows.at(-1)?.push(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'));
    if (found[3] === '\n' && cells.lastIndex < csv.length) rows.push([]);
  }
  return rows;
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('the edge cases of CSV leave as they came', () => {
  // The JSON of this one speaks of another person; its quotes stand in a cell that has none around it.
  const ownWords = 'location_coordinates.csv';

  test.each(readdirSync(new URL('csv-spectrum/csvs', vectors)).filter((name) => name !== ownWords))(
    '%s',
    async (name) => {
      const expected: Record<string, string>[] = JSON.parse(
        text(`csv-spectrum/json/${name.replace('.csv', '.json')}`),
      );
      const columns = Object.keys(expected[0] ?? {});
      const uses = Object.fromEntries(columns.map((column) => [column, 'keep' as const]));
      expect(await leaves(text(`csv-spectrum/csvs/${name}`), uses)).toEqual({ rows: expected });
    },
  );

  test(`${ownWords} is refused: RFC 4180 has no quote inside a cell without quotes`, async () => {
    const csv = text(`csv-spectrum/csvs/${ownWords}`);
    const header = csv.split('\n')[0]?.split(',') ?? [];
    const answer = await leaves(csv, Object.fromEntries(header.map((name) => [name, 'keep'])));
    expect(answer).toEqual({ problem: expect.objectContaining({ check: 'misplaced-quote', rows: [2] }) });
  });
});

test('what a spreadsheet would run leaves byte for byte: a machine reads this file, and is told', async () => {
  const payloads = text('csv-injection/csv-payload.txt').split('\n').filter(Boolean);
  const input = `cell\n${payloads.map(quoted).join('\n')}\n`;
  expect(await leaves(input, { cell: 'keep' })).toEqual({ rows: payloads.map((cell) => ({ cell })) });
  const rows = payloads.flatMap((cell, at) => (/^[-=+@\t\r]/.test(cell) ? [at + 2] : []));
  expect(formulas).toEqual([{ field: 'cell', values: rows.length, rows: rows.slice(0, 10) }]);
});

test('what a spreadsheet would run begins with an apostrophe where people read it, and is counted', async () => {
  const payloads = text('csv-injection/csv-payload.txt').split('\n').filter(Boolean);
  const others = [
    ' =1',
    '\t1',
    '\u00a0@x',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\n=1',
    '-',
    '+44 20',
    'a=1',
    '1-1',
    '',
  ];
  const cells = [...payloads, ...others];
  const input = `"=cell",coded\n${cells.map((one) => `${quoted(one)},=1`).join('\n')}\n`;
  const { rows = [] } = await leaves(input, { '=cell': 'keep', coded: 'pseudonymise' }, 'people');
  const harmless = (one: string) => /^([a-z0-9].*)?$/i.test(one);
  expect(rows.map((row) => row["'=cell"])).toEqual(cells.map((one) => (harmless(one) ? one : `'${one}`)));
  const count = cells.filter((one) => !harmless(one)).length;
  expect(count).toBe(15);
  expect(neutralised).toEqual([{ field: '=cell', values: count }]);
  expect(new Set(rows.map(({ coded }) => coded)).size).toBe(1);
});

test('naughty strings leave as they came, and each has its own pseudonym', async () => {
  // What has a NUL, or is a line feed that a carriage return comes before, is refused or read as a line's end: see structure.test.ts.
  const strings = [...new Set<string>(JSON.parse(text('naughty-strings/blns.json')))].filter(
    (one) => one.isWellFormed() && !/[\0\r]/.test(one) && one.trim() === one && one !== '',
  );
  expect(strings.length).toBeGreaterThan(400);
  const input = `kept,coded\n${strings.map((one) => `${quoted(one)},${quoted(one)}`).join('\n')}\n`;
  const expected = strings.map((one) => ({
    kept: one,
    coded: createHmac('sha256', key).update(one).digest('hex'),
  }));
  expect(await leaves(input, { kept: 'keep', coded: 'pseudonymise' })).toEqual({ rows: expected });
});

test('naughty strings as headings are columns that the terms do not list, or a clear refusal', async () => {
  const strings: string[] = JSON.parse(text('naughty-strings/blns.json'));
  for (const string of strings.filter((one, at) => at % 24 === 0 && one.trim() !== '')) {
    const answer = await leaves(`person,${quoted(string)}\nAmina,x\n`, { person: 'keep' });
    if (answer.rows) expect(answer.rows).toEqual([{ person: 'Amina' }]);
    else expect(JSON.stringify(answer.problem)).not.toContain(string);
  }
});
