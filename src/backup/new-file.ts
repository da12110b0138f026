import { randomBytes } from 'node:crypto';
import { link, lstat, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRecipient } from '../platform/age.ts';
import { CannotStart } from '../platform/cannot-start.ts';
import { syncFolder } from '../platform/durably.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';

/**
 * Writes a new file, in a folder under `name` where `to` is a folder. It appears whole or not at all, and never over
 * another: `write` writes a draft beside it. Throws `CannotStart` for what the disk refuses.
 */
export async function writeNewFile<T>(
  to: string,
  name: string,
  write: (draft: string) => Promise<T>,
): Promise<{ ok: true; path: string; written: T } | Refusal> {
  const found = await stat(to).catch(() => null);
  const path = found?.isDirectory() ? join(to, name) : to;
  const says = `${path} exists already, and a backup is never written over anything. Give a new name, or a folder.`;
  const taken = refuse('conflict', 'backup.file-taken', says);
  if (await isThere(path)) return taken;
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
  try {
    const written = await write(draft);
    if (!(await putInPlace(draft, path))) return taken;
    await syncFolder(dirname(path));
    return { ok: true, path, written };
  } catch (fault) {
    throw inWords(fault, path);
  } finally {
    await rm(draft, { force: true }).catch(() => {}); // where there is no folder, there is no draft
  }
}

/** Why nothing can be encrypted to these recipients, or null. */
export function refuseRecipients(recipients: readonly string[]): Refusal | null {
  const wrong = recipients.find((recipient) => !isRecipient(recipient));
  if (recipients.length > 0 && wrong === undefined) return null;
  const what =
    wrong === undefined ? 'Nobody is named who could open it.' : `"${wrong}" is not an age recipient.`;
  const says = `${what} Give the public key that age-keygen prints, which starts with age1: --recipient age1...`;
  return refuse('invalid', 'backup.recipient', says);
}

/** False where somebody else was quicker. A disk without links (a memory stick, a network share) can only be asked first. */
async function putInPlace(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (fault) {
    const { code = '' } = fault as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw fault;
  }
  if (await isThere(path)) return false;
  await rename(draft, path);
  return true;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

const noRoom = 'There is no room left for it. Free some, or give a path on another disk.';
const noFolder = 'Its folder does not exist. Make it, or give another path.';
const whatToDo: Record<string, string> = {
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  EFBIG: 'That disk takes no file so large. Give a path on another one.',
  EACCES: 'You may not write there. Give a path in a folder that you can write to.',
  EROFS: 'That disk is read-only. Give a path on another one.',
  ENOENT: noFolder,
  ENOTDIR: noFolder,
};

function inWords(fault: unknown, path: string): unknown {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  const says = whatToDo[code];
  if (says === undefined) return fault;
  return new CannotStart(`${path} was not made, and nothing is left of it. ${says}`, { cause: fault });
}
