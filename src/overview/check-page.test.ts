import { expect, test } from 'vitest';
import type { Audit } from './audit.ts';
import { checkPage } from './check-page.ts';
import { logTables, sealedTables } from './sealed-tables.ts';

const organisation = { id: 'o', slug: 'westmarch-police', name: 'Westmarch Police' };
const now = '2026-11-23T10:00:00.000Z';
const found: Audit = {
  logs: [
    {
      organisationId: 'o',
      log: 1,
      origin: 'westmarch-police/ledger/1',
      size: 1,
      checkpoints: 1,
      inUse: true,
    },
  ],
  tables: [
    { table: 'requests', rows: 0, before: 0 },
    { table: 'releases', rows: 1204, before: 1 },
  ],
  packages: 1,
  findings: [],
};

test('says what was looked at in words, with none, one and many', () => {
  const { looked, before } = checkPage(organisation, found, now);
  expect(looked?.map(({ what, many }) => `${what}: ${many}`)).toEqual([
    'The ledger: 1 entry',
    'Requests: None',
    'Releases: 1,204 records',
    'Packages of files: 1 record',
  ]);
  expect(before).toBe('1 of these records is');
});

test('has words for whatever an audit can name', () => {
  const named = [...sealedTables.map(({ table }) => table), ...logTables, 'packages', 'checkpoints'];
  const findings = named.map((table) => ({ table, row: 'r', wrong: 'It was changed.', todo: 'Ask.' }));
  const shown = checkPage(organisation, { ...found, findings }, now).findings;
  for (const { what } of shown) expect(what).toMatch(/^[A-Z][a-z]/);
  expect(new Set(shown.map(({ what }) => what)).size).toBe(named.length);
});

test('gives the command where the log is too long for a page', () => {
  expect(checkPage(organisation, null, now)).toMatchObject({ looked: null, findings: [], before: null });
});
