import { chunksOfFile } from '../../platform/file-bytes.ts';

/** Hears how many bytes of the file have been read; from the start again where it is read again. */
export type Hear = (bytes: number) => void;

/** The bytes of a file (absolute path), told as they are taken. A chunk is good until the next is asked for. */
export async function* bytesOf(path: string, hear: Hear): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const chunk of chunksOfFile(path)) {
    bytes += chunk.length;
    hear(bytes);
    yield chunk;
  }
}
