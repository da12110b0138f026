import { expect, it, vi } from 'vitest';
import { dataSetOf, field, release } from '../../../test/support/pipeline.ts';
import { DataSet, type Field } from '../data-set.ts';
import { failureInWords, type PipelineReport } from '../report.ts';
import { rowsLookedAt } from './undeclared.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What a run of these lines tells under terms made of these fields and the rest. */
async function told(lines: string[], fields: Field[], rest: object = {}): Promise<PipelineReport> {
  const header = fields.map(({ name }) => name).join(',');
  const dataSet = DataSet.parse({ ...dataSetOf(...fields), ...rest });
  return (await release(`${[header, ...lines].join('\n')}\n`, dataSet)).report;
}

const found = ({ quality }: PipelineReport) =>
  quality
    .filter(({ check }) => check === 'identifier')
    .map(({ field: name, failed, rows }) => [name, failed, rows]);
// Two of the numbers that NHS England gives out for tests, and numbers like them that fail the check.
const nhs = ['9434765919', '9434765870'];
const others = ['9434765911', '9434765872'];

it('a column called other that is full of NHS numbers is told, by rows and never by values, and stops nothing', async () => {
  const lines = Array.from({ length: 30 }, (_, at) => `${nhs[at % 2]},burglary`);
  const report = await told(lines, [field('ref'), field('category')]);
  expect(found(report)).toEqual([['ref', 30, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]]);
  const [warning] = report.quality;
  if (!warning) throw new Error('Nothing was told');
  expect(warning).toMatchObject({ check: 'identifier', blocks: false });
  expect(failureInWords(warning)).toBe(
    'ref is not an identifier in the terms, so there is no NHS number in it: not so in 30 rows, first in rows 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11',
  );
  expect(JSON.stringify({ ...report, preview: [] })).not.toMatch(/943476/);
  expect(report.output).not.toBeNull();
});

it.each<[string, string, Partial<Field>, number]>([
  ['email addresses in a text', 'ask amina@example.org', {}, 1],
  ['a phone number in a whole number', '7700900123', { type: 'integer' }, 0],
  ['an NHS number in a whole number', '9434765919', { type: 'integer' }, 1],
  ['a postcode', 'LS1 4AP', {}, 1],
  ['a postcode in a quasi-identifier', 'LS1 4AP', { role: 'quasi-identifier' }, 0],
  ['an NHS number in a quasi-identifier', '9434765919', { role: 'quasi-identifier' }, 1],
  ['an NHS number that the terms call an identifier', '9434765919', { role: 'identifier' }, 0],
  ['one that leaves as a pseudonym', '9434765919', { use: 'pseudonymise' }, 0],
  ['one that is dropped', '9434765919', { use: 'drop' }, 0],
  ['a number that fails the check', '9434765911', {}, 0],
])('%s', async (_, value, of, warnings) => {
  const report = await told([`${value},x`, ',y'], [field('A', of), field('B')]);
  expect(found(report)).toHaveLength(warnings);
});

it('numbers of which few pass the check are not NHS numbers', async () => {
  const lines = [nhs[0], ...others, ...others].map((number, at) => `${number},${at}`);
  expect(found(await told(lines, [field('A'), field('B')]))).toEqual([]);
});

it('only the first rows that the terms choose are looked at, and that is said', async () => {
  const lines = Array.from({ length: rowsLookedAt + 2 }, (_, at) =>
    at === 0 ? `${nhs[0]},no` : `${at > rowsLookedAt ? nhs[1] : `note ${at}`},yes`,
  );
  const chosen = { rows: [{ field: 'B', is: ['yes'] }] };
  expect(found(await told(lines, [field('A'), field('B')], chosen))).toEqual([]);
  lines[1] = `${nhs[0]},yes`;
  const report = await told(lines, [field('A'), field('B')], chosen);
  expect(found(report)).toEqual([['A', 1, [3]]]);
  expect(report.quality[0]?.says).toContain('the first 5,000 rows looked at');
});
