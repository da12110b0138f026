import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ColumnType } from './column-type.ts';
import type { DataSet, Field, Level } from './data-set.ts';
import { produceRelease } from './produce.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** Runs the pipeline in this process over a text, as the child process does over a file. */
async function release(text: string, dataSet: DataSet, pseudonymKey = key) {
  const folder = await mkdtemp(join(tmpdir(), 'produce-'));
  folders.push(folder);
  await writeFile(join(folder, 'input'), text);
  const report = await produceRelease(
    { folder, dataSet, pseudonymKey, form: 'csv', today: '2026-11-22' },
    () => {},
    () => {},
  );
  return { report, text: report.output ? await readFile(report.output.path, 'utf8') : null };
}

function field(name: string, rest: Partial<Field> = {}): Field {
  return { name, type: 'string', role: 'other', use: 'keep', ...rest };
}

function dataSetOf(...fields: Field[]): DataSet {
  return { id: 'any', format: { type: 'csv', delimiter: ',' }, fields };
}

/** An independent reader: commas, quotes, LF; blank and "" alike. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let value = '';
  let quoted = false;
  const endValue = () => {
    rows[rows.length - 1]?.push(value);
    value = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') value += character;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') endValue();
    else if (character === '\n') {
      endValue();
      rows.push([]);
    } else value += character;
  }
  rows.pop();
  return rows;
}

const always = (value: string) => `"${value.replaceAll('"', '""')}"`;
const whereNeeded = (value: string) => (/[",\r\n]/.test(value) ? always(value) : value);
const hmac = (value: string, of = key) => createHmac('sha256', of).update(value, 'utf8').digest('hex');

// Not NUL, which the file check refuses, and no half surrogates, which are not UTF-8.
const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
const naughty = fc.constantFrom(
  ...[
    '=1+1',
    '+44 20',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '#N/A',
    '#x',
    'NULL',
    'null',
    'nan',
    'true',
    '""',
    '"',
    "'",
    "';--",
  ],
  ...[
    '"; drop table input; --',
    ' leading',
    'trailing ',
    ',',
    ';',
    '\n',
    '\r',
    '\r\n',
    '\\',
    '\\N',
    '\\"',
    '\uFFFE',
    '\uFEFFx',
  ],
  ...[
    'Ω≈ç√',
    '田中さん',
    'مرحبا',
    '🏳️‍🌈',
    'Z͑ͫ̓a',
    '\u202Eabc',
    'İ',
    'ß',
    '1e309',
    '0x10',
    '../../etc/passwd',
    '{{x}}',
  ],
);
const hostile = fc.oneof(naughty, anyText);

describe('what is written', () => {
  it('is what an independent reader finds in the file, in its order, quoted only where needed', async () => {
    const table = fc.array(fc.array(hostile, { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(always, whereNeeded), async (rows, quote) => {
        const input = ['a,b,c', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        const { text } = await release(`${input}\n`, dataSetOf(field('c'), field('a'), field('b')));
        const expected = [['c', 'a', 'b'], ...rows.map(([a, b, c]) => [c, a, b] as string[])];
        expect(parseCsv(text ?? '')).toEqual(expected);
        expect(text).toBe(expected.map((row) => `${row.map(whereNeeded).join(',')}\n`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('has the headings of the terms, whatever is in them', async () => {
    const names = fc.uniqueArray(
      hostile.filter((name) => name !== '' && !/[\r\n]/.test(name)),
      { minLength: 2, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (headings) => {
        const input = `${headings.map(always).join(',')}\n${headings.map((_, at) => at).join(',')}\n`;
        const reversed = headings.toReversed();
        const { report, text } = await release(input, dataSetOf(...reversed.map((name) => field(name))));
        expect(report.header).toEqual(headings);
        expect(parseCsv(text ?? '')).toEqual([reversed, headings.map((_, at) => `${at}`).reverse()]);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps columns apart whose names differ only in case', async () => {
    const { text } = await release('ID,id,Id\n1,2,3\n', dataSetOf(field('id'), field('ID')));
    expect(text).toBe('id,ID\n2,1\n');
  });

  it('leaves a blank blank, and marks it where the row would be an empty line', async () => {
    const two = await release('\uFEFF"a";b\r\n"";x\r\n;\r\n', {
      ...dataSetOf(field('a'), field('b')),
      format: { type: 'csv', delimiter: ';' },
    });
    expect(two.text).toBe('a,b\n,x\n,\n');
    expect((await release('a,b\n,x\ny,\n', dataSetOf(field('a')))).text).toBe('a\n""\ny\n');
  });

  it('reports the bytes and their hash, and only then an output', async () => {
    const { report } = await release('a\né\n', dataSetOf(field('a')));
    expect(report.output).toMatchObject({
      bytes: 5,
      rows: 1,
      // printf 'a\n\303\251\n' | sha256sum
      sha256: '3b8e79201784bc682391208841e1a8828ef127e472db56268550ec614ae629b8',
    });
  });

  it('keeps the order of many rows through pseudonyms and held back groups', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => [
      `${at}`,
      `p${at % 7_001}`,
      at % 101 === 0 ? 'rare' : 'often',
    ]);
    const { report, text } = await release(
      `n,person,group\n${rows.map((row) => row.join(',')).join('\n')}\n`,
      {
        ...dataSetOf(
          field('n', { type: 'integer' }),
          field('person', { use: 'pseudonymise' }),
          field('group', { role: 'quasi-identifier' }),
        ),
        protection: { k: 1_000, suppressionLimit: 0.5 },
      },
    );
    const expected = rows
      .filter(([, , group]) => group === 'often')
      .map(([n, person = '']) => [n, hmac(person), 'often']);
    expect(parseCsv(text ?? '').slice(1)).toEqual(expected);
    expect(report.rows).toEqual({
      in: 30_000,
      out: expected.length,
      heldBack: 30_000 - expected.length,
      outside: 0,
    });
  });
});

describe('a pseudonym', () => {
  const person = dataSetOf(field('person', { role: 'identifier', use: 'pseudonymise' }), field('other'));

  // RFC 4231 has no 32-byte keys; the keys of its cases 1 and 2 filled up with zeros to 32 bytes are the same keys
  // (RFC 2104 fills a key up to the block), so its results hold. Case 3: 50 bytes of 0xdd are not UTF-8.
  it.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '4a656665',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
  ])('is right on RFC 4231 (key %s)', async (hex, value, expected) => {
    const { text } = await release(
      `person,other\n${value},x\n`,
      person,
      Buffer.from(hex.padEnd(64, '0'), 'hex'),
    );
    expect(text).toBe(`person,other\n${expected},x\n`);
  });

  it('is the HMAC-SHA-256 of the value as UTF-8, whatever the value and the key; blank stays blank', async () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 50 }), keys, async (values, of) => {
        const { text } = await release(
          `person,other\n${values.map((v) => `${always(v)},x\n`).join('')}`,
          person,
          of,
        );
        expect(parseCsv(text ?? '').slice(1)).toEqual(values.map((v) => [v === '' ? '' : hmac(v, of), 'x']));
      }),
      { numRuns: 40 },
    );
  });

  it('is the same wherever the value stands', async () => {
    const { text } = await release(
      'a,b\nx,y\ny,x\n',
      dataSetOf(field('a', { use: 'pseudonymise' }), field('b', { use: 'pseudonymise' })),
    );
    expect(parseCsv(text ?? '').slice(1)).toEqual([
      [hmac('x'), hmac('y')],
      [hmac('y'), hmac('x')],
    ]);
  });
});

describe('a generalised value', () => {
  it.each<[ColumnType, Level, string, string]>([
    // British Summer Time: the day in London is not the day in UTC.
    ['timestamp', 'day', '2024-06-30T23:30:00+00:00', '2024-07-01'],
    ['timestamp', 'month', '2024-06-30T23:30:00+00:00', '2024-07'],
    ['timestamp', 'day', '2024-01-31T23:30:00+00:00', '2024-01-31'],
    ['timestamp', 'quarter', '2024-06-30T23:30:00Z', '2024-Q3'],
    ['timestamp', 'year', '2023-12-31T23:30:00.123456-01:00', '2024'],
    ['date', 'day', '2024-02-29', '2024-02-29'],
    ['date', 'month', '2024-02-29', '2024-02'],
    ['date', 'quarter', '2024-12-31', '2024-Q4'],
    ['month', 'quarter', '2024-03', '2024-Q1'],
    ['month', 'quarter', '2024-04', '2024-Q2'],
    ['month', 'year', '2024-04', '2024'],
    ['integer', 'age-band-5', '0', '0-4'],
    ['integer', 'age-band-5', '24', '20-24'],
    ['integer', 'age-band-10', '20', '20-29'],
    ['integer', 'age-band-10', '104', '100-109'],
    ['string', 'postcode-district', 'MK40 2SX', 'MK40'],
    ['string', 'postcode-district', 'sw1a1aa', 'SW1A'],
    ['string', 'postcode-sector', 'MK40 2SX', 'MK40 2'],
    ['string', 'postcode-sector', 'e1  6an', 'E1 6'],
  ])('%s to %s: %s is %s, and blank stays blank', async (type, to, value, expected) => {
    const { report, text } = await release(
      `v,o\n${value},x\n,y\n`,
      dataSetOf(field('v', { type, use: { to } }), field('o')),
    );
    expect(report.wrongTypes).toEqual([]);
    expect(text).toBe(`v,o\n${expected},x\n,y\n`);
  });
});

describe('a value of the wrong type', () => {
  it.each<[ColumnType, string[], string[]]>([
    [
      'integer',
      ['0', '-12', '007', '123456789012345678'],
      ['1.0', '1 ', '12a', '1,000', '1e3', '٣', '-', '1234567890123456789'],
    ],
    ['number', ['0.5', '-.5', '1e-05', '51.881571', '3'], ['NaN', 'inf', '1.', '0x1', '1,5', '--1']],
    ['boolean', ['True', 'false', 'TRUE'], ['yes', '1', 'T', ' true']],
    [
      'date',
      ['2024-02-29', '1999-12-31'],
      ['2023-02-29', '29/02/2024', '2024-2-9', '2024-02-29T00:00:00Z', '2024-04-31'],
    ],
    ['month', ['2024-01', '1999-12'], ['2024-13', '2024-00', '2024-1', '2024-01-01', 'Jan 2024']],
    [
      'timestamp',
      ['2024-01-01T10:47:00+00:00', '2024-06-01T00:00:00Z', '2024-06-01T00:00:00.5-05:00'],
      [
        '2024-01-01T10:47:00',
        '2024-01-01 10:47:00+00:00',
        '2024-01-01T24:00:00Z',
        '2024-02-30T10:00:00Z',
        '2024-01-01',
      ],
    ],
  ])('is found in a column of %s', async (type, right, wrong) => {
    const values = [...right, '', ...wrong];
    const { report, text } = await release(
      `v,o\n${values.map((value) => `${always(value)},x\n`).join('')}`,
      dataSetOf(field('v', { type }), field('o')),
    );
    const first = right.length + 3;
    expect(report.wrongTypes).toEqual([
      { field: 'v', type, failed: wrong.length, rows: wrong.map((_, at) => first + at) },
    ]);
    expect([report.output, text]).toEqual([null, null]);
  });

  it('is found in a column that is dropped: what the query does not use is checked all the same', async () => {
    const { report } = await release(
      'a,b\nx,1\ny,Okafor\n',
      dataSetOf(field('a'), field('b', { type: 'integer', use: 'drop' })),
    );
    expect(report.wrongTypes).toEqual([{ field: 'b', type: 'integer', failed: 1, rows: [3] }]);
  });

  it.each<[ColumnType, Level, string, string]>([
    ['integer', 'age-band-5', '18-24', 'age'],
    ['integer', 'age-band-10', '-3', 'age'],
    ['string', 'postcode-district', 'MK40', 'postcode'],
  ])('is one that cannot be made coarser: %s to %s, %s', async (type, to, value, form) => {
    const { report } = await release(`v\n${value}\n`, dataSetOf(field('v', { type, use: { to } })));
    expect(report.wrongTypes).toEqual([{ field: 'v', type: form, failed: 1, rows: [2] }]);
  });

  it('is counted everywhere and placed ten times, and the report repeats none [R96]', async () => {
    const { report } = await release(
      `v,o\n${'Amina,x\n'.repeat(25_000)}`,
      dataSetOf(field('v', { type: 'date' }), field('o')),
    );
    expect(report.wrongTypes).toEqual([
      { field: 'v', type: 'date', failed: 25_000, rows: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    ]);
    expect(JSON.stringify(report)).not.toContain('Amina');
  });
});

describe('a file that is not the one in the terms', () => {
  it('lacks columns: they are named and nothing leaves', async () => {
    const { report } = await release('a,x\n1,2\n', dataSetOf(field('a'), field('b')));
    expect(report).toMatchObject({ missing: ['b'], dropped: ['x'], problem: null, output: null });
  });

  it('uses a name twice', async () => {
    const { report } = await release('a,x,a\n1,2,3\n', dataSetOf(field('a')));
    expect(report).toMatchObject({ problem: { check: 'duplicate-column', rows: [1] }, output: null });
  });

  it('has no header: its first row is about a person, and is not repeated', async () => {
    const { report } = await release(
      'Amina Yusuf,34\nDan Okafor,41\n',
      dataSetOf(field('name'), field('age')),
    );
    expect(report).toMatchObject({
      header: [],
      dropped: [],
      missing: ['name', 'age'],
      problem: { check: 'no-header' },
    });
    expect(JSON.stringify(report)).not.toContain('Amina');
  });

  it('is not sound: the check is named and nothing leaves', async () => {
    const { report } = await release('a,b\n1,2\n3\n', dataSetOf(field('a')));
    expect(report).toMatchObject({
      problem: { check: 'ragged', rows: [3] },
      output: null,
      rows: { in: 0, out: 0 },
    });
  });
});

describe('what a spreadsheet would run', () => {
  it('is told of texts that leave as they are held, and of nothing else', async () => {
    const fields = [
      field('note'),
      field('phone'),
      field('change', { type: 'number' }),
      field('code', { use: 'pseudonymise' }),
      field('gone', { use: 'drop' }),
    ];
    const rows = ['=1+1,+44 20 7946 0000,-1.5,=A1,@SUM', 'a=b,020,2,-x,\t', '"\r=x",-,-3,x,x'];
    const { report } = await release(
      `note,phone,change,code,gone\n${rows.join('\n')}\n`,
      dataSetOf(...fields),
    );
    expect(report.output).not.toBeNull();
    expect(report.formulas).toEqual([
      { field: 'note', values: 2, rows: [2, 4] },
      { field: 'phone', values: 2, rows: [2, 4] },
    ]);
  });
});

describe('a file without a header', () => {
  it('has row 1 for its first row, and a preview of its first six', async () => {
    const dataSet: DataSet = { ...dataSetOf(field('n', { type: 'integer' })), format: { type: 'jsonl' } };
    const lines = (of: (at: number) => unknown) =>
      Array.from({ length: 9 }, (_, at) => `${JSON.stringify({ n: of(at + 1) })}\n`).join('');
    const sound = await release(
      lines((at) => at),
      dataSet,
    );
    expect(sound.text).toBe('n\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    expect(sound.report.preview.map(({ after }) => after)).toEqual(
      ['1', '2', '3', '4', '5', '6'].map((n) => [n]),
    );
    const wrong = await release(
      lines((at) => (at % 4 === 0 ? 'x' : at)),
      dataSet,
    );
    expect(wrong.report.wrongTypes).toEqual([{ field: 'n', type: 'integer', failed: 2, rows: [4, 8] }]);
  });
});
