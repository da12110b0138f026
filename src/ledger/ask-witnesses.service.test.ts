import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { askWitnesses } from './ask-witnesses.ts';
import { integratePending } from './integrate.ts';
import { findTrouble } from './keep.ts';
import { keptPath } from './kept.ts';
import { makeVkey } from './note.ts';
import { verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { serveWitness } from './witness-server.ts';

// Our own logs, an outside witness over real HTTP, and what an operator could do to one side of it.
let ledger: LedgerDatabase;
let police: TestOrganisation;
let thing: { id: string; type: string };
let folder: string;
let server: Server;
let outside: { url: string; vkey: string };

beforeEach(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  thing = await ledger.aThing(police.id);
  folder = await mkdtemp(join(tmpdir(), 'outside-'));
  const { privateKey } = generateKeyPairSync('ed25519');
  const logs = new Map([[police.origin, [police.vkey]]]);
  server = serveWitness({ name: 'witness.example', privateKey, folder, logs }, () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  outside = {
    url: `http://127.0.0.1:${port}/`,
    vkey: makeVkey('witness.example', privateKey, 'cosignature'),
  };
});
afterEach(async () => {
  server.close();
  await ledger.close();
  await rm(folder, { recursive: true });
});

const ask = () => askWitnesses(ledger.instance, [outside]);
async function actAndSign(times = 1): Promise<string> {
  let id = '';
  for (let n = 0; n < times; n += 1) id = await record(ledger.database, police, thing, [police]);
  expect(await integratePending(ledger.instance)).toEqual([]);
  return id;
}
async function answer(): Promise<{ answer: string; size: number | null } | undefined> {
  const { rows } = await ledger.superuser.query('select answer, size::int from ledger_witnesses');
  return rows[0];
}

describe('an outside witness', () => {
  test('cosigns as the log grows, and its cosignature is on the receipt', async () => {
    for (const times of [1, 3, 300]) {
      const id = await actAndSign(times);
      expect(await ask()).toEqual([]);
      const receipt = (await receiptFor(ledger.instance, police.id, id)) ?? Buffer.alloc(0);
      const { checks, entry } = verifyReceipt(receipt, { vkey: police.vkey, witnesses: [outside.vkey] });
      expect(entry?.id).toBe(id);
      expect(checks.at(-1)).toMatchObject({ name: 'cosignature witness.example', ok: true });
    }
    expect(await answer()).toEqual({ answer: 'cosigned', size: 304 });
  });

  test('that has seen it before is asked from where it says', async () => {
    await actAndSign(5);
    await ask();
    await ledger.superuser.query('delete from ledger_witnesses');
    await actAndSign(2);
    await ask();
    expect(await answer()).toEqual({ answer: 'cosigned', size: 7 });
  });

  test('that is down holds nothing up', async () => {
    server.close();
    server.closeAllConnections();
    const id = await actAndSign();
    expect(await ask()).toEqual([]);
    expect(await answer()).toEqual({ answer: 'down', size: null });
    expect(await receiptFor(ledger.instance, police.id, id)).not.toBeNull();
    expect(await findTrouble(ledger.instance, police.id)).toBeNull();
  });

  test('shows that an old backup was put back on a new machine, where nothing else does', async () => {
    await actAndSign(3);
    const putBack = await ledger.backup();
    await actAndSign(4);
    await ask();
    await putBack();
    await rm(keptPath(ledger.instance.folders.checkpoints, police.origin));
    expect(await findTrouble(ledger.instance, police.id), 'by itself it looks whole').toBeNull();
    await ask();
    expect(await findTrouble(ledger.instance, police.id)).toMatchObject({
      kind: 'behind',
      held: { size: 3 },
      signed: { size: 7 },
    });
    expect(await answer()).toMatchObject({ answer: 'disagrees' });
  });

  test('shows that another history was signed', async () => {
    await actAndSign(3);
    const putBack = await ledger.backup();
    const file = await readFile(keptPath(ledger.instance.folders.checkpoints, police.origin));
    await actAndSign(4);
    await ask();
    await putBack();
    await writeFile(keptPath(ledger.instance.folders.checkpoints, police.origin), file);
    await actAndSign(9);
    await ask();
    expect(await findTrouble(ledger.instance, police.id)).toMatchObject({
      kind: 'forked',
      signed: { size: 7 },
    });
  });

  test('that lies without the log’s own signature stops nothing', async () => {
    await actAndSign(3);
    server.removeAllListeners('request');
    server.on('request', (_, response) =>
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('99\n'),
    );
    await ask();
    expect(await findTrouble(ledger.instance, police.id)).toBeNull();
  });
});
