import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { exportLog } from './export.ts';
import { integrateOwn, integratePending } from './integrate.ts';
import { findTrouble } from './keep.ts';
import { keptPath } from './kept.ts';
import { sealingContext } from './log-key.ts';
import { verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { LogStopped } from './trouble.ts';

let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
let thing: { id: string; type: string };

beforeEach(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  thing = await ledger.aThing(police.id, opcc.id);
});
afterEach(() => ledger.close());

const act = () => record(ledger.database, police, thing, [police, opcc]);
const integrate = () => integratePending(ledger.instance);
const fileOf = (of: TestOrganisation) => keptPath(ledger.instance.folders.checkpoints, of.origin);
const keptSize = async (of: TestOrganisation) => {
  const opened = openCheckpoint(await readFile(fileOf(of)), of.vkey);
  return opened.ok ? opened.checkpoint.size : opened.reason;
};
const signedSize = async (of: TestOrganisation) => {
  const { rows } = await ledger.superuser.query(
    'select max(size)::int as size from ledger_checkpoints where organisation_id = $1',
    [of.id],
  );
  return rows[0].size as number | null;
};
const troubleOf = (of: TestOrganisation) => findTrouble(ledger.instance, of.id);
async function actAndIntegrate(times = 1): Promise<string> {
  let id = '';
  for (let n = 0; n < times; n += 1) {
    id = await act();
    expect(await integrate()).toEqual([]);
  }
  return id;
}

describe('the last checkpoint of each log, outside the database', () => {
  test('is on the disk, private, as soon as a log is signed', async () => {
    await integrate();
    expect([await keptSize(police), await keptSize(opcc)]).toEqual([0, 0]);
    await actAndIntegrate(3);
    expect([await keptSize(police), await keptSize(opcc)]).toEqual([3, 3]);
    expect(await troubleOf(police)).toBeNull();
    expect(await readFile(fileOf(police))).toEqual(
      Buffer.from(
        (
          await ledger.superuser.query(
            'select note from ledger_checkpoints where organisation_id = $1 and size = 3',
            [police.id],
          )
        ).rows[0].note,
      ),
    );
  });

  test('a crash between the commit and the file heals: the file is only ever behind', async () => {
    await actAndIntegrate(2);
    const before = await readFile(fileOf(police));
    const id = await actAndIntegrate(5);
    await writeFile(fileOf(police), before); // as a kill between the two leaves it
    const receipt = await receiptFor(ledger.instance, police.id, id);
    expect(verifyReceipt(receipt ?? Buffer.alloc(0), { vkey: police.vkey }).entry?.id).toBe(id);
    expect(await keptSize(police), 'a receipt leaves only once the file covers it').toBe(7);
    await writeFile(fileOf(police), before);
    await actAndIntegrate();
    expect(await keptSize(police)).toBe(8);
  });

  test('several integrators and receipts at once never move it back', async () => {
    const sizes: (number | string)[] = [];
    for (let round = 0; round < 5; round += 1) {
      const ids = await Promise.all([act(), act(), act()]);
      await Promise.all([integrate(), integrate(), integrate()]);
      await Promise.all(ids.map((id) => receiptFor(ledger.instance, police.id, id)));
      sizes.push(await keptSize(police));
    }
    expect(sizes).toEqual([3, 6, 9, 12, 15]);
  });
});

describe('an old backup put back under a newer checkpoint', () => {
  test('is never signed, gives no receipt, says why, and goes on when a later one is put back', async () => {
    const old = await actAndIntegrate(3);
    const putOldBack = await ledger.backup();
    await actAndIntegrate(4);
    const putLatestBack = await ledger.backup();
    await putOldBack();
    expect(await troubleOf(police)).toMatchObject({ kind: 'behind', held: { size: 3 }, signed: { size: 7 } });
    const waiting = await act();
    const faults = await integrate();
    expect(faults.map(({ fault }) => fault)).toEqual([expect.any(LogStopped), expect.any(LogStopped)]);
    expect(String(faults[0]?.fault)).toContain(
      'has signed a state of 7 entries, and the database holds only 3 entries',
    );
    expect(await signedSize(police)).toBe(3);
    expect(await keptSize(police)).toBe(7);
    await expect(receiptFor(ledger.instance, police.id, old)).rejects.toThrow(LogStopped);
    expect(await receiptFor(ledger.instance, police.id, waiting)).toBeNull();
    expect(await exportLog(ledger.instance, police.id, '/nowhere')).toMatchObject({ code: 'ledger.stopped' });
    await expect(integrateOwn(ledger.instance, police.id)).rejects.toThrow('chirograph ledger continue');
    await putLatestBack();
    await actAndIntegrate();
    expect(await keptSize(police)).toBe(8);
  });

  test('also one from before the first signature', async () => {
    const putEmptyBack = await ledger.backup();
    await actAndIntegrate(2);
    await putEmptyBack();
    await integrate();
    expect(await troubleOf(police)).toMatchObject({ kind: 'behind', held: null, signed: { size: 2 } });
    expect(await signedSize(police)).toBeNull();
  });

  test('another body’s stopped log does not keep one’s own command from its receipt', async () => {
    await actAndIntegrate(2);
    await writeFile(fileOf(opcc), 'not a checkpoint');
    const id = await act();
    await integrateOwn(ledger.instance, police.id);
    expect(await receiptFor(ledger.instance, police.id, id)).not.toBeNull();
    expect(await troubleOf(opcc)).toMatchObject({ kind: 'unreadable' });
    await expect(integrateOwn(ledger.instance, opcc.id)).rejects.toThrow('cannot be read');
  });
});

describe('two histories', () => {
  /** Two histories with the same beginning: the database holds the second, the file what was signed in the first. */
  async function fork(first: number, second: number): Promise<void> {
    await actAndIntegrate(2);
    const common = await ledger.backup();
    const commonFile = await readFile(fileOf(police));
    await actAndIntegrate(first);
    const file = await readFile(fileOf(police));
    await common();
    await writeFile(fileOf(police), commonFile);
    await writeFile(fileOf(opcc), await readFile(fileOf(opcc)));
    await rm(fileOf(opcc));
    await act();
    await integrate();
    if (second > 1) await actAndIntegrate(second - 1);
    await writeFile(fileOf(police), file);
  }

  test.for([
    [1, 1],
    [2, 5],
    [3, 3],
  ] as const)('of the same or another size are told apart: %i entries and %i', async ([first, second]) => {
    await fork(first, second);
    expect(await troubleOf(police)).toMatchObject({ kind: 'forked', signed: { size: 2 + first } });
    const before = await signedSize(police);
    await act();
    expect((await integrate()).map(({ organisationId }) => organisationId)).toEqual([police.id]);
    expect(await signedSize(police)).toBe(before);
  });
});

describe('a log of which nothing is kept: restored onto a new machine, or the folder lost', () => {
  test('is proved whole, kept again and signed on', async () => {
    await actAndIntegrate(3);
    await pendThousands(70_000);
    expect(await integrate()).toEqual([]);
    await rm(fileOf(police));
    await actAndIntegrate();
    expect(await keptSize(police)).toBe(70_004);
  });

  test.for([
    [
      'an entry',
      `update ledger_entries set entry = replace(entry, 'thing.done', 'thing.lost') where index = 1`,
    ],
    [
      'an entry with its hash',
      `update ledger_entries set entry = replace(entry, 'thing.done', 'thing.lost'), leaf_hash = sha256('\\x00'::bytea || convert_to(replace(entry, 'thing.done', 'thing.lost'), 'UTF8')) where index = 1`,
    ],
    ['an entry gone', `delete from ledger_entries where index = 1`],
    [
      'an entry too many',
      `insert into ledger_entries (organisation_id, index, act_id, entry, leaf_hash) select organisation_id, 300, act_id, entry, leaf_hash from ledger_entries where index = 299`,
    ],
    [
      'a full tile',
      `update ledger_tiles set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) where length(hashes) = 8192`,
    ],
    ['a full tile gone', `delete from ledger_tiles where length(hashes) = 8192`],
    [
      'the last checkpoint’s note',
      `update ledger_checkpoints set note = replace(note, '300', '301') where size = 300`,
    ],
    ['the last checkpoint gone', `delete from ledger_checkpoints where size = 300`],
  ] as const)('with %s changed is not signed again', async ([, change]) => {
    await pendThousands(300);
    expect(await integrate()).toEqual([]);
    await ledger.superuser.query(change.replace(' where ', ` where organisation_id = '${police.id}' and `));
    await rm(fileOf(police));
    await act();
    const [waits] = await integrate();
    expect(waits).toMatchObject({ organisationId: police.id, fault: { trouble: { kind: 'not-whole' } } });
    expect(await troubleOf(police)).toMatchObject({ kind: 'not-whole' });
    expect(existsSync(fileOf(police))).toBe(false);
  });
});

describe('a kept checkpoint that is not one', () => {
  test.for([
    ['truncated', (note: Buffer) => note.subarray(0, note.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['with a changed size', (note: Buffer) => Buffer.from(note.toString().replace('\n2\n', '\n1\n'))],
    ['another log’s', () => readFile(fileOf(opcc))],
  ] as const)('%s: the log stops, and says which file', async ([, change]) => {
    await actAndIntegrate(2);
    const whole = await readFile(fileOf(police));
    await writeFile(fileOf(police), await change(whole));
    const trouble = await troubleOf(police);
    expect(trouble).toMatchObject({ kind: 'unreadable', path: fileOf(police) });
    await act();
    expect(await integrate()).toHaveLength(1);
    expect(await signedSize(police)).toBe(2);
    await writeFile(fileOf(police), whole);
    await integrate();
    expect(await signedSize(police)).toBe(3);
  });

  test('signed by another key of the same name', async () => {
    await actAndIntegrate(2);
    const { rows } = await ledger.superuser.query(
      'select sealed_key from ledger_logs where organisation_id = $1',
      [opcc.id],
    );
    const der = ledger.instance.sealer.open(
      rows[0].sealed_key,
      sealingContext({ organisationId: opcc.id, log: 1 }),
    );
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    await writeFile(
      fileOf(police),
      signCheckpoint({ origin: police.origin, size: 99, root: Buffer.alloc(32) }, key),
    );
    expect(await troubleOf(police)).toMatchObject({ kind: 'unreadable' });
  });

  test('cannot be read, as where a folder stands in its place', async () => {
    await actAndIntegrate(2);
    await rm(fileOf(police));
    await mkdir(fileOf(police));
    expect(await troubleOf(police)).toMatchObject({ kind: 'unreadable', fault: 'EISDIR' });
  });
});

describe('a checkpoint that cannot be written', () => {
  test('no folder: what was done is kept, nothing is acknowledged, and it heals by itself', async () => {
    await actAndIntegrate(2);
    const { checkpoints } = ledger.instance.folders;
    await rename(checkpoints, `${checkpoints}-away`);
    const id = await act();
    expect((await integrate()).map(({ fault }) => String(fault))).toEqual([
      expect.stringContaining('cannot be written'),
      expect.stringContaining('cannot be written'),
    ]);
    expect(await troubleOf(police)).toMatchObject({ kind: 'unwritable', fault: 'ENOENT' });
    await rename(`${checkpoints}-away`, checkpoints);
    await integrate();
    expect(await receiptFor(ledger.instance, police.id, id)).not.toBeNull();
  });

  const cannotMount = spawnSync('unshare', ['-rm', 'true']).status !== 0;
  test.skipIf(cannotMount)(
    'a full disk: the batch is in the database, no receipt leaves, no more is signed',
    async () => {
      await actAndIntegrate(2);
      const folder = await mkdtemp(join(tmpdir(), 'full-'));
      await chmod(folder, 0o755);
      const id = await act();
      const { database } = ledger.superuser;
      const said = onFullDisk(folder, ledger.instance.folders.checkpoints, {
        ...inject('postgres'),
        database,
      });
      expect(said).toContain('cannot be written');
      expect(said).toContain('ENOSPC');
      expect(await signedSize(police)).toBe(3);
      expect(await keptSize(police), 'the file before is still whole').toBe(2);
      expect(await receiptFor(ledger.instance, police.id, id), 'with room again').not.toBeNull();
      await rm(folder, { recursive: true });
    },
  );

  function onFullDisk(folder: string, checkpoints: string, connection: object): string {
    const script = `mount -t tmpfs -o size=16k tmpfs "$1" && cp "$2"/* "$1" && (cat /dev/zero > "$1/filler" || true) 2>/dev/null
      exec "$3" src/ledger/full-disk.fixture.ts "$4" "$5"`;
    const about = JSON.stringify({
      connection: { ...connection, user: 'chirograph_app' },
      checkpoints: folder,
    });
    const { stdout, stderr } = spawnSync(
      'unshare',
      [
        '-rm',
        'sh',
        '-c',
        script,
        'sh',
        folder,
        checkpoints,
        process.execPath,
        about,
        ledger.masterKey.toString('hex'),
      ],
      { encoding: 'utf8' },
    );
    return stdout + stderr;
  }
});

async function pendThousands(count: number): Promise<void> {
  const id = await act();
  await ledger.superuser.query(
    `insert into ledger_pending (organisation_id, act_id, entry)
     select p.organisation_id, gen_random_uuid(), p.entry from ledger_pending p, generate_series(1, $2)
     where p.organisation_id = $1 and p.act_id = $3`,
    [police.id, count - 1, id],
  );
}
