import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, test, vi } from 'vitest';
import { aFolder, field, release } from '../../../test/support/pipeline.ts';
import { DataSet } from '../data-set.ts';
import { openEngine } from '../engine.ts';
import { failureInWords } from '../report.ts';

vi.setConfig({ testTimeout: 60_000 });

const fields = [field('at', { type: 'timestamp' }), field('n', { type: 'integer' })];

/** Runs a column of timestamps, and gives the report and what left. */
async function released(form: 'csv' | 'jsonl' | 'parquet', times: string[], timeZone?: string) {
  const format = { type: form, ...(timeZone && { timeZone }) };
  const { report, text } = await release(
    await written[form](times),
    DataSet.parse({ id: 'any', format, fields }),
  );
  const left = (text ?? '').split('\n').slice(1, -1);
  return { report, left: left.map((line) => line.split(',')[0]) };
}

const written = {
  csv: async (times: string[]) => `at,n\n${times.map((time, at) => `${time},${at}\n`).join('')}`,
  jsonl: async (times: string[]) =>
    times.map((time, at) => `${JSON.stringify({ at: time, n: at })}\n`).join(''),
  async parquet(times: string[]) {
    const folder = await aFolder();
    const engine = await openEngine(folder);
    const values = times.map((time, at) => `(timestamp '${time}', ${at})`).join(', ');
    const path = join(folder, 'times.parquet');
    await engine.run(`copy (select * from (values ${values}) as t("at", n)) to '${path}' (format parquet)`);
    engine.close();
    return readFile(path);
  },
};

it.each<[string, string, string]>([
  ['2024-01-31T10:00:00', 'Europe/London', '2024-01-31T10:00:00+00:00'],
  ['2024-06-30T23:30:00', 'Europe/London', '2024-06-30T23:30:00+01:00'],
  ['2024-06-30T23:30:00', 'UTC', '2024-06-30T23:30:00+00:00'],
  ['2024-03-31T00:59:59.5', 'Europe/London', '2024-03-31T00:59:59.5+00:00'],
  ['2024-03-31T02:00:00', 'Europe/London', '2024-03-31T02:00:00+01:00'],
  ['2024-10-27T00:59:59', 'Europe/London', '2024-10-27T00:59:59+01:00'],
  ['2024-10-27T02:00:00', 'Europe/London', '2024-10-27T02:00:00+00:00'],
  ['1943-07-01T12:00:00', 'Europe/London', '1943-07-01T12:00:00+02:00'],
  ['1970-01-01T12:00:00', 'Europe/London', '1970-01-01T12:00:00+01:00'],
  ['2024-10-27T01:30:00Z', 'Europe/London', '2024-10-27T01:30:00Z'],
  ['2024-06-30T12:00:00-05:00', 'Europe/London', '2024-06-30T12:00:00-05:00'],
])('%s on the clocks of %s is %s', async (time, zone, moment) => {
  const { report, left } = await released('csv', [time], zone);
  expect(left).toEqual([moment]);
  expect(report.quality).toEqual([]);
});

it.each(['csv', 'jsonl', 'parquet'] as const)(
  'times in %s without an offset are no timestamps until the terms say whose they are',
  async (form) => {
    const times = ['2024-06-30T23:30:00', '2024-01-31T10:00:00'];
    const { report } = await released(form, times);
    expect(report.wrongTypes).toMatchObject([{ field: 'at', type: 'timestamp', failed: 2 }]);
    const { left } = await released(form, times, 'Europe/London');
    expect(left).toEqual(['2024-06-30T23:30:00+01:00', '2024-01-31T10:00:00+00:00']);
  },
);

test('of an hour that clocks show twice the first is taken, and told by its rows', async () => {
  const times = [
    '2024-10-27T01:00:00',
    '2024-10-27T01:59:59',
    '2024-10-27T01:30:00+00:00',
    '2024-10-27T02:00:00',
  ];
  const { report, left } = await released('csv', times, 'Europe/London');
  expect(left.map((time) => time?.slice(11))).toEqual([
    '01:00:00+01:00',
    '01:59:59+01:00',
    '01:30:00+00:00',
    '02:00:00+00:00',
  ]);
  expect(report.quality.map(failureInWords)).toEqual([
    'Clocks showed each time in at once (of an hour that they showed twice, the first is taken): not so in 2 rows, in rows 2 and 3',
  ]);
  expect(report.quality).toMatchObject([{ check: 'time-shown-twice', blocks: false }]);
});

test('an hour that clocks never show is refused by its rows, and so is what is no time', async () => {
  const times = [
    '2024-03-31T01:00:00',
    '2024-03-31T01:59:59',
    '2024-02-30T10:00:00',
    '2024-03-31',
    '2024-03-31T12:00:00',
  ];
  const { report } = await released('csv', times, 'Europe/London');
  expect(report.wrongTypes).toEqual([{ field: 'at', type: 'timestamp', failed: 4, rows: [2, 3, 4, 5] }]);
  expect(report.output).toBeNull();
});

test('another time zone is refused in the terms', () => {
  const parsed = DataSet.safeParse({ id: 'any', format: { type: 'csv', timeZone: 'Mars' }, fields });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
    'Say whose clocks showed the times that have no offset: Europe/London or UTC.',
  ]);
});
