import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalBase64, sha256 } from '../platform/pure/hash.ts';

/**
 * Signed notes of C2SP (c2sp.org/signed-note), with Ed25519 keys and nothing else. A log signs its checkpoints
 * so. We are stricter than the specification: one signature, by the key we expect, in its one spelling.
 */

const ed25519 = 0x01;
const sizeLimit = 16 * 1024;
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // SubjectPublicKeyInfo, RFC 8410

/** A verifier key taken apart. `id` is 4 bytes. */
export type VerifierKey = { name: string; id: Buffer; publicKey: KeyObject };

/** A note that opened, or the reason it did not, in words for a person. */
export type OpenedNote = { ok: true; text: string } | { ok: false; reason: string };

/** The verifier key (`name+id+key`) of an Ed25519 key, private or public. Throws on a name that cannot be one. */
export function makeVkey(name: string, key: KeyObject): string {
  if (!isKeyName(name)) throw new Error(`Not a key name: ${name}`);
  const publicBytes = rawPublicKey(key);
  const typed = Buffer.concat([Buffer.of(ed25519), publicBytes]);
  return `${name}+${keyId(name, publicBytes).toString('hex')}+${typed.toString('base64')}`;
}

/** Reads a verifier key; null unless it is an Ed25519 one, written the one way `makeVkey` writes it. */
export function parseVkey(text: string): VerifierKey | null {
  const [name = ''] = text.split('+', 1);
  const typed = canonicalBase64(text.slice(name.length + '+01234567+'.length));
  if (!isKeyName(name) || typed?.length !== 33 || typed[0] !== ed25519) return null;
  const publicKey = createPublicKey({
    key: Buffer.concat([publicKeyPrefix, typed.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  if (makeVkey(name, publicKey) !== text) return null;
  return { name, id: keyId(name, typed.subarray(1)), publicKey };
}

/** Signs a text that ends in a newline. Throws on a text that a note cannot hold. */
export function signNote(text: string, name: string, privateKey: KeyObject): Buffer {
  if (!isNoteText(text) || !isKeyName(name)) throw new Error('Not a text and a name that a note can hold');
  const signature = Buffer.concat([
    keyId(name, rawPublicKey(privateKey)),
    sign(null, Buffer.from(text), privateKey),
  ]);
  return Buffer.from(`${text}\n— ${name} ${signature.toString('base64')}\n`);
}

/**
 * Opens a note signed by one verifier key. Everything in `bytes` is an attacker's until it opens: it must be
 * UTF-8 without control characters, at most 16 KiB, with that key's signature and no other line.
 */
export function openNote(bytes: Uint8Array, vkey: string): OpenedNote {
  const key = parseVkey(vkey);
  if (!key) return refuse('The verifier key is not an Ed25519 key in its usual spelling');
  if (bytes.length > sizeLimit) return refuse(`The note is longer than ${sizeLimit} bytes`);
  const note = decodeUtf8(bytes);
  if (note === null) return refuse('The note is not UTF-8 text');
  const end = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, end);
  if (!isNoteText(text)) return refuse('The note has no text, or has control characters in it');
  const lines = note.slice(end + 1).split('\n');
  if (lines.length !== 2 || lines[1] !== '') {
    return refuse('The note must have exactly one signature line, ended by a newline');
  }
  const start = `— ${key.name} `;
  const signed = lines[0]?.startsWith(start) ? canonicalBase64(lines[0].slice(start.length)) : null;
  if (signed?.length !== 68) return refuse(`The note has no well-formed signature by ${key.name}`);
  if (!signed.subarray(0, 4).equals(key.id)) return refuse('The note is signed by another key');
  if (!verify(null, Buffer.from(text), key.publicKey, signed.subarray(4))) {
    return refuse('The signature does not match the note');
  }
  return { ok: true, text };
}

/** Text of exactly these UTF-8 bytes, or null. A byte order mark is kept, so that no byte goes unseen. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function keyId(name: string, publicBytes: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519), publicBytes])).subarray(0, 4);
}

function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('A log key is an Ed25519 key');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(publicKeyPrefix.length);
}

const isKeyName = (name: string) => /^[^\p{White_Space}\p{Cc}+]+$/u.test(name) && name.isWellFormed();
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification names them: all below U+0020 but newline
const isNoteText = (text: string) => /^[^\x00-\x09\x0b-\x1f]*\n$/.test(text) && text.isWellFormed();
const refuse = (reason: string): OpenedNote => ({ ok: false, reason });
