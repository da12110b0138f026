import { type Entry, openCheckpoint, parseEntry, parseReceipt, verifyReceipt } from '../ledger/index.ts';
import { logKeysOf, type TrustedKeys, witnessKeysOf } from '../organisations/rules.ts';
import type { Check } from '../platform/pure/check.ts';

/** Whether a file says that it is a receipt. */
export function isReceipt(bytes: Buffer): boolean {
  return bytes.subarray(0, 10).toString() === 'c2sp.org/t';
}

/**
 * Verifies a receipt by itself: its entry names the logs it belongs to. The one that signed the checkpoint is looked for, so
 * that what is said of its key is said of the key that signed. The entry comes back where it is proved.
 */
export function verifyOneReceipt(
  bytes: Buffer,
  trusted: TrustedKeys | null,
): { checks: Check[]; entry: Entry | null } {
  const receipt = parseReceipt(bytes);
  const origin = receipt?.checkpoint.toString('utf8').split('\n', 1)[0] ?? '';
  const named = receipt && parseEntry(receipt.entry)?.detail['logs'];
  const candidates = [
    ...(trusted ? logKeysOf(trusted).map((held) => held.vkey) : []),
    ...(Array.isArray(named) ? named : []),
  ];
  const vkey =
    candidates.find((key) => receipt && openCheckpoint(receipt.checkpoint, key).ok) ??
    candidates.find((key) => key.startsWith(`${origin}+`)) ??
    '';
  const { checks, entry } = verifyReceipt(bytes, {
    vkey,
    witnesses: trusted ? witnessKeysOf(trusted) : [],
  });
  if (receipt && vkey === '') {
    const detail = `The key of its log, ${origin}, is not in it. Give the key page of whose log it is with --keys.`;
    return { checks: [...checks, { name: 'keys-trusted', ok: false, detail }], entry };
  }
  return { checks: [...checks, logKeyCheck(vkey, trusted)], entry };
}

/** Whether the key of a log is one that is held already; to compare, where none are. */
export function logKeyCheck(vkey: string, trusted: TrustedKeys | null): Check {
  if (!trusted) {
    const detail = `Compare this with the key page of whose log it is, or give that with --keys. ${vkey}`;
    return { name: 'keys-trusted', ok: false, advisory: true, detail };
  }
  const ok = logKeysOf(trusted).some((held) => held.vkey === vkey);
  return { name: 'keys-trusted', ok, detail: ok ? vkey : `Not signed by a log you hold the key of. ${vkey}` };
}
