import { readdir, readFile } from 'node:fs/promises';
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
  /** A log that follows this one has been signed, of which the database knows nothing. */
  | { state: 'continued'; path: string }
  /** `fork` is another checkpoint that this log signed, which somebody else had and showed. */
  | { state: 'kept'; checkpoint: Checkpoint; note: Buffer; fork: Checkpoint | null };

/** Where the last checkpoint of a log is kept. */
export function keptPath(folder: string, origin: string): string {
  return join(folder, `${origin.replaceAll('/', '.')}.checkpoint`);
}

/** Reads the kept checkpoint of a log. Only one that this log signed counts as one. */
export async function readKept(
  folder: string,
  log: { origin: string; vkey: string; log: number },
): Promise<Kept> {
  const next = await findNext(folder, log);
  if (next) return { state: 'continued', path: next };
  let note: Buffer;
  try {
    note = await readFile(keptPath(folder, log.origin));
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'none' } : { state: 'unreadable', why: String(code) };
  }
  const opened = openCheckpoint(note, log.vkey);
  if (!opened.ok) return { state: 'unreadable', why: opened.reason };
  const shown = await readFile(forkPath(folder, log.origin)).catch(() => null);
  const fork = shown && openCheckpoint(shown, log.vkey);
  return { state: 'kept', checkpoint: opened.checkpoint, note, fork: fork?.ok ? fork.checkpoint : null };
}

/** Where a checkpoint lies that a log signed and its database does not lead on from. */
export function forkPath(folder: string, origin: string): string {
  return join(folder, `${origin.replaceAll('/', '.')}.fork`);
}

/** Keeps a checkpoint of a log in place of the one before. It is on the disk when this returns. */
export function writeKept(folder: string, origin: string, note: Buffer): Promise<void> {
  return writeDurably(keptPath(folder, origin), note);
}

/** The name of the log with that number, of the organisation of a log. The first has none. */
export function originOf({ origin, log }: { origin: string; log: number }, wanted: number): string {
  const first = log === 1 ? origin : origin.slice(0, origin.lastIndexOf('/'));
  return wanted === 1 ? first : `${first}/${wanted}`;
}

async function findNext(folder: string, log: { origin: string; log: number }): Promise<string | null> {
  const start = `${originOf(log, 1).replaceAll('/', '.')}.`;
  const names = await readdir(folder).catch((): string[] => []);
  const next = names.find((name) => {
    const number = name.startsWith(start) && /^(\d+)\.checkpoint$/.exec(name.slice(start.length))?.[1];
    return number && Number(number) > log.log;
  });
  return next === undefined ? null : join(folder, next);
}
