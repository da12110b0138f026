import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { step } from '../steps.ts';
import { removeData, removePackage } from './package-folder.ts';
import { sweepStaging } from './staging.ts';
import { findReleaseStates } from './store.ts';

// A package is on the disk moments before its release is recorded; after ten minutes it never will be.
const settledAfter = 600_000;

/**
 * Clears what a process that was killed left behind: staging that nobody works on, packages whose release was never
 * recorded, was withdrawn or is destroyed. Runs when the service starts and before each command that shares.
 */
export async function sweep(
  instance: Instance,
  now: Instant,
): Promise<{ staging: number; packages: number }> {
  const staging = await sweepStaging(instance);
  const { packages } = instance.folders;
  const states = await instance.database.work(findReleaseStates);
  let removed = 0;
  for (const id of (await readdir(packages)).filter(isId)) {
    const state = states.get(id);
    if (state === 'destroyed') await removeData(instance, id);
    const orphan = state === undefined && (await isSettled(join(packages, id), now));
    if (!orphan && state !== 'withdrawn' && state !== 'refused') continue;
    await removePackage(instance, id);
    removed += 1;
  }
  step('swept');
  return { staging, packages: removed };
}

async function isSettled(folder: string, now: Instant): Promise<boolean> {
  const { mtimeMs } = await stat(folder);
  return mtimeMs < Date.parse(now) - settledAfter;
}
