import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DataSet } from './data-set.ts';
import { protectFile } from './protect-file.ts';

vi.setConfig({ testTimeout: 60_000 });

// Groups of 1, 2, 3 and 14 rows of 20; in the last everybody has the same outcome.
const groups = [1, 2, 3, 14].flatMap((size, at) =>
  Array.from({ length: size }, (_, n) => `g${at},${at < 3 ? n : 0}`),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'closest-'));
  await writeFile(join(folder, 'in.csv'), `group,outcome\n${groups.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function closest(protection: NonNullable<DataSet['protection']>) {
  const dataSet: DataSet = {
    id: 'any',
    format: { type: 'csv' },
    fields: [
      { name: 'group', type: 'string', role: 'quasi-identifier', use: 'keep' },
      { name: 'outcome', type: 'string', role: 'sensitive', use: 'keep' },
    ],
    protection,
  };
  const job = {
    input: join(folder, 'in.csv'),
    dataSet,
    pseudonymKey: Buffer.alloc(32),
    form: 'csv',
    today: '2026-11-22',
    last: null,
    recipients: [],
  } as const;
  const report = await protectFile({ ...job, out: join(folder, 'out.csv') }, new AbortController().signal);
  return [report.rows.heldBack, report.closest];
}

test.each([
  [{ k: 4, suppressionLimit: 0.3 }, 6, null],
  [{ k: 4, suppressionLimit: 0.15 }, 6, { limit: 0.3, k: 3, l: null }],
  [{ k: 4, suppressionLimit: 0.1 }, 6, { limit: 0.3, k: 2, l: null }],
  [{ k: 4 }, 6, { limit: 0.3, k: null, l: null }],
  [{ k: 2, l: 2, suppressionLimit: 0.15 }, 15, { limit: 0.75, k: null, l: 2 }],
])('%j is nearest to what would pass', async (protection, heldBack, expected) => {
  expect(await closest(protection)).toEqual([heldBack, expected]);
});
