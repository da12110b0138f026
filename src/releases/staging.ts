import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from '../platform/instance.ts';

/**
 * Work with people's data happens in a folder of its own under staging, which is gone before this answers, whatever
 * happens. Its name says which process made it, so that a sweep can tell what a killed process left behind.
 */
export async function withStaging<T>(folders: Folders, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(folders.staging, `${randomUUID()}.${process.pid}.${startOf(process.pid)}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Empties staging of what no living process is working on; the number of folders removed. */
export async function sweepStaging(folders: Folders): Promise<number> {
  const left = (await readdir(folders.staging)).filter((name) => {
    const [, pid, start] = name.split('.');
    return start === undefined || startOf(Number(pid)) !== start;
  });
  for (const name of left) await rm(join(folders.staging, name), { recursive: true, force: true });
  return left.length;
}

// A process is known by its number and the moment it started (field 22 of proc(5) stat), because numbers come round.
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
  } catch {
    return 'gone';
  }
}
