import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashFile } from '../../platform/file-bytes.ts';
import type { DataSet, Field } from '../data-set.ts';
import { readXlsx } from '../intake/xlsx.ts';
import { produceRelease } from '../produce.ts';
import { writeXlsx } from './xlsx.ts';
import { cellXml, columnName } from './xlsx-cell.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xlsx-out-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Column = { name: string; type: Field['type']; values: (string | null)[] };

async function* rowsOf(columns: Column[], atOnce = 1000) {
  const rows = columns[0]?.values.map((_, at) => at + 2) ?? [];
  for (let at = 0; at < rows.length; at += atOnce) {
    yield [rows, ...columns.map(({ values }) => values)].map((all) => all.slice(at, at + atOnce));
  }
}

/** Writes columns as a workbook, and reads it back with our own intake: its header and rows. */
async function there(columns: Column[], path = join(folder, 'out.xlsx')) {
  const plan = { write: columns.map(({ name }) => name), types: columns.map(({ type }) => type) };
  const rows = columns[0]?.values.length ?? 0;
  const problem = await writeXlsx(path, plan, rows, rowsOf(columns));
  return { problem, path };
}
async function back(path: string) {
  await rm(join(path, '../input-table'), { force: true });
  const { table, problem } = await readXlsx(path, folder, undefined, []);
  if (!table) throw new Error(`Our own workbook is refused: ${problem?.check}`);
  const [, ...rows] = parse(await readFile(join(folder, 'input-table')), {
    relax_column_count: true,
    bom: true,
  }) as string[][];
  return { header: table.header, rows };
}

describe('a value is kept as it is held', () => {
  it.each([
    ['integer', '0', 0],
    ['integer', '-123456789012345', -123456789012345],
    ['number', '0.1', 0.1],
    ['number', '-2.50', -2.5],
    ['number', '1e-05', 0.00001],
    ['date', '1900-03-01', 61],
    ['date', '2024-02-29', 45351],
    ['date', '9999-12-31', 2958465],
  ] as const)('%s %s is a number of a spreadsheet', (type, value, number) => {
    const [, held] = /<v>(.*)<\/v>/.exec(cellXml('A1', value, type) ?? '') ?? [];
    expect(Number(held)).toBe(number);
  });

  it.each([
    ['integer', '007', 'its zeros would go'],
    ['integer', '1234567890123456', 'a spreadsheet keeps fifteen digits'],
    ['integer', '-0', 'a spreadsheet knows no such zero'],
    ['number', '00.5', 'its zeros would go'],
    ['number', '0.1234567890123456', 'a spreadsheet keeps fifteen digits'],
    ['number', '1e308', 'it is near the end of what a spreadsheet can hold'],
    ['number', `0.${'0'.repeat(400)}1`, 'a spreadsheet would take it for nothing'],
    ['date', '1900-02-28', 'spreadsheets do not agree on days before March 1900'],
    ['string', '12', 'a text is a text'],
    ['string', '2024-01-31', 'a text is a text'],
    ['month', '2024-01', 'a spreadsheet has no months'],
    ['timestamp', '2024-01-31T10:00:00Z', 'a spreadsheet knows no offset'],
    ['boolean', 'True', 'how it is written would go'],
  ] as const)('%s %s is a text: %s', (type, value, _why) => {
    expect(cellXml('A1', value, type)).toContain(`t="inlineStr"><is><t xml:space="preserve">${value}</t>`);
  });

  it('whatever its signs are, and comes back so', async () => {
    const naughty: string[] = JSON.parse(
      await readFile(new URL('../../../test/vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
    );
    const odd = [
      '_x0041_',
      '_x0041_x0042_',
      '_x0041\u0001',
      'a\rb\r\nc',
      ' \t x ',
      '<&>"\'',
      ']]>',
      '\u{1f600}\uffff',
    ];
    const values = [...naughty, ...odd].filter((one) => one.isWellFormed() && !/\0/.test(one) && one !== '');
    const { path } = await there([{ name: '=1+1', type: 'string', values }]);
    const { header, rows } = await back(path);
    expect(header).toEqual(['=1+1']);
    expect(rows).toEqual(values.map((one) => [one]));
  });

  it('whatever it is', async () => {
    const text = fc.string({
      unit: fc.constantFrom('_', 'x', '0', 'A', 'f', '\u0001', '\u001f', '\r', '\n', 'é', '&'),
    });
    const texts = fc.array(
      text.filter((one) => one !== ''),
      { minLength: 1, maxLength: 50 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        await rm(join(folder, 'out.xlsx'), { force: true });
        const { path } = await there([{ name: 'a', type: 'string', values }]);
        expect((await back(path)).rows).toEqual(values.map((one) => [one]));
      }),
      { numRuns: 20 },
    );
  });
});

it('columns are called as a sheet calls them', () => {
  expect([0, 25, 26, 701, 702, 16_383].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
});

describe('what does not fit into a sheet is refused in words', () => {
  const column = (values: string[], name = 'a'): Column => ({ name, type: 'string', values });

  it('too many rows or columns', async () => {
    const nothing = { async *[Symbol.asyncIterator]() {} };
    for (const [columns, rows] of [
      [1, 1_048_576],
      [16_385, 1],
    ] as const) {
      const names = Array.from({ length: columns }, (_, at) => `c${at}`);
      const plan = { write: names, types: names.map(() => 'string' as const) };
      const problem = await writeXlsx(join(folder, 'never.xlsx'), plan, rows, nothing);
      expect(problem).toMatchObject({ check: 'too-large-for-xlsx' });
    }
  });

  it('too long a text, with its field and the row of the file, and never a part of it', async () => {
    const { problem } = await there([column(['x', 'Amina'.repeat(6554)], 'note')]);
    expect(problem).toMatchObject({ check: 'too-long-for-xlsx', field: 'note', rows: [3] });
    expect(JSON.stringify(problem)).not.toContain('Amina');
    expect((await there([column(['x'.repeat(32_767)])], join(folder, 'just.xlsx'))).problem).toBeNull();
  });
});

describe('a file that leaves as a workbook', () => {
  const dataSet: DataSet = {
    id: 'people',
    format: { type: 'csv' },
    fields: [
      { name: 'note', type: 'string', role: 'other', use: 'keep' },
      { name: 'seen', type: 'date', role: 'other', use: 'keep' },
      { name: 'cost', type: 'number', role: 'other', use: 'keep' },
      { name: 'born', type: 'date', role: 'other', use: { to: 'month' } },
    ],
  };

  async function release(rows: string, of = dataSet) {
    const work = await mkdtemp(join(folder, 'work-'));
    await writeFile(join(work, 'input'), `note,seen,cost,born\n${rows}`);
    return produceRelease(
      { folder: work, dataSet: of, pseudonymKey: Buffer.alloc(32), form: 'xlsx', today: '2026-11-22' },
      () => {},
      () => {},
    );
  }
  const rows = 'plain,2024-02-29,0.1,1990-05-06\n=1+1,,-3,1890-01-01\n,1899-12-31,,\n';

  it('holds what the terms say, in the order of the file, and is read back as it was', async () => {
    const report = await release(rows);
    expect(report).toMatchObject({
      problem: null,
      rows: { in: 3, out: 3 },
      output: { form: 'xlsx', rows: 3 },
    });
    expect(report.formulas).toEqual([{ field: 'note', values: 1, rows: [3] }]);
    const { header, rows: read } = await back(report.output?.path ?? '');
    expect(header).toEqual(['note', 'seen', 'cost', 'born']);
    expect(read).toEqual([
      ['plain', '2024-02-29', '0.1', '1990-05'],
      ['=1+1', '', '-3', '1890-01'],
      ['', '1899-12-31', '', ''],
    ]);
  });

  it('keeps a byte order mark that a value begins with', async () => {
    const report = await release('plain,,,\n\uFEFFmarked,,,\n\uFEFF\uFEFF,,,\n');
    const { rows: read } = await back(report.output?.path ?? '');
    expect(read.map(([note]) => note)).toEqual(['plain', '\uFEFFmarked', '\uFEFF\uFEFF']);
  });

  it('is the same bytes whenever, and by whichever clock, it is made', async () => {
    const first = await release(rows);
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Auckland';
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-07-01T12:00:00Z') });
    const second = await release(rows);
    vi.useRealTimers();
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    expect(second.output?.sha256).toBe(first.output?.sha256);
    // A release that left as a workbook is rebuilt to these bytes: they may not change from one version to the next.
    expect(first.output?.sha256).toBe('697b8ca5cfe664340a9951ba94cac0e30ed06ee7ff39ec41ade4e7cd8fcdb2d9');
  });

  it('is the same bytes however many rows come at once', async () => {
    const values = Array.from({ length: 20_000 }, (_, at) => `value ${(at * 7919) % 10_007}`);
    const columns: Column[] = [{ name: 'a', type: 'string', values }];
    const hashes = await Promise.all(
      [1, 2048, 7777].map(async (atOnce) => {
        const path = join(folder, `${atOnce}.xlsx`);
        await writeXlsx(path, { write: ['a'], types: ['string'] }, values.length, rowsOf(columns, atOnce));
        return hashFile(path);
      }),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('is refused where a text is too long for a cell: nothing leaves', async () => {
    const report = await release(`${'x'.repeat(32_768)},,,\n`);
    expect(report).toMatchObject({ output: null, problem: { check: 'too-long-for-xlsx', rows: [2] } });
  });
});
