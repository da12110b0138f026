import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../platform/pure/ids.ts';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { openCheckpoint } from './checkpoint.ts';
import { commitToPerson } from './entry.ts';
import { exportLog } from './export.ts';
import { integratePending, startIntegrator } from './integrate.ts';
import { consistencyProof, emptyRoot, verifyConsistency } from './merkle.ts';
import { verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { destroySalts, findLog, oldestPending, saveTiles } from './store.ts';
import { subtreesInTiles } from './tiles.ts';
import { verifyLog } from './verify-log.ts';

let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
let thing: { id: string; type: string };
let work: string;

beforeAll(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  thing = await ledger.aThing(police.id, opcc.id);
  work = await mkdtemp(join(tmpdir(), 'ledger-'));
});
afterAll(async () => {
  await ledger.close();
  await rm(work, { recursive: true });
});

const integrate = () => integratePending(ledger.instance);
const act = (personId: string | null = null) =>
  record(ledger.database, police, thing, [police, opcc], personId);
const receiptOf = (of: TestOrganisation, id: string) => receiptFor(ledger.instance, of.id, id);
const sizeOf = async (of: TestOrganisation) =>
  (await ledger.database.read(of.actor, (db) => findLog(db, of.id)))?.last?.size;

describe('integrating', () => {
  test('signs a new log before its first entry', async () => {
    const council = await ledger.anOrganisation('avonbury-council');
    expect(council.origin).toBe(`avonbury-council/ledger/${council.id.slice(0, 8)}`);
    expect(await sizeOf(council)).toBeUndefined();
    await integrate();
    expect(await sizeOf(council)).toBe(0);
    const folder = join(work, 'empty');
    expect(await exportLog(ledger.instance, council.id, folder)).toMatchObject({
      ok: true,
      size: 0,
    });
    expect((await verifyLog(folder)).checks.every((check) => check.ok)).toBe(true);
  });

  test('gives each party a receipt of the same act, good by its own key only [R31]', async () => {
    const id = await act();
    expect(await receiptOf(police, id)).toBeNull();
    await integrate();
    for (const [party, other] of [
      [police, opcc],
      [opcc, police],
    ] as const) {
      const receipt = await receiptOf(party, id);
      const verified = verifyReceipt(receipt ?? Buffer.alloc(0), { vkey: party.vkey });
      expect(verified.checks.filter((check) => !check.ok)).toEqual([]);
      expect(verified.entry).toMatchObject({ id, by: police.id, subject: thing });
      expect(verifyReceipt(receipt ?? Buffer.alloc(0), { vkey: other.vkey }).entry).toBeNull();
      expect(await receiptOf(other, newId())).toBeNull();
    }
  });

  test('again with nothing waiting signs nothing', async () => {
    await integrate();
    const { rows: before } = await ledger.superuser.query('select * from ledger_checkpoints order by 1, 2');
    await integrate();
    const { rows: after } = await ledger.superuser.query('select * from ledger_checkpoints order by 1, 2');
    expect(after).toEqual(before);
  });

  test('one by one and in thousands the log, its tiles and its receipts hold together', async () => {
    const ids: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      ids.push(await act());
      await integrate();
    }
    await pendThousands(20_000);
    ids.push(await act());
    await integrate();
    ids.push(await act());
    await integrate();
    for (const id of ids) {
      const receipt = await receiptOf(police, id);
      expect(verifyReceipt(receipt ?? Buffer.alloc(0), { vkey: police.vkey }).entry?.id).toBe(id);
    }
    const folder = join(work, 'thousands');
    const size = await sizeOf(police);
    expect(await exportLog(ledger.instance, police.id, folder)).toMatchObject({
      ok: true,
      size,
    });
    expect((await verifyLog(folder)).checks.filter((check) => !check.ok)).toEqual([]);
    const { rows } = await ledger.superuser.query(
      'select count(*)::int as batches from ledger_checkpoints where organisation_id = $1 and size > 8192',
      [police.id],
    );
    expect(rows[0].batches).toBeLessThan(6);
    const again = await exportLog(ledger.instance, police.id, folder);
    expect(again).toMatchObject({ ok: false, code: 'ledger.folder-taken' });
  });

  test('a full tile can never be changed, by the integrator’s role either', async () => {
    const full =
      'select hashes from ledger_tiles where length(hashes) = 8192 order by organisation_id, level, index';
    const { rows: before } = await ledger.superuser.query(full);
    const zeros = Buffer.alloc(8192);
    const changed = await ledger.database.work((tx) =>
      sql`update ledger_tiles set hashes = ${zeros} where length(hashes) = 8192`.execute(tx),
    );
    expect(changed.numAffectedRows).toBe(0n);
    const overwrite = [{ level: 0, index: 0, hashes: zeros }];
    await expect(
      ledger.database.work((tx) => saveTiles(tx, { organisationId: police.id, log: 1 }, overwrite)),
    ).rejects.toThrow('row-level security');
    const { rows: after } = await ledger.superuser.query(full);
    expect(after).toEqual(before);
    expect(after.length).toBeGreaterThan(70);
  });

  test('several at once put each entry in the log once', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => act()));
    await Promise.all([integrate(), integrate(), integrate()]);
    const { rows } = await ledger.superuser.query(
      'select organisation_id, count(*)::int as entries from ledger_entries where act_id = any($1) group by 1',
      [ids],
    );
    expect(rows.map((row) => row.entries)).toEqual([30, 30]);
    const { rows: holes } = await ledger.superuser.query(
      'select organisation_id from ledger_entries group by 1 having count(*) <> max(index) + 1',
    );
    expect(holes).toEqual([]);
  });

  test('when it returns, an entry that another integrator had in hand is in the log', async () => {
    const id = await act();
    const other = startIntegrator(ledger.instance, () => {});
    await integrate();
    expect(await receiptOf(police, id)).not.toBeNull();
    await other.stop();
  });

  test('every checkpoint signed so far is a beginning of the last: the log only grew', async () => {
    const { rows: signed } = await ledger.superuser.query<{ size: string; note: string }>(
      'select size, note from ledger_checkpoints where organisation_id = $1 and size > 0 order by size',
      [police.id],
    );
    const opened = signed.map(({ note }) => openCheckpoint(Buffer.from(note), police.vkey));
    const checkpoints = opened.flatMap((each) => (each.ok ? [each.checkpoint] : []));
    const last = checkpoints.at(-1);
    const { rows: tiles } = await ledger.superuser.query<{ level: number; index: string; hashes: Buffer }>(
      'select level, index, hashes from ledger_tiles where organisation_id = $1',
      [police.id],
    );
    const subtree = subtreesInTiles(tiles.map((tile) => ({ ...tile, index: Number(tile.index) })));
    expect(checkpoints.length).toBe(signed.length);
    expect(checkpoints.length).toBeGreaterThan(5);
    for (const { size: older, root: olderRoot } of checkpoints) {
      const { size, root } = last ?? { size: 0, root: emptyRoot };
      const proof = consistencyProof(older, size, subtree);
      expect(verifyConsistency({ older, size, olderRoot, root, proof })).toBe(true);
    }
  });
});

describe('erasing a person', () => {
  test('leaves a log and receipts that still verify', async () => {
    const person = newId();
    const id = await act(person);
    await integrate();
    const { rows } = await ledger.superuser.query('select salt from ledger_salts where act_id = $1', [id]);
    await ledger.database.write(police.actor, (tx) => destroySalts(tx, person));
    const receipt = await receiptOf(police, id);
    const { entry } = verifyReceipt(receipt ?? Buffer.alloc(0), { vkey: police.vkey });
    expect(entry?.person).toBe(commitToPerson(rows[0].salt, person));
    const { rowCount } = await ledger.superuser.query('select from ledger_salts where act_id = $1', [id]);
    expect(rowCount).toBe(0);
    const folder = join(work, 'erased');
    await exportLog(ledger.instance, opcc.id, folder);
    expect((await verifyLog(folder)).checks.filter((check) => !check.ok)).toEqual([]);
  });
});

describe('the integrator of the service', () => {
  test('has an entry in the log within a second, and stops when asked', async () => {
    const integrator = startIntegrator(ledger.instance, (fault) => expect(fault).toBeUndefined());
    const id = await act();
    await expect.poll(() => receiptOf(police, id), { timeout: 5000, interval: 50 }).not.toBeNull();
    await integrator.stop();
    const later = await act();
    await sleep(500);
    expect(await receiptOf(police, later)).toBeNull();
    await integrate();
  });

  test('reports a database that went away, and carries on when it is back', async () => {
    const faults: unknown[] = [];
    const integrator = startIntegrator(ledger.instance, (fault) => faults.push(fault));
    const id = await act();
    await ledger.goAway();
    await expect.poll(() => faults.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await ledger.comeBack();
    const later = await act();
    for (const each of [id, later]) {
      await expect.poll(() => receiptOf(police, each), { timeout: 10_000 }).not.toBeNull();
    }
    await integrator.stop();
  });
});

describe('a log that was tampered with below our privileges', () => {
  test('is never signed again, others are, and its entries wait', async () => {
    const victim = await ledger.anOrganisation('aldmoor-fire');
    const own = await ledger.aThing(victim.id);
    await record(ledger.database, victim, own, [victim]);
    await integrate();
    await ledger.superuser.query('update ledger_tiles set hashes = $2 where organisation_id = $1', [
      victim.id,
      Buffer.alloc(32, 1),
    ]);
    await record(ledger.database, victim, own, [victim]);
    const id = await act();
    const waiting = await integrate();
    expect(waiting.map((one) => one.organisationId)).toEqual([victim.id]);
    expect(String(waiting[0]?.fault)).toContain('do not give the root that it signed at 1 entries');
    expect(await receiptOf(police, id)).not.toBeNull();
    expect(await sizeOf(victim)).toBe(1);
    expect(await ledger.database.work(oldestPending)).toBeGreaterThan(0);
  });
});

async function pendThousands(count: number): Promise<void> {
  await ledger.superuser.query(
    `insert into ledger_pending (organisation_id, act_id, entry)
     select organisation_id, gen_random_uuid(), entry from
       (select organisation_id, entry from ledger_entries where organisation_id = $1 order by index limit 1) one,
       generate_series(1, $2)`,
    [police.id, count],
  );
}
