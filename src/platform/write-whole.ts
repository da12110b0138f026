import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

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
    const hash = createHash('sha256');
    let size = 0;
    const counted = async function* () {
      for await (const chunk of bytes) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    const to = file.createWriteStream({ flush: true, highWaterMark: writtenAtOnce });
    await pipeline(counted, to, { ...(signal && { signal }) });
    await rename(draft, path);
    return { sha256: hash.digest('hex'), bytes: size };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
    throw signal?.aborted ? signal.reason : error;
  }
}
