import { sha256 } from '@noble/hashes/sha2.js';
import { KeyPage, type TrustedKeys } from '../../organisations/rules.ts';
import type { Check } from '../../platform/pure/check.ts';
import { showInstant } from '../../platform/pure/dates.ts';
import { type FilesToVerify, type FileToVerify, verifyFiles } from '../../releases/index.ts';
import { acts } from '../acts.ts';
import { isReceipt, verifyOneReceipt } from '../verify-receipt.ts';
import type { Kind } from './words.ts';

/** A file that a person chose: as much of the browser's File as is needed. */
export type Chosen = { name: string; size: number; stream(): ReadableStream<Uint8Array> };

/** What was verified, with what it says of itself where that is proved, in words for a list. */
export type Verdict = { kind: Kind; checks: Check[]; facts: [string, string][] };

/**
 * Verifies files that a person chose, as `chirograph verify` does a folder with exactly these files, or one receipt. All of
 * it runs here: nothing is sent anywhere.
 */
export async function verifyChosen(files: readonly Chosen[], trusted: TrustedKeys | null): Promise<Verdict> {
  const [only] = files;
  if (only && files.length === 1) {
    const bytes = await bytesOf(only);
    if (isReceipt(bytes)) {
      const { checks, entry } = verifyOneReceipt(bytes, trusted);
      const facts: [string, string][] = entry
        ? [
            ['What was done', acts[entry.act]?.title ?? entry.act],
            ['When', showInstant(entry.at)],
            ['Reference', String(entry.detail['reference'] ?? 'none')],
          ]
        : [];
      return { kind: 'receipt', checks, facts };
    }
  }
  const found = new Map(files.map((file) => [file.name, toVerify(file)] as const));
  const { checks, manifest } = await verifyFiles(found satisfies FilesToVerify, trusted);
  const facts: [string, string][] = manifest
    ? [
        ['Release', `${manifest.release.reference}, under ${manifest.agreement.reference}`],
        ['From', manifest.from.keys.name],
        ['To', manifest.to.keys.name],
        ['Sent', showInstant(manifest.release.sentAt)],
        ['Rows that left', `${manifest.rows.out} of ${manifest.rows.in}`],
        ...manifest.files.map(({ name, sha256 }): [string, string] => [name, `sha256:${sha256}`]),
      ]
    : [];
  const isOne = files.some(({ name }) => name === 'manifest.json' || name.endsWith('.tlog-proof'));
  return { kind: isOne ? 'package' : 'neither', checks, facts };
}

/** Keys already held, from a key page; null where the file is not one. */
export async function readKeyPage(file: Chosen): Promise<TrustedKeys | null> {
  try {
    return KeyPage.parse(JSON.parse((await bytesOf(file)).toString('utf8')));
  } catch {
    return null;
  }
}

function toVerify(file: Chosen): FileToVerify {
  return {
    bytes: file.size,
    read: () => bytesOf(file).catch(() => null),
    sha256: () => hashOf(file).catch(() => null),
  };
}

async function bytesOf(file: Chosen): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of file.stream()) parts.push(part);
  return Buffer.concat(parts);
}

// A part at a time: a data file may be larger than the memory of whoever checks it.
async function hashOf(file: Chosen): Promise<string> {
  const sum = sha256.create();
  for await (const part of file.stream()) sum.update(part);
  return Buffer.from(sum.digest()).toString('hex');
}
