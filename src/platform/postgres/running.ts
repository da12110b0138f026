import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startOf } from '../processes.ts';
import type { Folders } from './folders.ts';

/** A service runs until it is told to stop; a command ends by itself. */
export type Lifetime = 'service' | 'command';

const Owner = z.object({
  pid: z.int(),
  /** The moment the process started, because its number comes round. */
  start: z.string().default(''),
  lifetime: z.enum(['service', 'command']),
  socket: z.string(),
});
/** The process that started PostgreSQL, and the folder of the socket. */
export type Owner = z.infer<typeof Owner>;

/** A PostgreSQL at work on a data folder; `owner` is null when the process that started it has ended. */
export type Running = { pid: number; owner: Owner | null };

/** Finds the PostgreSQL at work on these folders, or null. */
export function findRunning(folders: Folders): Running | null {
  const pid = postmasterPid(folders);
  if (pid === null || !isPostgresOn(pid, folders)) return null;
  const owner = readOwner(folders);
  // The kernel gives an orphan another parent, so a reused process id cannot pass for the owner's.
  return { pid, owner: owner !== null && parentOf(pid) === owner.pid ? owner : null };
}

/** Another process that runs PostgreSQL here and lives, whether or not its PostgreSQL does; or null. */
export function findOwner(folders: Folders): Owner | null {
  const owner = readOwner(folders);
  return owner !== null && owner.pid !== process.pid && startOf(owner.pid) === owner.start ? owner : null;
}

/** Records this process as the one that runs PostgreSQL. */
export function writeOwner(folders: Folders, owner: Pick<Owner, 'lifetime' | 'socket'>): void {
  const unfinished = `${folders.owner}.unfinished`;
  const { pid } = process;
  writeFileSync(unfinished, JSON.stringify({ pid, start: startOf(pid), ...owner }), { mode: 0o600 });
  renameSync(unfinished, folders.owner);
}

/** Says that this process no longer runs PostgreSQL: before it ends it, so that nothing another writes is removed. */
export function removeOwner(folders: Folders): void {
  if (readOwner(folders)?.pid === process.pid) rmSync(folders.owner, { force: true });
}

/**
 * Removes the lock file of a PostgreSQL that is gone, whose process id another program has by now. PostgreSQL would
 * refuse to start. Left alone while any process still works in the folder: removing it then would cost data.
 */
export function removeStaleLock(folders: Folders): void {
  const pid = postmasterPid(folders);
  if (pid === null || isPostgresOn(pid, folders) || someoneWorksIn(folders.cluster)) return;
  rmSync(join(folders.cluster, 'postmaster.pid'), { force: true });
}

/** Ends a PostgreSQL: fast shutdown, after 6 s immediate shutdown, after 2 s more the kill that needs no consent. */
export async function end(pid: number, gone: () => boolean): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 6],
    ['SIGQUIT', 2],
    ['SIGKILL', 10],
  ] as const) {
    if (gone()) return;
    signalTo(pid, signal);
    for (let waited = 0; waited < seconds * 1000 && !gone(); waited += 10) await sleep(10);
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function postmasterPid({ cluster }: Folders): number | null {
  const pid = Number(readOrNull(join(cluster, 'postmaster.pid'))?.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

function isPostgresOn(pid: number, { cluster }: Folders): boolean {
  return readOrNull(`/proc/${pid}/cmdline`)?.split('\0').includes(cluster) ?? false;
}

function parentOf(pid: number): number | null {
  const parent = readOrNull(`/proc/${pid}/status`)?.match(/^PPid:\s*(\d+)$/m)?.[1];
  return parent === undefined ? null : Number(parent);
}

function readOwner(folders: Folders): Owner | null {
  const text = readOrNull(folders.owner);
  return text === null ? null : Owner.parse(JSON.parse(text));
}

function someoneWorksIn(folder: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false; // it ended meanwhile, or is another user's
      }
    });
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
