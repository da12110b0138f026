import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aLedgerDatabase, record } from './a-database.fixture.ts';
import { askWitnesses } from './ask-witnesses.ts';
import { openCheckpoint } from './checkpoint.ts';
import { checkCosignatures } from './cosignature.ts';
import { buildGo, goIsMissing, unlessMissing } from './go.fixture.ts';
import { integratePending } from './integrate.ts';
import { makeVkey } from './note.ts';
import { verifyReceipt } from './proof.ts';
import { receiptFor } from './receipt.ts';
import { openWitness, serveWitness } from './witness-server.ts';

let work: string;
let program: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'go-witness-'));
  if (!goIsMissing) program = await buildGo('go-witness', work);
}, 300_000);
afterAll(() => rm(work, { recursive: true }));

describe(`a log of other people’s (Tessera)${unlessMissing}`, () => {
  test.skipIf(goIsMissing)('publishes what our witness cosigned, and nothing that it did not', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const origin = 'go.example/log';
    const logVkey = makeVkey(origin, privateKey);
    const folder = join(work, 'witness');
    const { witness, vkey } = await openWitness(folder, 'witness.example/w1', new Map([[origin, [logVkey]]]));
    const faults: unknown[] = [];
    const answers: number[] = [];
    const server = serveWitness(witness, (fault) => faults.push(fault));
    server.on('request', (_, response) => response.on('finish', () => answers.push(response.statusCode)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const publish = (name: string, ...counts: number[]) => {
      const args = ['log', join(work, name), vkey, url, ...counts.map(String)];
      const running = promisify(execFile)(program, args);
      running.child.stdin?.end(secretOf(origin, privateKey));
      return running;
    };
    try {
      let size = 0;
      for (const counts of [[1, 2, 297], [400]]) {
        const published = (await publish('one', ...counts)).stdout.split('\n').filter(Boolean);
        expect(published).toHaveLength(counts.length);
        for (const [at, count] of counts.entries()) {
          size += count;
          const opened = openCheckpoint(Buffer.from(JSON.parse(published[at] ?? '')), logVkey);
          if (!opened.ok) throw new Error(opened.reason);
          expect(opened.checkpoint).toMatchObject({ origin, size });
          expect(checkCosignatures(opened.text, opened.cosignatures, [vkey])).toMatchObject([{ ok: true }]);
        }
      }

      // The same key begins again, as after a loss.
      await expect(publish('other', 5)).rejects.toThrow('replied with x.tlog.size 700, larger than log size');
      expect(new Set(answers)).toEqual(new Set([200, 409]));
      expect(faults).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe(`a witness of other people’s signatures and proofs (Go)${unlessMissing}`, () => {
  test.skipIf(goIsMissing)('cosigns our log as it grows, and from where it says', async () => {
    const ledger = await aLedgerDatabase();
    const police = await ledger.anOrganisation('westmarch-police');
    const thing = await ledger.aThing(police.id);
    const witness = await startWitness(police.vkey);
    try {
      for (const times of [1, 2, 300]) {
        let act = '';
        for (let n = 0; n < times; n += 1) act = await record(ledger.database, police, thing, [police]);
        expect(await integratePending(ledger.instance)).toEqual([]);
        expect(await askWitnesses(ledger.instance, [witness])).toEqual([]);
        const receipt = (await receiptFor(ledger.instance, police.id, act)) ?? Buffer.alloc(0);
        const { checks } = verifyReceipt(receipt, { vkey: police.vkey, witnesses: [witness.vkey] });
        expect(checks.at(-1)).toMatchObject({ name: 'cosignature witness.example/go', ok: true });
        // The next time it is asked as if it had never been.
        await ledger.superuser.query('delete from ledger_witnesses');
      }
    } finally {
      await witness.end();
      await ledger.close();
    }
  });
});

async function startWitness(logVkey: string) {
  const child = spawn(program, ['witness', logVkey], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [vkey = '', url = ''] = (await firstLine(child)).split(' ');
  const end = async () => {
    child.stdin.end();
    await ended;
  };
  return { vkey, url, end };
}

async function firstLine(child: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  let said = '';
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    said += text;
    if (said.includes('\n')) break;
  }
  return said.split('\n')[0] ?? '';
}

/** A signing key as golang.org/x/mod/sumdb/note reads it. */
function secretOf(name: string, privateKey: KeyObject): string {
  const id = makeVkey(name, privateKey).split('+')[1];
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  return `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Buffer.of(1), seed]).toString('base64')}`;
}
