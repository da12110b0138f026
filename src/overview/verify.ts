import { readdir, readFile, stat } from 'node:fs/promises';
import { keysOfAgreement, verifyAgreement } from '../agreements/index.ts';
import { verifyLog } from '../ledger/index.ts';
import { KeyPage, type TrustedKeys, witnessKeysOf } from '../organisations/rules.ts';
import type { Check } from '../platform/pure/check.ts';
import { verifyPackage } from '../releases/index.ts';
import { isReceipt, logKeyCheck, verifyOneReceipt } from './verify-receipt.ts';

/** What was verified: a package folder, a receipt, a signed agreement or a log folder. */
export type Verified = { kind: 'package' | 'receipt' | 'agreement' | 'log' | 'unknown'; checks: Check[] };

const largestFile = 8_000_000;

/** Verifies what lies at a path, offline, whatever it is. A path that is not there gives null. */
export async function verifyPath(path: string, trusted: TrustedKeys | null): Promise<Verified | null> {
  const about = await stat(path).catch(() => null);
  if (!about) return null;
  if (about.isDirectory()) {
    const names = await readdir(path).catch((): string[] => []);
    if (names.includes('checkpoint') || names.includes('tile') || names.includes('vkey')) {
      return { kind: 'log', checks: await verifyLogFolder(path, trusted) };
    }
    return { kind: 'package', checks: (await verifyPackage(path, trusted)).checks };
  }
  if (!about.isFile() || about.size > largestFile)
    return unknown('This is neither a folder nor a small file.');
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return unknown('This cannot be read: check its permissions.');
  if (isReceipt(bytes)) return { kind: 'receipt', checks: verifyOneReceipt(bytes, trusted).checks };
  if (bytes[0] === 0x7b) return { kind: 'agreement', checks: await verifyAgreement(bytes, trusted) };
  return unknown('This is not a package, a receipt, a signed agreement or a log. Is it whole?');
}

function unknown(detail: string): Verified {
  return { kind: 'unknown', checks: [{ name: 'known-form', ok: false, detail }] };
}

/**
 * Keys already held: a key page, or the file of an agreement signed before. Null where the file is neither.
 */
export async function readTrustedKeys(path: string): Promise<TrustedKeys | null> {
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return null;
  try {
    return KeyPage.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return keysOfAgreement(bytes);
  }
}

async function verifyLogFolder(path: string, trusted: TrustedKeys | null): Promise<Check[]> {
  const { checks, vkey } = await verifyLog(path, trusted ? witnessKeysOf(trusted) : []);
  return [...checks, logKeyCheck(vkey ?? 'There is no key that can be read', trusted)];
}
