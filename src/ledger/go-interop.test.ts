import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aLog } from './a-log.fixture.ts';
import { withCosignatures } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { buildGo, goIsMissing, unlessMissing } from './go.fixture.ts';
import { inclusionProof, leafHash, subtreesOf } from './merkle.ts';
import { makeVkey } from './note.ts';
import { formatReceipt } from './proof.ts';
import { writeLog } from './write-log.ts';

const run = promisify(execFile);
let work: string;
let program: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'ledger-go-'));
  if (!goIsMissing) program = await buildGo('go-verify', work);
}, 180_000);
afterAll(() => rm(work, { recursive: true }));

describe(`Go’s own log library (golang.org/x/mod/sumdb)${unlessMissing}`, () => {
  test.skipIf(goIsMissing).for([1, 2, 255, 256, 257, 1000, 70_000])(
    'accepts our log of %i entries, its tiles, proofs and receipts',
    { timeout: 60_000 },
    async (size) => {
      const { folder, receipts } = await writeOut(size);
      expect(await goVerify(folder, ...receipts)).toBe(
        `ok: ${size} entries, 0 cosignatures, ${receipts.length} receipts\n`,
      );
    },
  );

  test.skipIf(goIsMissing)('refuses a changed entry, tile, checkpoint and receipt', async () => {
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

describe(`transparency.dev’s cosignatures (github.com/transparency-dev/formats)${unlessMissing}`, () => {
  const names = ['westmarch-opcc/witness/01890000', 'witness.example/w1'];

  test.skipIf(goIsMissing)('accepts ours, in a log and in receipts', async () => {
    const { folder, receipts } = await writeOut(300, names);
    expect(await goVerify(folder, ...receipts)).toBe('ok: 300 entries, 2 cosignatures, 3 receipts\n');
  });

  test.skipIf(goIsMissing)(
    'refuses one of another time, by another key or of another checkpoint',
    async () => {
      const other = await readLines(await writeOut(300, names));
      for (const change of [
        (line: string) => withByte(line, 4 + 7), // the last byte of the time
        (line: string) => withByte(line, 4 + 8), // the first of the signature
        (_: string, at: number) => other[at] ?? '',
        () => null,
      ]) {
        const { folder } = await writeOut(300, names);
        const file = join(folder, 'checkpoint');
        const lines = await readLines({ folder });
        lines[5] = change(lines[5] ?? '', 5) ?? '';
        await writeFile(file, lines.filter((line, at) => at !== 5 || line !== '').join('\n'));
        await expect(goVerify(folder), String(change)).rejects.toThrow('Command failed');
      }
    },
  );
});

const readLines = async ({ folder }: { folder: string }) =>
  (await readFile(join(folder, 'checkpoint'), 'utf8')).split('\n');

/** A signature line with a byte of what it encodes changed. */
function withByte(line: string, at: number): string {
  const [dash, name, encoded = ''] = line.split(' ');
  const bytes = Buffer.from(encoded, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return `${dash} ${name} ${bytes.toString('base64')}`;
}

async function writeOut(
  size: number,
  witnessNames: readonly string[] = [],
): Promise<{ folder: string; receipts: string[] }> {
  const folder = await mkdtemp(join(work, 'log-'));
  const log = aLog(size);
  const text = log.checkpoint.toString().split('\n\n')[0];
  const witnesses = witnessNames.map((name, at) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const vkey = makeVkey(name, privateKey, 'cosignature');
    return { vkey, cosignature: cosign(`${text}\n`, name, privateKey, 1_763_805_600 + at) };
  });
  const checkpoint = withCosignatures(
    log.checkpoint,
    witnesses.map(({ cosignature }) => cosignature),
  );
  await writeLog(folder, { ...log.toWrite, checkpoint, witnesses: witnesses.map(({ vkey }) => vkey) });
  const tree = subtreesOf(log.entries.map(leafHash));
  const receipts: string[] = [];
  for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
    const path = `${folder}-${index}.tlog-proof`;
    const entry = log.entries[index] ?? Buffer.alloc(0);
    const proof = inclusionProof(index, size, tree);
    await writeFile(path, formatReceipt({ entry, index, proof, checkpoint }));
    receipts.push(path);
  }
  return { folder, receipts };
}

async function goVerify(...paths: string[]): Promise<string> {
  return (await run(program, paths)).stdout;
}
