import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter } from 'age-encryption';
import { decryptFile, encryptFile } from '../src/platform/age.ts';

// What is timed in processes of their own (sealing.ts): a file to a file, to a recipient or with an identity (age1..., AGE-SECRET-KEY-1...).
const [who, input = '', output = '', key = ''] = process.argv.slice(2);
const encrypts = key.startsWith('age1');
if (who === 'us') {
  await (encrypts ? encryptFile(input, output, [key]) : decryptFile(input, output, key));
} else {
  const from = Readable.toWeb(createReadStream(input, { highWaterMark: 1 << 20 })) as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
  const encrypter = new Encrypter();
  const decrypter = new Decrypter();
  if (encrypts) encrypter.addRecipient(key);
  else decrypter.addIdentity(key);
  const bytes = await (encrypts ? encrypter.encrypt(from) : decrypter.decrypt(from));
  await pipeline(Readable.fromWeb(bytes), createWriteStream(output, { flush: true }));
}
