import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeDurably } from './durably.ts';

const markerIn = (dataFolder: string) => join(dataFolder, 'restoring');

/** Whether a restore was begun in a data folder and has not finished: until it has, nothing else opens it. */
export async function isRestoring(dataFolder: string): Promise<boolean> {
  return (await restoringIn(dataFolder)) !== null;
}

/** The id of the backup that is being restored into a data folder; null where none is. */
export async function restoringIn(dataFolder: string): Promise<string | null> {
  return readFile(markerIn(dataFolder), 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
}

/** Says, durably, that a restore of this backup has begun. */
export function markRestoring(dataFolder: string, backupId: string): Promise<void> {
  return writeDurably(markerIn(dataFolder), Buffer.from(backupId));
}

/** Says that it has finished. */
export async function unmarkRestoring(dataFolder: string): Promise<void> {
  await rm(markerIn(dataFolder), { force: true });
  await syncFolder(dirname(markerIn(dataFolder)));
}
