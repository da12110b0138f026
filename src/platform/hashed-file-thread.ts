import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ForThread, FromThread } from './hashed-file.ts';

const port = parentPort;
if (!port) throw new Error('This is a thread of hashed-file.ts.');
const { path, memory }: ForThread = workerData;
const file = openSync(path, 'r');
const hash = createHash('sha256');
let bytes = 0;
let turn = 0;

port.on('message', () => {
  const piece = memory[turn % memory.length];
  if (!piece) throw new Error('There is no memory to read into.');
  const read = readSync(file, piece);
  if (read > 0) {
    hash.update(piece.subarray(0, read));
    bytes += read;
    turn += 1;
    port.postMessage(read satisfies FromThread);
    return;
  }
  closeSync(file);
  port.postMessage({ sha256: hash.digest('hex'), bytes } satisfies FromThread);
  port.removeAllListeners('message');
});
