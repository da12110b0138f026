import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

// Lines such as `person 019b...`. Ids only: what they were the ids of is gone.
const pathIn = (dataFolder: string) => join(dataFolder, 'gone');

/**
 * Remembers outside the database, by kind and id, what was erased or destroyed for good: an older copy of the database that
 * is put back one day does not know it. On the disk when this returns.
 */
export async function rememberGone(dataFolder: string, kind: string, ids: readonly string[]): Promise<void> {
  const known = await readGone(dataFolder, kind);
  const lines = ids.filter((id) => !known.has(id)).map((id) => `${kind} ${id}\n`);
  if (lines.length === 0) return;
  const file = await open(pathIn(dataFolder), 'a', 0o600);
  try {
    // A line of its own, even after one that a crash cut off.
    await file.writeFile(`\n${lines.join('')}`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The ids of one kind that are gone for good. */
export async function readGone(dataFolder: string, kind: string): Promise<Set<string>> {
  const text = await readFile(pathIn(dataFolder), 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return '';
    throw fault;
  });
  const start = `${kind} `;
  const lines = text.split('\n').filter((line) => line.startsWith(start));
  return new Set(lines.map((line) => line.slice(start.length)));
}
