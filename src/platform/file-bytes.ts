import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

const readAtOnce = 1 << 20; // bytes

/**
 * The bytes of an open file from where it stands, a megabyte at a time, the next read while one is worked on: three times as fast
 * as a stream. A chunk is good until the next is asked for: its memory is used again.
 */
export async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer, void> {
  let [one, other] = [Buffer.allocUnsafeSlow(readAtOnce), Buffer.allocUnsafeSlow(readAtOnce)];
  const ahead = (into: Buffer) => {
    const reading = file.read(into);
    reading.catch(() => {}); // It is heard of when it is waited for.
    return reading;
  };
  let reading = ahead(one);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = ahead(other);
      yield one.subarray(0, bytesRead);
      [one, other] = [other, one];
    }
  } finally {
    // Whoever stops early closes the file next.
    await reading.catch(() => {});
  }
}

/** The same of a file by its path, which is opened when it is first read. */
export async function* chunksOfFile(path: string): AsyncGenerator<Buffer, void> {
  const file = await open(path);
  try {
    yield* chunksOf(file);
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file of any size, in lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of chunksOfFile(path)) sum.update(chunk);
  return sum.digest('hex');
}
