import { afterAll, beforeAll, expect, test } from 'vitest';
import { aLedgerDatabase, type LedgerDatabase, record } from './a-database.fixture.ts';
import { parseEntry } from './entry.ts';
import { integratePending } from './integrate.ts';
import { findPending } from './store.ts';

let ledger: LedgerDatabase;
beforeAll(async () => {
  ledger = await aLedgerDatabase();
});
afterAll(() => ledger.close());

test('what waits for an organisation’s log: its own, oldest first, and nothing once it is in', async () => {
  const police = await ledger.anOrganisation('westmarch-police');
  const council = await ledger.anOrganisation('avonbury-council');
  const thing = await ledger.aThing(police.id);
  const first = await record(ledger.database, police, thing, [police]);
  const second = await record(ledger.database, police, thing, [police]);
  const waiting = (id: string, limit = 10) => ledger.database.work((tx) => findPending(tx, id, limit));
  const acts = async (id: string, limit?: number) =>
    (await waiting(id, limit)).map((entry) => parseEntry(entry)?.id);

  expect(await acts(police.id)).toEqual([first, second]);
  expect(await acts(police.id, 1)).toEqual([first]);
  expect(await acts(council.id)).toEqual([]);
  await integratePending(ledger.instance);
  expect(await acts(police.id)).toEqual([]);
});
