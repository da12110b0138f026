import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../platform/durably.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';

/**
 * The last signed checkpoint of a log as it lies in `checkpoints/`, outside the database: what a database that was
 * put back from an old backup cannot forget.
 */
export type Kept =
  | { state: 'none' }
  | { state: 'unreadable'; why: string }
  | { state: 'kept'; checkpoint: Checkpoint; note: Buffer };

/** Where the last checkpoint of a log is kept. */
export function keptPath(folder: string, origin: string): string {
  return join(folder, `${origin.replaceAll('/', '.')}.checkpoint`);
}

/** Reads the kept checkpoint of a log. Only one that this log signed counts as one. */
export async function readKept(folder: string, log: { origin: string; vkey: string }): Promise<Kept> {
  let note: Buffer;
  try {
    note = await readFile(keptPath(folder, log.origin));
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'none' } : { state: 'unreadable', why: String(code) };
  }
  const opened = openCheckpoint(note, log.vkey);
  return opened.ok
    ? { state: 'kept', checkpoint: opened.checkpoint, note }
    : { state: 'unreadable', why: opened.reason };
}

/** Keeps a checkpoint of a log in place of the one before. It is on the disk when this returns. */
export function writeKept(folder: string, origin: string, note: Buffer): Promise<void> {
  return writeDurably(keptPath(folder, origin), note);
}
