import type { KeyObject } from 'node:crypto';
import { canonicalBase64 } from '../platform/pure/hash.ts';
import { type Cosignature, formatCosignature, readCosignature } from './cosignature.ts';
import { openSigned, signNote } from './note.ts';

/** The state of a log: its name, how many entries it has, and the root hash (32 bytes) over them. */
export type Checkpoint = { origin: string; size: number; root: Buffer };

/** A checkpoint that opened, with cosignatures that are well formed and not verified; or why it did not. */
export type OpenedCheckpoint =
  | { ok: true; checkpoint: Checkpoint; text: string; cosignatures: Cosignature[] }
  | { ok: false; reason: string };

/** How many cosignatures a checkpoint has at most: with more it opens nowhere, so no more are ever put under one. */
export const mostCosignatures = 15;

/** The text of a checkpoint (c2sp.org/tlog-checkpoint): origin, size, root. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`;
}

/**
 * Reads a checkpoint's text; null unless writing it again gives the same text. Extension lines, which the
 * specification discourages and our logs never write, are refused.
 */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', encoded = ''] = text.split('\n', 3);
  const root = canonicalBase64(encoded);
  if (origin === '' || root?.length !== 32 || !Number.isSafeInteger(Number(size))) return null;
  const checkpoint = { origin, size: Number(size), root };
  return formatCheckpoint(checkpoint) === text && checkpoint.size >= 0 ? checkpoint : null;
}

/** Signs a checkpoint with the log's key, whose name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): Buffer {
  return signNote(formatCheckpoint(checkpoint), checkpoint.origin, privateKey);
}

/** A signed checkpoint with cosignatures after the log's own signature. */
export function withCosignatures(note: Buffer, cosignatures: readonly Cosignature[]): Buffer {
  return Buffer.concat([note, ...cosignatures.map((one) => Buffer.from(formatCosignature(one)))]);
}

/**
 * Opens a signed checkpoint of the log that this verifier key names. Takes anything an attacker sends. After the log's
 * signature there may be cosignatures, one by each witness, and no other line.
 */
export function openCheckpoint(bytes: Uint8Array, vkey: string): OpenedCheckpoint {
  const note = openSigned(bytes, vkey);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.text);
  if (!checkpoint) return { ok: false, reason: 'The signed text is not a checkpoint' };
  if (!vkey.startsWith(`${checkpoint.origin}+`)) {
    return { ok: false, reason: `The checkpoint is of another log, ${checkpoint.origin}` };
  }
  const cosignatures = note.others.map(readCosignature).filter((one) => one !== null);
  const signers = new Set(cosignatures.map(({ name, keyId }) => `${name} ${keyId.toString('hex')}`));
  if (cosignatures.length !== note.others.length || signers.size !== note.others.length) {
    return { ok: false, reason: 'A line after the log’s signature is not a cosignature, or there twice' };
  }
  if (cosignatures.length > mostCosignatures) {
    return { ok: false, reason: `There are more than ${mostCosignatures} cosignatures` };
  }
  return { ok: true, checkpoint, text: note.text, cosignatures };
}
