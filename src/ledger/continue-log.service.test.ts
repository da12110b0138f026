import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { openCheckpoint } from './checkpoint.ts';
import { continueLog, lossOf } from './continue-log.ts';
import { parseEntry } from './entry.ts';
import { exportLog } from './export.ts';
import { integratePending } from './integrate.ts';
import { findTrouble } from './keep.ts';
import { keptPath } from './kept.ts';
import { verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { findEntries, findLogs } from './store.ts';
import { verifyLog } from './verify-log.ts';

// One story, told in order: three acts, a backup, two more, the disk is lost, and only the backup is left.
let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
let thing: { id: string; type: string };
let work: string;
let putBack: () => Promise<void>;
const acts: string[] = [];

const at = '2026-11-22T12:00:00.000Z';
const logs = () => ledger.database.read(police.actor, (db) => findLogs(db, police.id));
async function act(): Promise<void> {
  acts.push(await record(ledger.database, police, thing, [police, opcc]));
}

beforeAll(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  thing = await ledger.aThing(police.id, opcc.id);
  work = await mkdtemp(join(tmpdir(), 'continue-'));
  for (let n = 0; n < 3; n += 1) await act();
  await integratePending(ledger.instance);
  putBack = await ledger.backup();
});
afterAll(async () => {
  await ledger.close();
  await rm(work, { recursive: true });
});

describe('a log whose newer history is lost for good', () => {
  test('one that is signed as it should be is not given up', async () => {
    expect(await lossOf(ledger.instance, police.id)).toMatchObject({ code: 'ledger.not-stopped' });
    expect(await continueLog(ledger.instance, police.id, 'disk-lost', at)).toMatchObject({
      code: 'ledger.not-stopped',
    });
  });

  test('what would be lost is said before anything is done', async () => {
    await act();
    await act();
    await integratePending(ledger.instance);
    await putBack();
    await act(); // waits: nothing is signed
    expect(await lossOf(ledger.instance, police.id)).toMatchObject({
      ok: true,
      loss: { held: { size: 3 }, signed: { size: 5 }, heldUntil: '2026-11-22T10:00:00.000Z' },
    });
    expect(await logs()).toHaveLength(1);
  });

  test('is followed by a new one under a new key, whose first entry says what was lost', async () => {
    const [old] = await logs();
    const continued = await continueLog(ledger.instance, police.id, 'disk-lost', at);
    expect(continued).toMatchObject({ ok: true, origin: `${police.origin}/2` });
    expect(await integratePending(ledger.instance), 'the other body’s is still stopped').toMatchObject([
      { organisationId: opcc.id },
    ]);
    const [next, before] = await logs();
    expect(before).toEqual(old);
    expect(next?.vkey).not.toBe(old?.vkey);
    expect(next?.last?.size, 'what waited is in it').toBe(2);
    const [first] = next ? await ledger.database.read(police.actor, (db) => findEntries(db, next, 0, 1)) : [];
    const kept = await readFile(keptPath(ledger.instance.folders.checkpoints, police.origin));
    const lost = openCheckpoint(kept, police.vkey);
    expect(parseEntry(first ?? Buffer.alloc(0))).toMatchObject({
      act: 'ledger.continued',
      by: police.id,
      detail: {
        after: police.origin,
        heldSize: 3,
        heldRoot: old?.last?.root.toString('base64'),
        signedSize: 5,
        signedRoot: lost.ok && lost.checkpoint.root.toString('base64'),
        reason: 'disk-lost',
      },
    });
    expect(await findTrouble(ledger.instance, police.id)).toBeNull();
  });

  test('receipts from the old one still verify by its key, and those of the new one by the new key', async () => {
    const [next] = await logs();
    const oldReceipt = await receiptFor(ledger.instance, police.id, acts[0] ?? '');
    const newReceipt = await receiptFor(ledger.instance, police.id, acts[5] ?? '');
    const entryOf = (receipt: Buffer | null, vkey = '') =>
      verifyReceipt(receipt ?? Buffer.alloc(0), { vkey }).entry?.id;
    expect(entryOf(oldReceipt, police.vkey)).toBe(acts[0]);
    expect(entryOf(newReceipt, next?.vkey)).toBe(acts[5]);
    expect(entryOf(newReceipt, police.vkey)).toBeUndefined();
    expect(await receiptFor(ledger.instance, police.id, acts[4] ?? ''), 'what was lost is lost').toBeNull();
  });

  test('both can be taken out and verified', async () => {
    for (const [number, size] of [
      [undefined, 2],
      [1, 3],
      [2, 2],
    ] as const) {
      const folder = join(work, `log-${number}`);
      expect(await exportLog(ledger.instance, police.id, folder, number)).toMatchObject({ ok: true, size });
      expect((await verifyLog(folder)).checks.filter((check) => !check.ok)).toEqual([]);
    }
    expect(await exportLog(ledger.instance, police.id, join(work, 'none'), 3)).toMatchObject({
      code: 'ledger.no-log',
    });
  });

  test('the old one is never signed again, not by a database from before either', async () => {
    await putBack();
    expect(await findTrouble(ledger.instance, police.id)).toMatchObject({ kind: 'continued' });
    await act();
    await integratePending(ledger.instance);
    expect((await logs())[0]?.last?.size).toBe(3);
    const again = await continueLog(ledger.instance, police.id, 'disk-lost', at);
    expect(again, 'a name that was signed under is not used again').toMatchObject({
      ok: true,
      origin: `${police.origin}/3`,
    });
  });
});
