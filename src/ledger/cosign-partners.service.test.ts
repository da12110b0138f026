import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { openCheckpoint } from './checkpoint.ts';
import { cosignPartners } from './cosign-partners.ts';
import { exportLog } from './export.ts';
import { integratePending } from './integrate.ts';
import { findTrouble } from './keep.ts';
import { keptPath } from './kept.ts';
import { parseVkey } from './note.ts';
import { parseReceipt, verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { verifyLog } from './verify-log.ts';

let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
let council: TestOrganisation;
let thing: { id: string; type: string };

beforeEach(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  council = await ledger.anOrganisation('avonbury-council');
  thing = await ledger.aThing(police.id, opcc.id);
});
afterEach(() => ledger.close());

const act = () => record(ledger.database, police, thing, [police, opcc]);
async function actAndSign(times = 1): Promise<string> {
  let id = '';
  for (let n = 0; n < times; n += 1) id = await act();
  expect(await integratePending(ledger.instance)).toEqual([]);
  return id;
}
const cosignAll = () => cosignPartners(ledger.instance);
async function cosigned(of: TestOrganisation): Promise<{ size: number; vkey: string }[]> {
  const { rows } = await ledger.superuser.query(
    'select size::int, vkey from ledger_cosignatures where organisation_id = $1 order by size',
    [of.id],
  );
  return rows;
}
async function witnessKey(of: TestOrganisation): Promise<string> {
  const { rows } = await ledger.superuser.query(
    'select vkey from ledger_witness_keys where organisation_id = $1',
    [of.id],
  );
  return rows[0]?.vkey;
}

describe('bodies that have an act in common', () => {
  test('cosign each other’s checkpoints, and nobody else’s', async () => {
    await actAndSign();
    expect(await cosignAll()).toEqual([]);
    expect(await cosigned(police)).toEqual([{ size: 1, vkey: await witnessKey(opcc) }]);
    expect(await cosigned(opcc)).toEqual([{ size: 1, vkey: await witnessKey(police) }]);
    expect(await cosigned(council)).toEqual([]);
    expect(parseVkey(await witnessKey(opcc), 'cosignature')?.name).toBe(
      opcc.origin.replace('/ledger/', '/witness/'),
    );
    expect(await cosignAll()).toEqual([]);
    expect(await cosigned(police), 'once each').toHaveLength(1);
  });

  test('a body with more partners than a checkpoint may have cosignatures still has receipts and a log that verify', async () => {
    const partners = [opcc];
    for (let n = 1; n < 17; n += 1) partners.push(await ledger.anOrganisation(`partner-${n}`));
    let id = '';
    for (const partner of partners) {
      const shared = await ledger.aThing(police.id, partner.id);
      id = await record(ledger.database, police, shared, [police, partner]);
    }
    expect(await integratePending(ledger.instance)).toEqual([]);
    await cosignAll();
    expect((await cosigned(police)).length).toBeGreaterThan(15);
    const receipt = (await receiptFor(ledger.instance, police.id, id)) ?? Buffer.alloc(0);
    expect(verifyReceipt(receipt, { vkey: police.vkey }).entry?.id).toBe(id);
    const folder = join(tmpdir(), `cosigned-${id}`);
    await exportLog(ledger.instance, police.id, folder);
    const { checks } = await verifyLog(folder);
    await rm(folder, { recursive: true });
    expect(checks.filter((check) => !check.ok && !check.advisory)).toEqual([]);
  });

  test('their cosignatures are on receipts and exported logs, and are checked by the key that is held', async () => {
    const id = await actAndSign(3);
    await cosignAll();
    const receipt = (await receiptFor(ledger.instance, police.id, id)) ?? Buffer.alloc(0);
    const name = `cosignature ${opcc.origin.replace('/ledger/', '/witness/')}`;
    const held = [await witnessKey(opcc)];
    const withKey = verifyReceipt(receipt, { vkey: police.vkey, witnesses: held });
    expect(withKey.checks.find((check) => check.name === name)).toMatchObject({ ok: true });
    expect(withKey.entry?.id).toBe(id);
    const without = verifyReceipt(receipt, { vkey: police.vkey });
    expect(without.checks.find((check) => check.name === name)).toMatchObject({ ok: false, advisory: true });
    expect(without.entry?.id).toBe(id);

    const folder = join(tmpdir(), `cosigned-${id}`);
    await exportLog(ledger.instance, police.id, folder);
    expect((await verifyLog(folder, held)).checks.filter((check) => !check.ok)).toEqual([]);
    expect(await readFile(join(folder, 'witnesses'), 'utf8')).toBe(`${held[0]}\n`);
    const whole = await readFile(join(folder, 'checkpoint'));
    for (let at = whole.lastIndexOf('\u2014'); at < whole.length; at += 7) {
      await writeFile(
        join(folder, 'checkpoint'),
        whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      );
      const failing = (await verifyLog(folder)).checks.filter((check) => !check.ok && !check.advisory);
      expect(failing, `byte ${at} changed`).not.toEqual([]);
    }
    await rm(folder, { recursive: true });
  });

  test('a receipt with a cosignature that is not right, by a key that is held, fails', async () => {
    const id = await actAndSign();
    await cosignAll();
    await actAndSign();
    await cosignAll();
    const [older] = await cosigned(police);
    const receipt = parseReceipt((await receiptFor(ledger.instance, police.id, id)) ?? Buffer.alloc(0));
    const note = receipt?.checkpoint.toString() ?? '';
    const { rows } = await ledger.superuser.query(
      'select line from ledger_cosignatures where organisation_id = $1 and size = 1',
      [police.id],
    );
    // A replay: the cosignature of the state before.
    const replayed = Buffer.from(note.slice(0, note.lastIndexOf('—')) + rows[0].line);
    const opened = openCheckpoint(replayed, police.vkey);
    expect(opened.ok).toBe(true);
    const bytes = Buffer.from(
      (await receiptFor(ledger.instance, police.id, id))?.toString().replace(note, replayed.toString()) ?? '',
    );
    const { checks, entry } = verifyReceipt(bytes, { vkey: police.vkey, witnesses: [older?.vkey ?? ''] });
    expect(checks.at(-1)).toMatchObject({
      ok: false,
      detail: 'The cosignature does not match the checkpoint.',
    });
    expect(entry).toBeNull();
  });
});

describe('a witness that has seen more', () => {
  test('stops the log whose own file was lost with the newer history', async () => {
    await actAndSign(2);
    await cosignAll();
    const putBack = await ledger.backup();
    await actAndSign(3);
    await cosignAll();
    await putBack();
    const { checkpoints } = ledger.instance.folders;
    await rm(keptPath(checkpoints, police.origin));
    await actAndSignOnly(police);
    await cosignAll();
    expect(await findTrouble(ledger.instance, police.id)).toMatchObject({ kind: 'forked' });
    expect(
      (await cosigned(police)).map((one) => one.size),
      'what is put back, and no more',
    ).toEqual([2]);
  });

  test('an old database cannot make a witness forget: its own file remembers', async () => {
    await actAndSign(2);
    await cosignAll();
    const folder = join(
      ledger.instance.folders.checkpoints,
      opcc.origin.replace('/ledger/', '.witness.').replaceAll('/', '.'),
    );
    expect(await readdir(folder)).toEqual([keptPath('', police.origin)]);
    await ledger.superuser.query('delete from ledger_seen; delete from ledger_cosignatures');
    await cosignAll();
    expect((await cosigned(police)).map((one) => one.size)).toEqual([2]);
    await ledger.superuser.query(`update ledger_seen set size = 2, root = $1 where organisation_id = $2`, [
      Buffer.alloc(32),
      opcc.id,
    ]);
    await actAndSign();
    await cosignAll();
    expect(
      (await cosigned(police)).map((one) => one.size),
      'its rows say another history',
    ).toEqual([2]);
  });

  test('a file that is not one: nothing is cosigned, and it is said', async () => {
    await actAndSign();
    await cosignAll();
    const folder = join(
      ledger.instance.folders.checkpoints,
      opcc.origin.replace('/ledger/', '.witness.').replaceAll('/', '.'),
    );
    await writeFile(keptPath(folder, police.origin), 'x');
    await actAndSign();
    expect((await cosignAll()).map(({ organisationId, fault }) => [organisationId, String(fault)])).toEqual([
      [police.id, expect.stringContaining('cannot be read')],
    ]);
    expect(
      (await cosigned(opcc)).map((one) => one.size),
      'others go on',
    ).toEqual([1, 2]);
  });

  /** Signs what is put back as if nothing had happened: the operator has thrown the log's file away. */
  async function actAndSignOnly(of: TestOrganisation): Promise<void> {
    await act();
    await act();
    await act();
    await act();
    const waiting = await integratePending(ledger.instance);
    expect(waiting.map((one) => one.organisationId)).not.toContain(of.id);
  }
});

test('a witness’s key cannot pass for a log’s, nor a log’s for a witness’s', async () => {
  await actAndSign();
  await cosignAll();
  expect(parseVkey(await witnessKey(opcc))).toBeNull();
  expect(parseVkey(police.vkey, 'cosignature')).toBeNull();
});
