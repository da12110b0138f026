import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { sweepStaging } from './staging.ts';
import { findReleaseIds } from './store.ts';

// A package is on the disk moments before its release is recorded; after ten minutes it never will be.
const settledAfter = 600_000;

/**
 * Clears what a process that was killed left behind: staging that nobody works on, and packages whose release was never
 * recorded. Runs when the service starts and before each command that shares.
 */
export async function sweep(
  instance: Instance,
  now: Instant,
): Promise<{ staging: number; packages: number }> {
  const staging = await sweepStaging(instance.folders);
  const { packages } = instance.folders;
  const known = await instance.database.work(findReleaseIds);
  const orphans: string[] = [];
  for (const id of (await readdir(packages)).filter((name) => isId(name) && !known.has(name))) {
    const { mtimeMs } = await stat(join(packages, id));
    if (mtimeMs < Date.parse(now) - settledAfter) orphans.push(id);
  }
  for (const id of orphans) await rm(join(packages, id), { recursive: true, force: true });
  return { staging, packages: orphans.length };
}
