import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.ts';

/** Locks small secrets (private keys, previews) under the instance's master key. */
export type Sealer = {
  /** AES-256-GCM; `context` says what the secret is for, and opening needs the same words. */
  seal(plain: Uint8Array, context: string): Buffer;
  /** Throws if the bytes, the key or the context are not those it was sealed with. */
  open(sealed: Uint8Array, context: string): Buffer;
  /** A key of 32 bytes that only this instance can make again, one for each set of words. */
  derive(...words: string[]): Buffer;
};

const version = 1;

/** A sealer over 32 bytes of key. Layout: version (1 byte), nonce (12), tag (16), ciphertext. */
export function sealerOf(masterKey: Buffer): Sealer {
  if (masterKey.length !== 32) throw new Error('A master key is 32 bytes');
  const derive = (...words: string[]) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', JSON.stringify(['chirograph', ...words]), 32));
  const sealing = derive('seal');
  return {
    derive,
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed);
      if (bytes[0] !== version || bytes.length < 29) throw new Error('Not a sealed secret');
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(1, 13), { authTagLength: 16 })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(13, 29));
      return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]);
    },
  };
}

/**
 * The 32 bytes of a key file in the data folder's `keys/` (0700, files 0600), made on first use. Two
 * processes that make it at once agree on one: the loser of the link reads the winner's. Throws `CannotStart`.
 */
export async function keyFile(dataFolder: string, name: string): Promise<Buffer> {
  const folder = join(dataFolder, 'keys');
  const path = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const found = await stat(path).catch(() => null);
  if (!found) await makeKeyFile(folder, path);
  else if ((found.mode & 0o077) !== 0) {
    throw new CannotStart(`${path} can be read by others. Make it private: chmod 600 ${path}`);
  }
  const key = await readFile(path);
  if (key.length !== 32) throw new CannotStart(`${path} is not a key of 32 bytes. Restore it from a backup.`);
  return key;
}

async function makeKeyFile(folder: string, path: string): Promise<void> {
  const draft = join(folder, `.${randomBytes(8).toString('hex')}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(32));
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
}
