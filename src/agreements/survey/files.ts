import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Refusal, refuse } from '../../platform/refusal.ts';

const mostFiles = 2_000;

/** The files below a folder, by their paths from it, in order; and how many symbolic links were left out. */
export type Below = { files: string[]; links: number };

/** What systems and word processors leave beside a file, and what is hidden, by its name. */
export const notForPeople = /^(?:\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;
const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** Every file below a folder, also in its folders. No symbolic link is followed: it could lead anywhere, also back. */
export async function filesBelow(folder: string, named: string): Promise<({ ok: true } & Below) | Refusal> {
  const files: string[] = [];
  const folders = [''];
  let links = 0;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => error,
    );
    if (entries instanceof Error) return notOpened(join(named, at), entries.code);
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (notForPeople.test(entry.name)) continue;
      if (entry.isSymbolicLink()) links += 1;
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
    if (files.length > mostFiles || folders.length > mostFiles) return tooMany(named);
  }
  if (files.length === 0)
    return refuse('not-found', 'survey.empty', `There is no file in ${named}, nor in the folders within it.`);
  return { ok: true, files: files.sort(inOrder.compare), links };
}

function tooMany(named: string): Refusal {
  const says = `${named} holds more than ${mostFiles.toLocaleString('en-GB')} files. Give one of the folders within it at a time.`;
  return refuse('rules', 'survey.too-many', says);
}

function notOpened(named: string, code = 'a fault'): Refusal {
  const says = `The folder ${named} cannot be opened (${code}). Give one that you may read.`;
  return refuse('not-found', 'survey.not-opened', says);
}
