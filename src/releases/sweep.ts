import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDrafts } from '../platform/durably.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, instantOf } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { type Repeated, repeat } from '../platform/repeat.ts';
import { sweepStaging } from '../platform/staging.ts';
import { step } from '../steps.ts';
import { removeData, removePackage } from './package-folder.ts';
import { findReleaseStates } from './store.ts';

// A package is on the disk moments before its release is recorded; after ten minutes it never will be.
const settledAfter = 600_000;

/**
 * Clears what a process that was killed left behind: staging that nobody works on, files half written, packages whose
 * release was never recorded, was withdrawn or is destroyed. Runs when the service starts, every ten minutes, and before
 * each command about a release.
 */
export async function sweep(
  instance: Instance,
  now: Instant,
): Promise<{ staging: number; packages: number }> {
  const staging = await sweepStaging(instance);
  const { packages, checkpoints } = instance.folders;
  const settled = Date.parse(now) - settledAfter;
  await removeDrafts(checkpoints, settled);
  const states = await instance.database.work(findReleaseStates);
  let removed = 0;
  for (const id of (await readdir(packages)).filter(isId)) {
    const state = states.get(id);
    if (state === 'destroyed') await removeData(instance, id);
    if (state === 'prepared') await removeDrafts(join(packages, id), settled);
    const orphan = state === undefined && (await stat(join(packages, id))).mtimeMs < settled;
    if (!orphan && state !== 'withdrawn' && state !== 'refused') continue;
    await removePackage(instance, id);
    removed += 1;
  }
  step('swept');
  return { staging, packages: removed };
}

/** Sweeps every ten minutes until stopped. A fault is reported once, and tried again the next time. */
export function startSweeping(instance: Instance, report: (fault: unknown) => void): Repeated {
  const work = async () => {
    await sweep(instance, instantOf(new Date()));
    return [];
  };
  return repeat({ first: settledAfter, pause: settledAfter }, work, report);
}
