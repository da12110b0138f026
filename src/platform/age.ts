import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Decrypter, Encrypter } from 'age-encryption';
import { chunksOfFile } from './file-bytes.ts';
import { hashedFile } from './hashed-file.ts';
import { type Written, writeWhole } from './write-whole.ts';

// https://age-encryption.org/v1. The library writes and reads the header; the chunks of the payload are done here, many
// times as fast as it does them: ChaCha20-Poly1305 over 64 KiB, the nonce a counter (11 bytes) and whether it is the last.
const chunkSize = 65_536;
const tagSize = 16;
const nonceSize = 16;
const longestHeader = 65_536;

/** Why an age file cannot be opened: what it is, or by whom. Its message is for a person. */
export class AgeFault extends Error {
  readonly reason: 'not-age' | 'not-for-you' | 'damaged';
  constructor(reason: AgeFault['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whether a text is a recipient that age can encrypt to (`age1...`). */
export function isRecipient(text: string): boolean {
  return accepts(() => new Encrypter().addRecipient(text));
}

/** Whether a text is an age identity (`AGE-SECRET-KEY-1...`). */
export function isIdentity(text: string): boolean {
  return accepts(() => new Decrypter().addIdentity(text));
}

/**
 * Encrypts a file to one or more age recipients (`age1...`) in one pass, and says what was read and what was written. The
 * output is new, appears whole or not at all, and is on disk when this returns.
 */
export async function encryptFile(
  input: string,
  output: string,
  recipients: readonly string[],
  signal?: AbortSignal,
): Promise<{ plain: Written; encrypted: Written }> {
  let plain: Written | null = null;
  const bytes = hashedFile(input, (was) => {
    plain = was;
  });
  const written = await writeWhole(output, encrypted(bytes, recipients), signal);
  if (plain === null) throw new Error('A file was encrypted before it was read to its end');
  return { plain, encrypted: written };
}

/**
 * Decrypts an age file with an identity (`AGE-SECRET-KEY-1...`), and says what came out. The output appears only after the last
 * byte was authenticated: a file that was changed, cut short or added to throws, and so does another's identity.
 */
export async function decryptFile(input: string, output: string, identity: string): Promise<Written> {
  return writeWhole(output, decrypted(chunksOfFile(input), [identity]));
}

/** The bytes of an age file that any one of the recipients can open. Needs no more memory for more bytes. */
export async function* encrypted(
  plain: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): AsyncGenerator<Buffer> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  let fileKey = new Uint8Array();
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  const empty = await encrypter.encrypt(new Uint8Array());
  yield Buffer.from(empty.subarray(0, empty.length - nonceSize - tagSize));
  const nonce = randomBytes(nonceSize);
  yield nonce;
  const key = payloadKey(fileKey, nonce);
  let count = 0;
  for await (const { piece, last } of inPieces(plain, chunkSize)) {
    yield* sealChunk(key, chunkNonce(count, last), piece);
    count += 1;
  }
}

/**
 * The plain bytes of an age file, each chunk only after it was authenticated; that the file is whole is known at the end.
 * Throws `AgeFault` for what is not an age file, is for none of these identities, or was changed, cut or added to.
 */
export async function* decrypted(
  cipher: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): AsyncGenerator<Buffer> {
  const source = cipher[Symbol.asyncIterator]();
  try {
    const { header, nonce, payload } = await splitHeader(source);
    const key = payloadKey(await fileKeyOf(header, identities), nonce);
    let count = 0;
    for await (const { piece, last } of inPieces(payload, chunkSize + tagSize)) {
      const plain = openChunk(key, chunkNonce(count, last), piece);
      if (plain.length === 0 && count > 0) throw damaged();
      yield plain;
      count += 1;
    }
  } finally {
    await source.return?.();
  }
}

function accepts(parse: () => void): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

// As a key object: OpenSSL would be handed plain bytes anew for each chunk, at a third of what encrypting it costs.
function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));
}

function chunkNonce(count: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(count, 7);
  nonce.writeUInt8(last ? 1 : 0, 11);
  return nonce;
}

function sealChunk(key: KeyObject, nonce: Buffer, plain: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagSize });
  const sealed = cipher.update(plain);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

function openChunk(key: KeyObject, nonce: Buffer, sealed: Uint8Array): Buffer {
  if (sealed.length < tagSize) throw damaged();
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagSize });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagSize));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagSize));
  try {
    decipher.final();
  } catch {
    throw damaged();
  }
  return plain;
}

function damaged(): AgeFault {
  return new AgeFault('damaged', 'It was changed or cut short since it was encrypted');
}

async function fileKeyOf(header: Uint8Array, identities: readonly string[]): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    if (said.startsWith('no identity')) throw new AgeFault('not-for-you', 'It is for other age recipients');
    throw said === 'invalid header HMAC' ? damaged() : notAge();
  }
}

function notAge(): AgeFault {
  return new AgeFault('not-age', 'It is not an age file');
}

// The header is lines of text, and ends with the one that starts with ---.
async function splitHeader(
  source: AsyncIterator<Uint8Array>,
): Promise<{ header: Buffer; nonce: Buffer; payload: AsyncIterable<Uint8Array> }> {
  let held = Buffer.alloc(0);
  for (;;) {
    const lastLine = held.indexOf('\n--- ');
    const end = lastLine < 0 ? -1 : held.indexOf('\n', lastLine + 1) + 1;
    if (end > 0 && held.length >= end + nonceSize) {
      const rest = held.subarray(end + nonceSize);
      return {
        header: held.subarray(0, end),
        nonce: held.subarray(end, end + nonceSize),
        payload: followedBy(rest, source),
      };
    }
    const next = held.length > longestHeader ? null : await source.next();
    if (next === null || next.done) throw notAge();
    held = Buffer.concat([held, next.value]);
  }
}

async function* followedBy(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/**
 * The same bytes in pieces of one size; the last may be shorter, and is empty only where there are no bytes at all. What is kept
 * until there is more of it is copied: the memory of a chunk may be used again when the next is asked for.
 */
async function* inPieces(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ piece: Uint8Array; last: boolean }> {
  const kept = Buffer.alloc(size);
  let held = 0;
  for await (const chunk of bytes) {
    let at = Math.min(size - held, chunk.length);
    kept.set(chunk.subarray(0, at), held);
    held += at;
    if (at === chunk.length) continue;
    yield { piece: kept, last: false };
    for (; at + size < chunk.length; at += size) yield { piece: chunk.subarray(at, at + size), last: false };
    kept.set(chunk.subarray(at));
    held = chunk.length - at;
  }
  yield { piece: kept.subarray(0, held), last: true };
}
