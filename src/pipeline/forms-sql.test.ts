import { describe, expect, it, vi } from 'vitest';
import { always } from '../../test/support/hostile-texts.ts';
import { dataSetOf, field, release } from '../../test/support/pipeline.ts';
import type { ColumnType } from './column-type.ts';
import type { Level } from './data-set.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

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
