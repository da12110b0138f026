import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../steps.ts';
import type { Instance } from './instance.ts';
import { present } from './presence.ts';

/** A file in a staging folder that names the draft of a delivery, which lies outside and goes with the folder. */
export const draftNote = 'draft';

const secondLook = 1000; // ms

/**
 * Work with people's data happens in a folder of its own under staging, which is gone before this answers, whatever
 * happens. Its name ends with the number of the process that made it, so that a sweep by any process, on any machine that
 * shares the folder, can tell what a killed one left behind.
 */
export async function withStaging<T>(
  { folders, database }: Pick<Instance, 'folders' | 'database'>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(folders.staging, `${randomUUID()}.${await database.mark()}`);
  await mkdir(folder, { mode: 0o700 });
  step('staging.made');
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    step('staging.removed');
  }
}

/** Whether a file could be staged now: false where the disk is full, gone or read-only. */
export function canStage(instance: Pick<Instance, 'folders' | 'database'>): Promise<boolean> {
  const write = (folder: string) => writeFile(join(folder, 'ready'), 'ready', { flush: true, mode: 0o600 });
  return withStaging(instance, write).then(
    () => true,
    () => false,
  );
}

/**
 * Empties staging of what no living process is working on, drafts too; the number of folders removed. Looks twice where
 * there is something: a process whose connection broke has taken its number again by then.
 */
export async function sweepStaging(instance: Pick<Instance, 'folders' | 'database'>): Promise<number> {
  const { staging } = instance.folders;
  if ((await leftBehind(instance)).length === 0) return 0;
  await sleep(secondLook);
  const left = await leftBehind(instance);
  for (const name of left) {
    // In one move: should its maker be alive after all, nothing half removed can be made into a package.
    const doomed = join(staging, `${randomUUID()}.swept`);
    await rename(join(staging, name), doomed).catch(() => {}); // somebody else sweeps too
    const draft = await readFile(join(doomed, draftNote), 'utf8').catch(() => null);
    if (draft !== null) await rm(draft, { recursive: true, force: true });
    await rm(doomed, { recursive: true, force: true });
  }
  return left.length;
}

async function leftBehind({ folders, database }: Pick<Instance, 'folders' | 'database'>): Promise<string[]> {
  // In this order: whoever made a folder was present before it was there.
  const names = await readdir(folders.staging);
  const alive = names.length === 0 ? new Set() : await database.work(present);
  return names.filter((name) => !alive.has(Number(/^[0-9a-f-]{36}\.(\d+)$/.exec(name)?.[1])));
}
