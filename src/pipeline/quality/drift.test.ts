import fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { pseudonymKey, release } from '../../../test/support/pipeline.ts';
import { DataSet } from '../data-set.ts';
import { failureInWords } from '../report.ts';
import { type Counts, type Drift, driftOf } from './drift.ts';

vi.setConfig({ testTimeout: 30_000 });

const ofRows = (most: number): Drift => ({ fields: [], most });
const ofBlanks = (most: number): Drift => ({ fields: ['A'], most });
const counts = (rows: number, blank?: number): Counts => ({
  rows,
  blanks: blank === undefined ? [] : [{ field: 'A', rows: blank }],
});

describe('drift of the number of rows', () => {
  it.each([
    [0.2, 100, 100, 0],
    [0.2, 80, 100, 0],
    [0.2, 79, 100, 1],
    [0.2, 120, 100, 0],
    [0.2, 121, 100, 1],
    [0, 100, 100, 0],
    [0, 99, 100, 1],
    [1, 0, 100, 0],
    [0.1, 11, 10, 0],
    [0.1, 1, 0, 1],
  ] as const)('at most %f: %i rows after %i give %i', (most, now, last, failed) => {
    expect(driftOf(ofRows(most), counts(now), counts(last)).failed).toBe(failed);
  });

  it('says both numbers', () => {
    expect(driftOf(ofRows(0.1), counts(1), counts(1_200)).found).toBe('1 row, and 1,200 rows the last time');
  });
});

describe('drift of a field’s blanks', () => {
  it.each([
    [0.05, counts(100, 9), counts(200, 8), 0],
    [0.05, counts(100, 10), counts(200, 8), 1],
    [0.05, counts(100, 0), counts(100, 5), 0],
    [0.05, counts(100, 0), counts(100, 6), 1],
    [0, counts(300, 100), counts(3, 1), 0],
    [0, counts(3_000_000, 1_000_001), counts(3, 1), 1],
  ])('at most %f: %j after %j give %i', (most, now, last, failed) => {
    expect(driftOf(ofBlanks(most), now, last).failed).toBe(failed);
  });

  it('of the same share is none, whatever the sizes', () => {
    const size = fc.integer({ min: 1, max: 1_000_000_000 });
    fc.assert(
      fc.property(size, size, size, (rows, blank, times) => {
        const some = Math.min(rows, blank);
        const now = counts(rows * (times % 1_000), some * (times % 1_000));
        expect(driftOf(ofBlanks(0), now, counts(rows, some)).failed).toBe(0);
      }),
    );
  });

  it('says both shares', () => {
    expect(driftOf(ofBlanks(0.05), counts(8, 1), counts(100, 0)).found).toBe(
      '12.5% are blank, and 0% the last time',
    );
  });
});

test('where there is nothing to compare with it passes, and says so', () => {
  expect(driftOf(ofRows(0), counts(1), null)).toEqual({
    failed: 0,
    found: 'There is no last time to compare with',
  });
  const unknown = { failed: 0, found: 'The last time it was not counted how often A is blank' };
  expect(driftOf(ofBlanks(0), counts(1, 1), counts(1))).toEqual(unknown);
  expect(driftOf(ofBlanks(0), counts(1, 1), counts(0, 0))).toEqual(unknown);
});

describe('a file', () => {
  const dataSet = DataSet.parse({
    id: 'any',
    format: { type: 'csv' },
    fields: [
      { name: 'A', type: 'string', role: 'other', use: 'keep' },
      { name: 'Year', type: 'integer', role: 'other', use: 'drop' },
    ],
    rows: [{ field: 'Year', from: 2020 }],
    checks: [
      { check: 'drift', most: 0.5 },
      { check: 'drift', field: 'A', most: 0.25, severity: 'warning' },
    ],
  });
  const file = 'A,Year\nx,2020\n,2021\n,2022\n,1999\ny,2023\n';
  const last = { rows: 4, blanks: [{ field: 'A', rows: 2 }] };

  it('is compared by the rows that the terms choose, and its own counts are kept for the next time', async () => {
    const { report, text } = await release(file, dataSet, pseudonymKey, 'csv', last);
    expect(report.quality.map(({ failed, blocks }) => [failed, blocks])).toEqual([
      [0, true],
      [0, false],
    ]);
    expect(report.blanks).toEqual([
      { field: 'A', rows: 2 },
      { field: 'Year', rows: 0 },
    ]);
    expect(report.last).toEqual(last);
    expect(text).toBe('A\nx\n""\n""\ny\n');
  });

  it('does not leave where a check that blocks fails, and says what was agreed and found', async () => {
    const half = { rows: 9, blanks: [{ field: 'A', rows: 0 }] };
    const { report } = await release(file, dataSet, pseudonymKey, 'csv', half);
    expect(report.output).toBeNull();
    expect(report.quality.map(failureInWords)).toEqual([
      'The number of rows is within 50% of the last time’s: 4 rows, and 9 rows the last time',
      'The share of rows with a blank A is within 25 percentage points of the last time’s: 50% are blank, and 0% the last time',
    ]);
  });

  it('is the first', async () => {
    const { report } = await release(file, dataSet);
    expect(report.output).not.toBeNull();
    expect(report.last).toBeNull();
    expect(report.quality.map(({ failed, found }) => [failed, found])).toEqual([
      [0, 'There is no last time to compare with'],
      [0, 'There is no last time to compare with'],
    ]);
  });

  it.each([
    [{ check: 'drift' }],
    [{ check: 'drift', most: 1.5 }],
    [{ check: 'drift', most: 0.1, field: 'Z' }],
    [{ check: 'drift', most: 0.1, least: 0.1 }],
  ])('has no terms such as %j', (check) => {
    expect(DataSet.safeParse({ ...dataSet, checks: [check] }).success).toBe(false);
  });
});
