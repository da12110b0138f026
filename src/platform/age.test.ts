import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decryptFile, encryptFile } from './age.ts';

function hasAge(): boolean {
  try {
    execFileSync('age', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let identity: string;
let recipient: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'age-'));
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

async function encrypted(plain: Buffer) {
  await writeFile(at('plain'), plain);
  return encryptFile(at('plain'), at('file.age'), [recipient]);
}

// age works in chunks of 64 KiB: empty, small, one chunk whole, one byte more, several.
const sizes = [0, 5, 65_536, 65_537, 300_000];

it.each(sizes)('encrypts %i bytes and decrypts them again, with the hash of the ciphertext', async (size) => {
  const plain = randomBytes(size);
  const { sha256, bytes } = await encrypted(plain);
  const file = await readFile(at('file.age'));
  expect({ sha256, bytes }).toEqual({
    sha256: createHash('sha256').update(file).digest('hex'),
    bytes: file.length,
  });
  await decryptFile(at('file.age'), at('back'), identity);
  expect((await readFile(at('back'))).equals(plain)).toBe(true);
});

it.runIf(hasAge()).each(sizes)(
  'is read by the age of the operating system (skipped where there is none), %i bytes',
  async (size) => {
    const plain = randomBytes(size);
    await encrypted(plain);
    await writeFile(at('identity'), `${identity}\n`, { mode: 0o600 });
    const read = execFileSync('age', ['-d', '-i', at('identity'), at('file.age')], { maxBuffer: 1 << 20 });
    expect(read.equals(plain)).toBe(true);
  },
);

it('is for every recipient, and for nobody else', async () => {
  const others = [await generateX25519Identity(), await generateX25519Identity()];
  await writeFile(at('plain'), 'rows');
  const recipients = [recipient, await identityToRecipient(others[0] ?? '')];
  await encryptFile(at('plain'), at('file.age'), recipients);
  await decryptFile(at('file.age'), at('first'), identity);
  await decryptFile(at('file.age'), at('second'), others[0] ?? '');
  await expect(decryptFile(at('file.age'), at('third'), others[1] ?? '')).rejects.toThrow();
  expect((await readdir(folder)).sort()).toEqual(['file.age', 'first', 'plain', 'second']);
});

describe('a file that is not whole', () => {
  it.each<[string, (file: Buffer) => Buffer]>([
    ['cut by a byte', (file) => file.subarray(0, -1)],
    ['cut at the end of a chunk', (file) => file.subarray(0, -(300_000 % 65_536) - 16)],
    ['with a byte more', (file) => Buffer.concat([file, Buffer.of(0)])],
    ['changed in the header', (file) => file.with(100, (file[100] ?? 0) ^ 1) as Buffer],
    [
      'changed in the last chunk',
      (file) => file.with(file.length - 20, (file[file.length - 20] ?? 0) ^ 1) as Buffer,
    ],
    ['empty', () => Buffer.alloc(0)],
  ])('%s gives no output at all', async (_, damage) => {
    await encrypted(randomBytes(300_000));
    await writeFile(at('file.age'), damage(await readFile(at('file.age'))));
    await expect(decryptFile(at('file.age'), at('back'), identity)).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(['file.age', 'plain']);
  });
});

it('leaves nothing when it is cancelled or its input is missing', async () => {
  await writeFile(at('plain'), randomBytes(300_000));
  await expect(encryptFile(at('plain'), at('file.age'), [recipient], AbortSignal.abort())).rejects.toThrow();
  await expect(encryptFile(at('missing'), at('file.age'), [recipient])).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['plain']);
});
