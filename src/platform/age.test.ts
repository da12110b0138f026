import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgeFault, decrypted, decryptFile, encryptFile } from './age.ts';
import { sha256Hex } from './pure/hash.ts';

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
const whatIs = (bytes: Buffer) => ({ sha256: sha256Hex(bytes), bytes: bytes.length });

// age works in chunks of 64 KiB, and files are read a MiB at a time: empty, small, whole, one byte more, several of each.
const sizes = [0, 5, 65_536, 65_537, 300_000, 1 << 20, (1 << 20) + 1, 6_000_000];

it.each(sizes)('encrypts %i bytes and decrypts them again, with the hashes of both files', async (size) => {
  const plain = randomBytes(size);
  const made = await encrypted(plain);
  expect(made).toEqual({ plain: whatIs(plain), encrypted: whatIs(await readFile(at('file.age'))) });
  expect(await decryptFile(at('file.age'), at('back'), identity)).toEqual(whatIs(plain));
  expect((await readFile(at('back'))).equals(plain)).toBe(true);
});

describe.runIf(hasAge())('with the age of the operating system (skipped where there is none)', () => {
  it.each(sizes)('it reads what we write, %i bytes', async (size) => {
    const plain = randomBytes(size);
    await encrypted(plain);
    await writeFile(at('identity'), `${identity}\n`, { mode: 0o600 });
    const args = ['-d', '-i', at('identity'), at('file.age')];
    expect(execFileSync('age', args, { maxBuffer: 1 << 23 }).equals(plain)).toBe(true);
  });

  it.each(sizes)('we read what it writes to several recipients, %i bytes', async (size) => {
    const plain = randomBytes(size);
    await writeFile(at('plain'), plain);
    const other = await identityToRecipient(await generateX25519Identity());
    execFileSync('age', ['-r', other, '-r', recipient, '-o', at('file.age'), at('plain')]);
    expect(await decryptFile(at('file.age'), at('back'), identity)).toEqual(whatIs(plain));
  });
});

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

// Where the first n chunks of a file of 300,000 bytes end.
const sealed = 65_536 + 16;
const endOf = (file: Buffer, chunks: number) => file.length - 300_000 - 5 * 16 + chunks * sealed;
const upTo = (file: Buffer, chunks: number) => file.subarray(0, endOf(file, chunks));
const chunkOf = (file: Buffer, at: number) => file.subarray(endOf(file, at), endOf(file, at + 1));
const swapped = (file: Buffer) =>
  Buffer.concat([upTo(file, 1), chunkOf(file, 2), chunkOf(file, 1), file.subarray(endOf(file, 3))]);

describe('a file that is not whole', () => {
  it.each<[string, (file: Buffer) => Buffer]>([
    ['cut by a byte', (file) => file.subarray(0, -1)],
    ['cut at the end of a chunk', (file) => file.subarray(0, -(300_000 % 65_536) - 16)],
    ['with a byte more', (file) => Buffer.concat([file, Buffer.of(0)])],
    ['with two chunks in another order', swapped],
    [
      'with a chunk twice',
      (file) => Buffer.concat([upTo(file, 2), chunkOf(file, 1), file.subarray(endOf(file, 2))]),
    ],
    ['without a chunk', (file) => Buffer.concat([upTo(file, 1), file.subarray(endOf(file, 2))])],
    ['with another file after it', (file) => Buffer.concat([file, file])],
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

// C2SP's own: files that must be read, and files that must be refused and at what point (test/vectors/age).
describe('the vectors of the format', () => {
  const vectors = join(import.meta.dirname, '../../test/vectors/age');
  const names = readdirSync(vectors).filter((name) => name !== 'README.md');

  it.each(names)('%s', async (name) => {
    const vector = await readFile(join(vectors, name));
    const end = vector.indexOf('\n\n');
    const said = vector.subarray(0, end).toString().split('\n');
    const all = (key: string) =>
      said.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
    const body = vector.subarray(end + 2);
    const file = all('compressed').length > 0 ? inflateSync(body) : body;
    const released: Buffer[] = [];
    const opening = async () => {
      for await (const plain of decrypted(ReadableStream.from([file]), all('identity'))) released.push(plain);
      return 'success';
    };
    const outcome = await opening().catch((fault: unknown) =>
      fault instanceof AgeFault ? fault.reason : fault,
    );
    expect(reasons[all('expect').join()]).toContain(outcome);
    // Of a file that is refused at its end the reference gives a chunk more than we do: the one that was not the last.
    if (outcome === 'success') expect([sha256Hex(Buffer.concat(released))]).toEqual(all('payload'));
  });
});

const reasons: Record<string, string[]> = {
  success: ['success'],
  'no match': ['not-for-you'],
  'HMAC failure': ['damaged'],
  'header failure': ['not-age', 'damaged'],
  'payload failure': ['damaged'],
};
