import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { chunksOf, chunksOfFile, hashFile } from './file-bytes.ts';
import { sha256Hex } from './pure/hash.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirograph-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'file');

test.each([0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000])(
  'a file of %i bytes is read whole, in its order, and hashed',
  async (size) => {
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    const read: Buffer[] = [];
    for await (const chunk of chunksOfFile(path)) read.push(Buffer.from(chunk));
    expect(Buffer.concat(read).equals(bytes)).toBe(true);
    expect(await hashFile(path)).toBe(sha256Hex(bytes));
  },
);

test('whoever stops early leaves nothing open, and a file that is not there is said', async () => {
  writeFileSync(path, randomBytes(5_000_000));
  for await (const chunk of chunksOfFile(path)) {
    expect(chunk).toHaveLength(1 << 20);
    break;
  }
  await expect(hashFile(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a read ahead that fails while a chunk is worked on is told to whoever works on it', async () => {
  writeFileSync(path, randomBytes(5_000_000));
  const file = await open(path);
  const read = async () => {
    for await (const _ of chunksOf(file)) {
      await file.close(); // The next read has begun, the one after it cannot.
      await setTimeout(10);
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'EBADF' });
});
