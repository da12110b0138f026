import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder (absolute path, 0700) and those that are missing above it; returns the ones it made, outermost first.
 * Throws the system's error. Node's own recursive `mkdir` never ends below a folder such as /proc, which takes no folders.
 */
export async function makeFolder(path: string): Promise<string[]> {
  const missing: string[] = [];
  let above = path;
  while (!(await isThere(above))) {
    missing.unshift(above);
    above = dirname(above);
  }
  for (const folder of missing) {
    await mkdir(folder, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else has just made it.
      if (error.code !== 'EEXIST' || folder === path) throw error;
    });
  }
  return missing;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
