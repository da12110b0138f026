import { readdir, readFile, stat } from 'node:fs/promises';
import { keysOfAgreement, verifyAgreement } from '../agreements/index.ts';
import { openCheckpoint, parseEntry, parseReceipt, verifyLog, verifyReceipt } from '../ledger/index.ts';
import { KeyPage, type TrustedKeys } from '../organisations/rules.ts';
import type { Check } from '../platform/pure/check.ts';
import { verifyPackage } from '../releases/index.ts';

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
  if (bytes.subarray(0, 10).toString() === 'c2sp.org/t') {
    return { kind: 'receipt', checks: verifyOneReceipt(bytes, trusted) };
  }
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
  const { checks, vkey } = await verifyLog(path);
  return [...checks, logKeyCheck(vkey ?? 'There is no key that can be read', trusted)];
}

// A receipt by itself: its entry names the logs it belongs to. The one that signed the checkpoint is looked for, so that
// what is said of its key is said of the key that signed.
function verifyOneReceipt(bytes: Buffer, trusted: TrustedKeys | null): Check[] {
  const receipt = parseReceipt(bytes);
  const origin = receipt?.checkpoint.toString('utf8').split('\n', 1)[0] ?? '';
  const named = receipt && parseEntry(receipt.entry)?.detail['logs'];
  const candidates = [
    ...(trusted?.organisations.flatMap((one) => one.log ?? []) ?? []),
    ...(Array.isArray(named) ? named : []),
  ];
  const vkey =
    candidates.find((key) => receipt && openCheckpoint(receipt.checkpoint, key).ok) ??
    candidates.find((key) => key.startsWith(`${origin}+`)) ??
    '';
  const { checks } = verifyReceipt(bytes, { vkey });
  if (receipt && vkey === '') {
    const detail = `The key of its log, ${origin}, is not in it. Give the key page of whose log it is with --keys.`;
    return [...checks, { name: 'keys-trusted', ok: false, detail }];
  }
  return [...checks, logKeyCheck(vkey, trusted)];
}

function logKeyCheck(vkey: string, trusted: TrustedKeys | null): Check {
  if (!trusted) {
    const detail = `Compare this with the key page of whose log it is, or give that with --keys. ${vkey}`;
    return { name: 'keys-trusted', ok: false, advisory: true, detail };
  }
  const ok = trusted.organisations.some((held) => held.log === vkey);
  return { name: 'keys-trusted', ok, detail: ok ? vkey : `Not signed by a log you hold the key of. ${vkey}` };
}
