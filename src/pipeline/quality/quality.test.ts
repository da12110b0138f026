import { describe, expect, it, vi } from 'vitest';
import { release } from '../../../test/support/pipeline.ts';
import { DataSet } from '../data-set.ts';
import { failureInWords } from '../report.ts';
import { faultOfPattern } from './pattern.ts';
import { rowsInTermsInWords } from './row-filter.ts';

vi.setConfig({ testTimeout: 30_000 });

/** The rows of these columns, under terms made of these fields and the rest. Columns are `A`, `B`, ... */
function released(rows: string[], fields: object[], rest: object = {}) {
  const header = fields.map((_, at) => 'ABCDE'[at]).join(',');
  return release(`${[header, ...rows].join('\n')}\n`, termsOf(fields, rest));
}

function termsOf(fields: object[], rest: object = {}): DataSet {
  return DataSet.parse({ id: 'any', format: { type: 'csv' }, fields: fieldsOf(fields), ...rest });
}

function fieldsOf(fields: object[]) {
  return fields.map((field, at) => ({
    name: 'ABCDE'[at],
    type: 'string',
    role: 'other',
    use: 'keep',
    ...field,
  }));
}

const refused = (fields: object[], rest: object = {}) =>
  DataSet.safeParse({ id: 'any', format: { type: 'csv' }, fields: fieldsOf(fields), ...rest });

describe('a check of one field [R96]', () => {
  it.each([
    ['a blank where one is required', { required: true }, ['x,1', ',2', 'z,3'], [3]],
    ['more blanks than the share', { required: { mostBlank: 0.3 } }, ['x,1', ',2', ',3', 'z,4'], [3, 4]],
    ['a value that is there twice', { unique: true }, ['x,1', 'y,2', 'x,3', ',4', ',5'], [2, 4]],
    ['a value that is not allowed', { values: ['x', 'y'] }, ['x,1', 'X,2', ',3', 'y,4'], [3]],
    ['a value off the pattern', { pattern: '[a-z]{1,2}' }, ['x,1', 'xyz,2', ',3', 'Q,4'], [3, 5]],
    [
      'a number outside the range',
      { type: 'integer', range: { from: 10, to: 17 } },
      ['9,', '10,', '17,', '18,', ','],
      [2, 5],
    ],
    ['a number too small', { type: 'number', range: { from: -0.5 } }, ['-5e-1,', '-0.51,', '1e9,'], [3]],
    [
      'a day outside the range',
      { type: 'date', range: { from: '2024-01-31', to: '2024-02-29' } },
      ['2024-01-30,', '2024-01-31,', '2024-02-29,', '2024-03-01,'],
      [2, 5],
    ],
    [
      'a moment after the last day in London, which is not that of UTC',
      { type: 'timestamp', range: { to: '2024-06-30' } },
      ['2024-06-30T22:59:59Z,', '2024-06-30T23:00:00Z,'],
      [3],
    ],
    ['a month too early', { type: 'month', range: { from: '2024-02' } }, ['2024-01,', '2024-02,'], [2]],
  ])('finds %s, blocks, and names the rows', async (_, check, rows, failing) => {
    const { report, text } = await released(rows, [check, {}]);
    expect(report.quality).toHaveLength(1);
    expect(report.quality[0]).toMatchObject({
      field: 'A',
      failed: failing.length,
      rows: failing,
      blocks: true,
    });
    expect(report.output).toBeNull();
    expect(text).toBeNull();
  });

  it('lets the data go where it only warns, and says what fails', async () => {
    const { report, text } = await released(['x', '', 'z'], [{ required: true, warnings: ['required'] }]);
    expect(text).toBe('A\nx\n""\nz\n');
    expect(report.quality).toEqual([
      { check: 'required', field: 'A', says: 'A is never blank', failed: 1, rows: [3], blocks: false },
    ]);
  });

  it('tells of a check that passes too: 0 rows fail it', async () => {
    const { report, text } = await released(
      ['x', '', 'z'],
      [{ required: { mostBlank: 0.34 }, unique: true }],
    );
    expect(report.quality.map(({ check, failed }) => [check, failed])).toEqual([
      ['required', 0],
      ['unique', 0],
    ]);
    expect(text).not.toBeNull();
  });

  it('is made beside the check of types, and a value of the wrong type fails that one only', async () => {
    const { report } = await released(['old', '9'], [{ type: 'integer', range: { from: 10 } }]);
    expect(report.wrongTypes).toMatchObject([{ field: 'A', rows: [2] }]);
    expect(report.quality).toMatchObject([{ check: 'range', failed: 1, rows: [3] }]);
  });

  it('counts every failing row and names ten', async () => {
    const { report } = await released(Array(25).fill('q'), [{ values: ['x'] }]);
    expect(report.quality[0]).toMatchObject({ failed: 25, rows: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] });
    expect(failureInWords({ says: 'A is x', failed: 25, rows: [2, 3] })).toBe(
      'A is x: not so in 25 rows, first in rows 2 and 3',
    );
  });
});

describe('a check of fields together [R96]', () => {
  const dates = [{ type: 'date' }, { type: 'date' }];
  const days = ['2024-01-01,2024-01-02', '2024-01-02,2024-01-02', '2024-01-03,2024-01-02', ',2024-01-01'];
  it.each([
    ['before', { check: 'before', field: 'A', other: 'B' }, dates, days, [3, 4]],
    ['not after', { check: 'before', field: 'A', other: 'B', orSame: true }, dates, days, [4]],
    ['after', { check: 'after', field: 'A', other: 'B' }, dates, days, [2, 3]],
    [
      'same, as numbers',
      { check: 'same', field: 'A', other: 'B' },
      [{ type: 'number' }, { type: 'number' }],
      ['1,1.0', '1,2', ',', ',3'],
      [3, 5],
    ],
    ['requires', { check: 'requires', field: 'A', other: 'B' }, [{}, {}], ['x,y', 'x,', ',y', ','], [3]],
    [
      'unique together, where a blank is a value beside another',
      { check: 'unique', fields: ['A', 'B'] },
      [{}, {}],
      ['x,y', 'x,z', 'x,', 'x,', ',', ','],
      [4, 5],
    ],
  ])('%s', async (_, check, fields, rows, failing) => {
    const { report } = await released(rows, fields, { checks: [check] });
    expect(report.quality).toMatchObject([{ failed: failing.length, rows: failing, blocks: true }]);
    expect(report.output).toBeNull();
  });

  it.each([
    ['30 days old is fresh', 'P30D', ['2024-01-01', '2026-10-23'], 0],
    ['31 days old is not', 'P30D', ['2024-01-01', '2026-10-22'], 1],
    ['a day to come says nothing of how old the rest is', 'P30D', ['2026-10-22', '2999-01-01'], 1],
    ['no day at all', 'P1Y', [''], 1],
    ['a month is a calendar month', 'P1M', ['2026-10-22'], 0],
  ])('age of the data: %s', async (_, most, rows, failed) => {
    const { report } = await released(
      rows.map((row) => `${row},x`),
      [{ type: 'date' }, {}],
      { checks: [{ check: 'age', field: 'A', most }] },
    );
    expect(report.quality).toMatchObject([{ check: 'age', field: 'A', failed, rows: [] }]);
  });

  it.each([
    [{ least: 3 }, 0],
    [{ least: 4 }, 1],
    [{ most: 2 }, 1],
    [{ least: 1, most: 3 }, 0],
  ])('row count %j', async (bounds, failed) => {
    const { report } = await released(['x', 'y', 'z'], [{}], { checks: [{ check: 'row-count', ...bounds }] });
    expect(report.quality).toMatchObject([{ check: 'row-count', field: null, failed }]);
  });
});

describe('the rows that the terms choose', () => {
  const people = ['north,9', 'south,10', ',11', 'north,12', 'east,13'];
  const fields = [{ use: 'drop' }, { type: 'integer' }];
  it.each([
    ['is', [{ field: 'A', is: ['north', 'east'] }], 'B\n9\n12\n13\n', 2],
    ['blank', [{ field: 'A', is: [''] }], 'B\n11\n', 4],
    ['not', [{ field: 'A', not: ['north', 'east'] }], 'B\n10\n11\n', 3],
    ['from and to', [{ field: 'B', from: 10, to: 12 }], 'B\n10\n11\n12\n', 2],
    [
      'all must hold',
      [
        { field: 'A', is: ['north'] },
        { field: 'B', from: 10 },
      ],
      'B\n12\n',
      4,
    ],
  ])('%s', async (_, rows, expected, outside) => {
    const { report, text } = await released(people, fields, { rows });
    expect(text).toBe(expected);
    expect(report.rows).toMatchObject({ in: 5, outside, out: 5 - outside, heldBack: 0 });
    expect(report.preview).toHaveLength(5 - outside);
  });

  it('are all that k looks at, and all that the share held back is of', async () => {
    const { report, text } = await released(
      ['x,n', 'x,s', 'y,n', 'y,n', 'z,n'],
      [{ role: 'quasi-identifier' }, { use: 'drop' }],
      { rows: [{ field: 'B', is: ['n'] }], protection: { k: 2, suppressionLimit: 0.5 } },
    );
    expect(text).toBe('A\ny\ny\n');
    expect(report.rows).toEqual({ in: 5, outside: 1, heldBack: 2, out: 2 });
    expect(report.heldBackShare).toBe(0.5);
  });

  it('are all that the checks of quality look at; types are checked in every row', async () => {
    const terms = [{ required: true, type: 'integer' }, { use: 'drop' }];
    const rows = [{ field: 'B', is: ['n'] }];
    const chosen = await released(['1,n', ',s'], terms, { rows, checks: [{ check: 'row-count', most: 1 }] });
    expect(chosen.report.quality.map(({ failed }) => failed)).toEqual([0, 0]);
    expect(chosen.text).toBe('A\n1\n');
    const wrong = await released(['1,n', 'many,s'], terms, { rows });
    expect(wrong.report.wrongTypes).toMatchObject([{ field: 'A', rows: [3] }]);
  });

  it('are never none: that is the wrong file', async () => {
    const { report } = await released(people, fields, { rows: [{ field: 'A', is: ['west'] }] });
    expect(report.problem).toMatchObject({ check: 'no-rows' });
    expect(report.output).toBeNull();
  });

  it('are told in words', () => {
    const { rows } = termsOf([{}, { type: 'date' }], {
      rows: [
        { field: 'A', is: ['north', 'east'] },
        { field: 'A', not: [''] },
        { field: 'B', from: '2024-01-31' },
      ],
    });
    expect(rowsInTermsInWords(rows)).toBe(
      'Only rows whose A is one of north and east, A is not blank and B is 31 January 2024 or later.',
    );
  });
});

describe('terms are refused that', () => {
  it.each([
    ['give a range to texts', [{ range: { from: 'a' } }], {}],
    ['give days to a number', [{ type: 'number', range: { from: '2024-01-01' } }], {}],
    ['give a day that is none', [{ type: 'date', range: { from: '2023-02-29' } }], {}],
    ['give a range back to front', [{ type: 'integer', range: { from: 2, to: 1 } }], {}],
    ['warn of a check that is not there', [{ warnings: ['unique'] }], {}],
    ['name a field that is not there', [{}], { checks: [{ check: 'requires', field: 'A', other: 'Z' }] }],
    ['compare a field with itself', [{}], { checks: [{ check: 'same', field: 'A', other: 'A' }] }],
    [
      'compare types that differ',
      [{ type: 'date' }, { type: 'month' }],
      { checks: [{ check: 'before', field: 'A', other: 'B' }] },
    ],
    ['ask the age of a text', [{}], { checks: [{ check: 'age', field: 'A', most: 'P30D' }] }],
    ['count rows without a bound', [{}], { checks: [{ check: 'row-count' }] }],
    ['choose rows by a field that is not listed', [{}], { rows: [{ field: 'Z', is: ['x'] }] }],
    ['choose rows by nothing', [{ type: 'date' }], { rows: [{ field: 'A' }] }],
    ['make an expression', [{}], { checks: [{ check: 'sql', says: 'A > 1' }] }],
  ])('%s', (_, fields, rest) => {
    expect(refused(fields, rest).success).toBe(false);
  });
});

describe('a pattern', () => {
  it.each([
    '[A-Z]{2}\\d{6}[A-D]',
    '(?:a|b)+',
    '^x.y$',
    '\\w+@\\w+[.]uk',
    'a{1,1000}',
    '[^,]*',
    '(|a)b*?',
    '[\\d.\\]-]+',
    '[é-ü]x{2,}',
  ])('%s is read alike by RE2', async (pattern) => {
    expect(faultOfPattern(pattern)).toBeNull();
    const { report } = await released(['q'], [{ pattern }]);
    expect(report.quality).toHaveLength(1);
  });

  it.each([
    '(?=a)b',
    '(a)\\1',
    '(?<n>a)',
    '[]a',
    'a|)',
    '(a',
    'a{2,1}',
    'a{,3}',
    '^*',
    '[b-a]',
    '[a',
    'a{2}{3}',
    '(?i)a',
    '[^]',
    '[[:alpha:]]',
    '[\\b]',
    '\\u0041',
    '\\cA',
    '(',
    'a**',
    'x{1001}',
    '(a{100}){100}',
    `${'a'.repeat(201)}`,
  ])('%s is refused', (pattern) => {
    expect(faultOfPattern(pattern)).not.toBeNull();
  });
});
