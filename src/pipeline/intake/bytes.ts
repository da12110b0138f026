import { createReadStream } from 'node:fs';

/** Hears how many bytes of the file have been read; from the start again where it is read again. */
export type Hear = (bytes: number) => void;

/** The bytes of a file (absolute path) in chunks of 256 KB, told as they are taken. */
export async function* bytesOf(path: string, hear: Hear): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hear(bytes);
    yield chunk;
  }
}
