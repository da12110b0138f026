import type { KeyObject } from 'node:crypto';
import { canonicalBase64 } from '../platform/pure/hash.ts';
import { openNote, signNote } from './note.ts';

/** The state of a log: its name, how many entries it has, and the root hash (32 bytes) over them. */
export type Checkpoint = { origin: string; size: number; root: Buffer };

/** A checkpoint that opened, or why not. */
export type OpenedCheckpoint = { ok: true; checkpoint: Checkpoint } | { ok: false; reason: string };

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

/** Opens a signed checkpoint of the log that this verifier key names. Takes anything an attacker sends. */
export function openCheckpoint(bytes: Uint8Array, vkey: string): OpenedCheckpoint {
  const note = openNote(bytes, vkey);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.text);
  if (!checkpoint) return { ok: false, reason: 'The signed text is not a checkpoint' };
  if (!vkey.startsWith(`${checkpoint.origin}+`)) {
    return { ok: false, reason: `The checkpoint is of another log, ${checkpoint.origin}` };
  }
  return { ok: true, checkpoint };
}
