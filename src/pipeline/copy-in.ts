import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { chunksOf } from '../platform/file-bytes.ts';
import type { Problem } from './report.ts';

/** What was copied: its SHA-256 in lower-case hex where it was asked for, and how many bytes. Or why it cannot be. */
export type Copied =
  | { problem: null; sha256: string | null; bytes: number }
  | { problem: Problem; sha256: null; bytes: 0 };

/**
 * Copies a file (absolute path) to a place of ours, or says why not. The child reads our copy only: the original may lie where it
 * must not reach, or change under its hands. Throws the signal's reason when it is aborted.
 */
export async function copyIn(
  input: string,
  copy: string,
  { fingerprint, signal }: { fingerprint: boolean; signal?: AbortSignal | undefined },
): Promise<Copied> {
  let file: FileHandle;
  try {
    // Not blocking: opening a named pipe would wait for its writer for ever.
    file = await open(input, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return noFile('There is no file here.');
    if (code === 'ELOOP') return noFile('This is a symbolic link. Give the path of the file itself.');
    if (code === 'EACCES' || code === 'EPERM')
      return noFile('This file may not be read. Check its permissions.');
    if (code === 'ENXIO') return noFile('This is not a file.');
    throw error;
  }
  try {
    const before = await file.stat();
    if (!before.isFile()) return noFile('This is not a file.');
    const sum = fingerprint ? createHash('sha256') : null;
    const bytes = await copyBytes(file, copy, (chunk) => sum?.update(chunk), signal);
    const after = await file.stat();
    if (before.size !== after.size || before.mtimeMs !== after.mtimeMs) return changed;
    return { problem: null, sha256: sum?.digest('hex') ?? null, bytes };
  } finally {
    await file.close();
  }
}

async function copyBytes(
  file: FileHandle,
  copy: string,
  look: (chunk: Buffer) => void,
  signal?: AbortSignal,
): Promise<number> {
  const to = await open(copy, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(file)) {
      signal?.throwIfAborted();
      const writing = to.writeFile(chunk);
      look(chunk);
      await writing;
      bytes += chunk.length;
    }
    return bytes;
  } finally {
    await to.close();
  }
}

const not = (problem: Problem): Copied => ({ problem, sha256: null, bytes: 0 });

const noFile = (says: string) => not({ check: 'no-file', rows: [], says });

const changed = not({
  check: 'changed',
  rows: [],
  says: 'The file changed while it was read. Try again when it is complete.',
});
