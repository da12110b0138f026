import { execFile, spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aLog } from './a-log.fixture.ts';
import { inclusionProof, leafHash, subtreesOf } from './merkle.ts';
import { formatReceipt } from './proof.ts';
import { writeLog } from './write-log.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../../test/go-verify');
const missing = spawnSync('go', ['version']).status !== 0;
let work: string;

describe(`Go’s own log library (golang.org/x/mod/sumdb)${missing ? ': skipped, Go is not installed' : ''}`, () => {
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'ledger-go-'));
    if (!missing) await run('go', ['build', '-o', join(work, 'go-verify'), '.'], { cwd: source });
  }, 180_000);
  afterAll(() => rm(work, { recursive: true }));

  test.skipIf(missing).for([1, 2, 255, 256, 257, 1000, 70_000])(
    'accepts our log of %i entries, its tiles, proofs and receipts',
    { timeout: 60_000 },
    async (size) => {
      const { folder, receipts } = await writeOut(size);
      expect(await goVerify(folder, ...receipts)).toBe(`ok: ${size} entries, ${receipts.length} receipts\n`);
    },
  );

  test.skipIf(missing)('refuses a changed entry, tile, checkpoint and receipt', async () => {
    const { folder, receipts } = await writeOut(300);
    for (const path of [
      'tile/entries/000',
      'tile/0/000',
      'tile/1/000.p/1',
      'checkpoint',
      receipts[0] ?? '',
    ]) {
      const file = path.startsWith('/') ? path : join(folder, path);
      const whole = await readFile(file);
      const changed = Buffer.from(whole);
      const at = Math.floor(whole.length / 2);
      changed[at] = (whole[at] ?? 0) ^ 1;
      await writeFile(file, changed);
      await expect(goVerify(folder, ...receipts), path).rejects.toThrow('Command failed');
      await writeFile(file, whole);
    }
    await appendFile(join(folder, 'vkey'), 'x');
    await expect(goVerify(folder)).rejects.toThrow('Command failed');
  });
});

async function writeOut(size: number): Promise<{ folder: string; receipts: string[] }> {
  const folder = await mkdtemp(join(work, 'log-'));
  const log = aLog(size);
  await writeLog(folder, log.toWrite);
  const tree = subtreesOf(log.entries.map(leafHash));
  const receipts: string[] = [];
  for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
    const path = `${folder}-${index}.tlog-proof`;
    const entry = log.entries[index] ?? Buffer.alloc(0);
    const proof = inclusionProof(index, size, tree);
    await writeFile(path, formatReceipt({ entry, index, proof, checkpoint: log.checkpoint }));
    receipts.push(path);
  }
  return { folder, receipts };
}

async function goVerify(...paths: string[]): Promise<string> {
  return (await run(join(work, 'go-verify'), paths)).stdout;
}
