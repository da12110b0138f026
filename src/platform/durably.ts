import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { step } from '../steps.ts';

/** Writes a file whole or not at all, and makes sure it is on the disk. What was there stays where it cannot. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, bytes, { mode: 0o600, flag: 'wx', flush: true });
    step('file.drafted');
    await rename(draft, path);
  } catch (fault) {
    await rm(draft, { force: true }).catch(() => {});
    throw fault;
  }
  await syncFolder(dirname(path));
}

/** Removes from a folder, and from those in it, what processes that were killed had half written by a moment (ms). */
export async function removeDrafts(folder: string, writtenBy = Number.POSITIVE_INFINITY): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    // One that is gone meanwhile has become the file that it was the draft of.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < writtenBy) await rm(path, { force: true });
  }
}

/** Makes sure that the names in a folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}
