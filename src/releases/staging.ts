import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from '../platform/instance.ts';
import { startOf } from '../platform/processes.ts';
import { step } from '../steps.ts';

/** A file in a staging folder that names the draft of a delivery, which lies outside and goes with the folder. */
export const draftNote = 'draft';

/**
 * Work with people's data happens in a folder of its own under staging, which is gone before this answers, whatever
 * happens. Its name says which process made it, so that a sweep can tell what a killed process left behind.
 */
export async function withStaging<T>(folders: Folders, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(folders.staging, `${randomUUID()}.${process.pid}.${startOf(process.pid)}`);
  await mkdir(folder, { mode: 0o700 });
  step('staging.made');
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    step('staging.removed');
  }
}

/** Empties staging of what no living process is working on, drafts too; the number of folders removed. */
export async function sweepStaging(folders: Folders): Promise<number> {
  const left = (await readdir(folders.staging)).filter((name) => {
    const [, pid, start] = name.split('.');
    return start === undefined || startOf(Number(pid)) !== start;
  });
  for (const name of left) {
    const folder = join(folders.staging, name);
    const draft = await readFile(join(folder, draftNote), 'utf8').catch(() => null);
    if (draft !== null) await rm(draft, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
  return left.length;
}
