import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const begins = '.chirograph-';
const longest = 24 * 3600 * 1000; // ms: no run is at work for longer

/**
 * Does the work of a command in a folder of its own (0700) within a folder, and removes it however the work ends. What a
 * run that was killed left there a day ago is removed first: it is people's data in clear.
 */
export async function inFolderByHand<T>(within: string, work: (folder: string) => Promise<T>): Promise<T> {
  await clearLeft(within);
  const folder = await mkdtemp(join(within, begins));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function clearLeft(within: string): Promise<void> {
  for (const name of (await readdir(within)).filter((one) => one.startsWith(begins))) {
    const path = join(within, name);
    // Where others work too, theirs may go while we look.
    const left = await stat(path).catch(() => null);
    const isOld = left !== null && Date.now() - left.mtimeMs > longest;
    if (isOld && left.uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
  }
}
