import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const writtenAtOnce = 1 << 20; // bytes: in smaller pieces the system's calls cost more than the writing

/** A file that was written whole: SHA-256 of its bytes in lower-case hex, and how many there are. */
export type Written = { sha256: string; bytes: number };

/** Writes bytes to a new file that appears whole or not at all, 0600, and is on disk when this returns. */
export async function writeWhole(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<Written> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(draft, 'wx', 0o600);
  try {
    const written = await writeTo(file, bytes, signal);
    await file.sync();
    await file.close();
    await rename(draft, path);
    return written;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
    throw signal?.aborted ? signal.reason : error;
  }
}

/** Writes a megabyte at a time, each while the next is made. */
async function writeTo(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<Written> {
  const hash = createHash('sha256');
  let [one, other] = [Buffer.allocUnsafeSlow(writtenAtOnce), Buffer.allocUnsafeSlow(writtenAtOnce)];
  let held = 0;
  let size = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const full = one.subarray(0, held);
    await writing;
    signal?.throwIfAborted();
    writing = file.writeFile(full);
    writing.catch(() => {}); // It is heard of when it is waited for.
    hash.update(full);
    size += held;
    [one, other] = [other, one];
    held = 0;
  };
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; ) {
        const part = Math.min(chunk.length - at, writtenAtOnce - held);
        one.set(chunk.subarray(at, at + part), held);
        held += part;
        at += part;
        if (held === writtenAtOnce) await write();
      }
    }
    await write();
  } finally {
    await writing;
  }
  return { sha256: hash.digest('hex'), bytes: size };
}
