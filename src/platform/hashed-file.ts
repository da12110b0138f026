import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Written } from './write-whole.ts';

const pieceSize = 1 << 20;
const pieces = 4; // at most that many are read before they are wanted

/** What the thread is given: the file's path, and memory that both see, which it fills piece by piece, round and round. */
export type ForThread = { path: string; memory: Uint8Array[] };

/** What the thread says when the next piece was asked for: how many bytes are in it or, after the last, what the file was. */
export type FromThread = number | Written;

/**
 * The bytes of a file, read and hashed in a thread of its own, so that whoever works on them has a core to itself. A piece is good
 * until the next is asked for: its memory is used again. What the file was is told to `end` after its last byte.
 */
export async function* hashedFile(path: string, end: (was: Written) => void): AsyncGenerator<Uint8Array> {
  const memory = Array.from({ length: pieces }, () => new Uint8Array(new SharedArrayBuffer(pieceSize)));
  const workerData = { path, memory } satisfies ForThread;
  const thread = new Worker(new URL('./hashed-file-thread.ts', import.meta.url), { workerData });
  try {
    for (const _ of memory) thread.postMessage('next');
    let turn = 0;
    for await (const [said] of on(thread, 'message') as AsyncIterable<[FromThread]>) {
      if (typeof said !== 'number') return end(said);
      const piece = memory[turn % pieces];
      if (piece) yield piece.subarray(0, said);
      turn += 1;
      thread.postMessage('next');
    }
  } finally {
    await thread.terminate();
  }
}
