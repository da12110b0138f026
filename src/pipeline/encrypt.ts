import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { Decrypter, Encrypter } from 'age-encryption';

/** A file that was written whole: SHA-256 of its bytes in lower-case hex, and how many there are. */
type Encrypted = { sha256: string; bytes: number };

/**
 * Encrypts a file to one or more age recipients (`age1...`), as https://age-encryption.org/v1 says, in a stream.
 * The output is new, appears whole or not at all, and is on disk when this returns; the hash is the ciphertext's.
 */
export async function encryptFile(
  input: string,
  output: string,
  recipients: readonly string[],
  signal?: AbortSignal,
): Promise<Encrypted> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return writeWhole(output, await encrypter.encrypt(bytesOf(input)), signal);
}

/**
 * Decrypts an age file with an identity (`AGE-SECRET-KEY-1...`). The output appears only after the last byte
 * was authenticated: a file that was changed, cut short or added to throws, and so does another's identity.
 */
export async function decryptFile(input: string, output: string, identity: string): Promise<void> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  await writeWhole(output, await decrypter.decrypt(bytesOf(input)));
}

function bytesOf(path: string): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 16 })) as ReadableStream<Uint8Array>;
}

async function writeWhole(
  path: string,
  bytes: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): Promise<Encrypted> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(draft, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
    await file.close();
    await rename(draft, path);
    return { sha256: hash.digest('hex'), bytes: size };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}
