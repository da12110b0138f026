import { allHold, type Check } from '../platform/pure/check.ts';
import { canonicalBase64 } from '../platform/pure/hash.ts';
import { openCheckpoint } from './checkpoint.ts';
import { checkCosignatures } from './cosignature.ts';

import { type Entry, parseEntry } from './entry.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { decodeUtf8 } from './note.ts';

const header = 'c2sp.org/tlog-proof@v1';
const sizeLimit = 64 * 1024;

/**
 * A receipt (c2sp.org/tlog-proof, files `.tlog-proof`): an entry's bytes in the `extra` line, its index, its
 * inclusion proof (hashes of 32 bytes, sibling first), and the log's signed checkpoint as it was issued.
 */
export type Receipt = { entry: Buffer; index: number; proof: readonly Buffer[]; checkpoint: Buffer };

/** Writes a receipt's file. */
export function formatReceipt(receipt: Receipt): Buffer {
  const lines = [
    header,
    `extra ${receipt.entry.toString('base64')}`,
    `index ${receipt.index}`,
    ...receipt.proof.map((hash) => hash.toString('base64')),
    '\n',
  ];
  return Buffer.concat([Buffer.from(lines.join('\n')), receipt.checkpoint]);
}

/** Reads a receipt's file; null unless writing it again gives the same bytes. The checkpoint stays unopened. */
export function parseReceipt(bytes: Uint8Array): Receipt | null {
  const text = bytes.length <= sizeLimit ? decodeUtf8(bytes) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [, extra = '', index = '', ...hashes] = text.slice(0, end).split('\n');
  const entry = canonicalBase64(extra.slice('extra '.length));
  const proof = hashes.map((line) => canonicalBase64(line)).filter((hash) => hash?.length === 32);
  if (!entry || !Number.isSafeInteger(Number(index.slice('index '.length)))) return null;
  const receipt = {
    entry,
    index: Number(index.slice('index '.length)),
    proof: proof.filter((hash) => hash !== null),
    checkpoint: Buffer.from(text.slice(end + 2)),
  };
  return receipt.index >= 0 && formatReceipt(receipt).equals(bytes) ? receipt : null;
}

/**
 * Verifies a receipt by the verifier key of the log it must come from, offline, and its cosignatures by those of the
 * witnesses that are held. Every byte is an attacker's.
 * The entry is returned only where every check holds.
 */
export function verifyReceipt(
  bytes: Uint8Array,
  expected: { vkey: string; witnesses?: readonly string[] },
): { checks: Check[]; entry: Entry | null } {
  const receipt = parseReceipt(bytes);
  if (!receipt) {
    const detail = 'This is not a receipt (c2sp.org/tlog-proof) in its one spelling.';
    return { checks: [{ name: 'receipt-format', ok: false, detail }], entry: null };
  }
  const entry = parseEntry(receipt.entry);
  const opened = openCheckpoint(receipt.checkpoint, expected.vkey);
  const included =
    opened.ok &&
    verifyInclusion({
      index: receipt.index,
      size: opened.checkpoint.size,
      leaf: leafHash(receipt.entry),
      proof: receipt.proof,
      root: opened.checkpoint.root,
    });
  const checks: Check[] = [
    { name: 'receipt-format', ok: true, detail: 'A receipt in the form of c2sp.org/tlog-proof.' },
    {
      name: 'receipt-entry',
      ok: entry !== null,
      detail: entry
        ? `${entry.act} at ${entry.at}.`
        : 'What the receipt carries is not an entry of a ledger.',
    },
    {
      name: 'receipt-checkpoint',
      ok: opened.ok,
      detail: opened.ok
        ? `Signed by ${opened.checkpoint.origin} at ${opened.checkpoint.size} entries.`
        : `${opened.reason}.`,
    },
    {
      name: 'receipt-inclusion',
      ok: included,
      detail: included
        ? `The entry is number ${receipt.index} in the log.`
        : 'The proof does not lead from the entry to a checkpoint that is signed.',
    },
  ];
  if (opened.ok) {
    checks.push(...checkCosignatures(opened.text, opened.cosignatures, expected.witnesses ?? []));
  }
  return { checks, entry: allHold(checks) ? entry : null };
}
