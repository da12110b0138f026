import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectRelease, readManifest, type Shared, verifyPackage } from '../../src/releases/index.ts';
import {
  anExample,
  aWorkingDay,
  type DataSetTerms,
  done,
  files,
  type TestExample,
} from '../support/example.ts';

// What leaves has the form that the agreement says, from the terms to the file that the recipient opens.

let example: TestExample;
beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());

type Sent = Extract<Shared, { outcome: 'sent' }>;
const csv = readFileSync(files.stopAndSearch, 'utf8');

/** Shares stop and searches under terms that say something of what leaves, and collects it. */
async function leaving(as: Pick<DataSetTerms, 'output' | 'readBy'>, input?: string) {
  const { reference } = await example.agreeOn((one) => ({ ...one, ...as }));
  const shared = done(await example.share({ agreement: reference, ...(input && { input }) }));
  if (shared.outcome !== 'sent') return { shared, sent: null };
  const out = join(example.folder, `collected-${reference}`);
  const commissioner = await example.commandLineOf('westmarch-opcc');
  done(await collectRelease(example.instance, commissioner, shared.id, out, aWorkingDay));
  const manifest = readManifest(readFileSync(join(out, 'manifest.json')));
  if (!manifest) throw new Error('A package without a manifest');
  return { shared, sent: shared as Sent, out, manifest };
}

test.each([
  ['csv', 'Type,Date,Gender'],
  ['parquet', 'PAR1'],
  ['xlsx', 'PK\u0003\u0004'],
] as const)('an agreement that says %s is kept', async (output, start) => {
  const { out, manifest } = await leaving({ output });
  if (!manifest) throw new Error('Nothing left');
  expect(manifest.data).toMatchObject([
    { file: `stop-and-search.${output}.age`, name: `stop-and-search.${output}`, format: output, rows: 276 },
  ]);
  const [opened = ''] = readFileSync(join(out, `stop-and-search.${output}`), 'latin1').split(start, 1);
  expect(opened).toBe('');
  const { checks } = await verifyPackage(out, null);
  expect(checks.filter(({ ok, advisory }) => !ok && !advisory)).toEqual([]);
});

describe('a file for people', () => {
  test('has nothing in it that a spreadsheet runs, and its manifest says how many there were', async () => {
    const input = join(example.folder, 'formulas.csv');
    writeFileSync(input, csv.replaceAll('Controlled drugs', '=1+1'));
    const { out, manifest } = await leaving({ readBy: 'people' }, input);
    if (!manifest) throw new Error('Nothing left');
    const text = readFileSync(join(out, 'stop-and-search.csv'), 'utf8');
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
    const written = text.split(`"'=1+1"`).length - 1;
    expect(written).toBeGreaterThan(50);
    expect(manifest.fields.filter(({ neutralised }) => neutralised !== undefined)).toEqual([
      expect.objectContaining({ name: 'Object of search', neutralised: written }),
    ]);
  });
});

test('for machines what looks like a formula leaves as it is, and the recipient is told', async () => {
  const input = join(example.folder, 'machines.csv');
  writeFileSync(input, csv.replaceAll('Controlled drugs', '=1+1'));
  const { out, manifest } = await leaving({}, input);
  if (!manifest) throw new Error('Nothing left');
  expect(readFileSync(join(out, 'stop-and-search.csv'), 'utf8')).toMatch(/,=1\+1,/);
  expect(manifest.caveats?.at(-1)).toBe(
    'Do not open it in a spreadsheet, which would run what looks like a formula in Object of search.',
  );
  expect(readFileSync(join(out, 'standard-terms.txt'), 'utf8')).toContain('Do not open it in a spreadsheet');
});

test('a text too long for a cell of a workbook is a refusal with its row, in both logs, and nothing leaves', async () => {
  const input = join(example.folder, 'long.csv');
  writeFileSync(input, csv.replaceAll('Controlled drugs', 'x'.repeat(33_000)));
  const { shared, sent } = await leaving({ output: 'xlsx' }, input);
  expect(sent).toBeNull();
  if (shared.outcome !== 'refused') throw new Error('It was not refused');
  expect(shared.report?.problem).toMatchObject({ check: 'too-long-for-xlsx', field: 'Object of search' });
  expect(example.staged()).toEqual([]);
});
