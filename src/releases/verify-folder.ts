import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustedKeys } from '../organisations/rules.ts';
import { hashFile } from '../platform/file-bytes.ts';
import { type FileToVerify, type VerifiedPackage, verifyFiles } from './verify-package.ts';

/** Verifies a package that lies in a folder: see `verifyFiles`. A folder that cannot be read has no files. */
export async function verifyPackage(folder: string, trusted: TrustedKeys | null): Promise<VerifiedPackage> {
  return verifyFiles(await readFolder(folder), trusted);
}

// Plain files only: a link could point at anything, and a folder is not part of a package. A name that is not UTF-8 is
// found under another, and does not belong under either.
async function readFolder(folder: string): Promise<Map<string, FileToVerify>> {
  const found = new Map<string, FileToVerify>();
  for (const name of (await readdir(folder).catch((): string[] => [])).sort()) {
    const path = join(folder, name);
    const about = await lstat(path).catch(() => null);
    found.set(name, {
      bytes: about?.isFile() ? about.size : -1,
      read: () => readFile(path).catch(() => null),
      sha256: () => hashFile(path).catch(() => null),
    });
  }
  return found;
}
