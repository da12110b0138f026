import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalBase64, sha256 } from '../platform/pure/hash.ts';

/**
 * Signed notes of C2SP (c2sp.org/signed-note), with Ed25519 keys and nothing else. A log signs its checkpoints
 * so. We are stricter than the specification: one signature, by the key we expect, in its one spelling.
 */

/** What a key signs: a note as it is, or (c2sp.org/tlog-cosignature) a checkpoint with the time. */
export type KeyType = 'signature' | 'cosignature';

const typeByte: Record<KeyType, number> = { signature: 0x01, cosignature: 0x04 };
const sizeLimit = 16 * 1024;
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // SubjectPublicKeyInfo, RFC 8410

/** A verifier key taken apart. `id` is 4 bytes. */
export type VerifierKey = { name: string; id: Buffer; publicKey: KeyObject };

/** A signature line as it stands, by whomever: its key's name, its key's id (4 bytes), and what follows that. */
export type SignatureLine = { name: string; keyId: Buffer; signature: Buffer };

/** A note taken apart, with nothing verified; or the reason it is none. */
export type ReadNote = { ok: true; text: string; lines: SignatureLine[] } | { ok: false; reason: string };

/** A note that opened, or the reason it did not, in words for a person. */
export type OpenedNote = { ok: true; text: string } | { ok: false; reason: string };

/** The verifier key (`name+id+key`) of an Ed25519 key, private or public. Throws on a name that cannot be one. */
export function makeVkey(name: string, key: KeyObject, type: KeyType = 'signature'): string {
  if (!isKeyName(name)) throw new Error(`Not a key name: ${name}`);
  const typed = Buffer.concat([Buffer.of(typeByte[type]), rawPublicKey(key)]);
  return `${name}+${keyId(name, typed).toString('hex')}+${typed.toString('base64')}`;
}

/** Reads a verifier key; null unless it is an Ed25519 one, written the one way `makeVkey` writes it. */
export function parseVkey(text: string, type: KeyType = 'signature'): VerifierKey | null {
  const [name = ''] = text.split('+', 1);
  const typed = canonicalBase64(text.slice(name.length + '+01234567+'.length));
  if (!isKeyName(name) || typed?.length !== 33 || typed[0] !== typeByte[type]) return null;
  const publicKey = createPublicKey({
    key: Buffer.concat([publicKeyPrefix, typed.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  if (makeVkey(name, publicKey, type) !== text) return null;
  return { name, id: keyId(name, typed), publicKey };
}

/** Signs a text that ends in a newline. Throws on a text that a note cannot hold. */
export function signNote(text: string, name: string, privateKey: KeyObject): Buffer {
  if (!isNoteText(text) || !isKeyName(name)) throw new Error('Not a text and a name that a note can hold');
  const id = keyId(name, Buffer.concat([Buffer.of(typeByte.signature), rawPublicKey(privateKey)]));
  const signature = sign(null, Buffer.from(text), privateKey);
  return Buffer.from(`${text}\n${formatLine({ name, keyId: id, signature })}`);
}

/** A signature line with its newline. */
export function formatLine({ name, keyId: id, signature }: SignatureLine): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/** Takes a note apart: text, an empty line, and signature lines each in its one spelling. Verifies nothing. */
export function readNote(bytes: Uint8Array, limit = sizeLimit): ReadNote {
  if (bytes.length > limit) return refuse(`The note is longer than ${limit} bytes`);
  const note = decodeUtf8(bytes);
  if (note === null) return refuse('The note is not UTF-8 text');
  const end = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, end);
  if (!isNoteText(text)) return refuse('The note has no text, or has control characters in it');
  const lines = readLines(note.slice(end + 1));
  return lines
    ? { ok: true, text, lines }
    : refuse('The note has a line that is not a well-formed signature');
}

/** Reads signature lines, one at least; null where anything is not one, spelt the one way. */
export function readLines(text: string): SignatureLine[] | null {
  const lines: SignatureLine[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [dash = '', name = '', encoded = '', ...more] = line.split(' ');
    const signed = canonicalBase64(encoded);
    if (dash !== '—' || !isKeyName(name) || more.length > 0 || !signed || signed.length < 5) return null;
    lines.push({ name, keyId: signed.subarray(0, 4), signature: signed.subarray(4) });
  }
  return lines.length > 0 && text.endsWith('\n') ? lines : null;
}

/** Whether a line says that it is by this key. */
export function isBy(line: SignatureLine, key: VerifierKey): boolean {
  return line.name === key.name && line.keyId.equals(key.id);
}

/**
 * Opens a note signed by one verifier key. Everything in `bytes` is an attacker's until it opens: it must be
 * UTF-8 without control characters, at most 16 KiB, with that key's signature and no other line.
 */
export function openNote(bytes: Uint8Array, vkey: string): OpenedNote {
  const opened = openSigned(bytes, vkey);
  if (opened.ok && opened.others.length > 0) return refuse('The note has more than the one signature');
  return opened.ok ? { ok: true, text: opened.text } : opened;
}

/** The same for a note that others may have signed after that key: their lines come back unverified, in their order. */
export function openSigned(
  bytes: Uint8Array,
  vkey: string,
): { ok: true; text: string; others: SignatureLine[] } | { ok: false; reason: string } {
  const key = parseVkey(vkey);
  if (!key) return refuse('The verifier key is not an Ed25519 key in its usual spelling');
  const note = readNote(bytes);
  if (!note.ok) return note;
  const [first, ...others] = note.lines;
  if (first?.name !== key.name || first.signature.length !== 64) {
    return refuse(`The note has no well-formed signature by ${key.name} in its first line`);
  }
  if (!isBy(first, key)) return refuse('The note is signed by another key');
  if (!verify(null, Buffer.from(note.text), key.publicKey, first.signature)) {
    return refuse('The signature does not match the note');
  }
  return { ok: true, text: note.text, others };
}

/** Text of exactly these UTF-8 bytes, or null. A byte order mark is kept, so that no byte goes unseen. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function keyId(name: string, typedKey: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typedKey])).subarray(0, 4);
}

function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('A log key is an Ed25519 key');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(publicKeyPrefix.length);
}

const isKeyName = (name: string) => /^[^\p{White_Space}\p{Cc}+]+$/u.test(name) && name.isWellFormed();
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification names them: all below U+0020 but newline
const isNoteText = (text: string) => /^[^\x00-\x09\x0b-\x1f]*\n$/.test(text) && text.isWellFormed();
const refuse = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });
