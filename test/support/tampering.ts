import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/platform/pure/hash.ts';

/** One thing an attacker does to a file, in words. */
export type Tampering = { what: string; apply(path: string, bytes: Buffer): void };

const changes = 20;
const elsewhere = join(tmpdir(), `chirograph-elsewhere-${process.pid}`);

/** Byte changes all over a file, the same for the same seed. */
export function byteChanges(bytes: Buffer, seed: string): Tampering[] {
  return Array.from({ length: changes }, (_, n) => {
    const drawn = sha256(`${seed} ${n}`);
    const at = drawn.readUInt32BE(0) % bytes.length;
    const flip = (drawn.readUInt8(4) % 255) + 1;
    return {
      what: `byte ${at} of ${bytes.length} changed by ${flip}`,
      apply: (path) =>
        writeFileSync(
          path,
          bytes.map((byte, index) => (index === at ? byte ^ flip : byte)),
        ),
    };
  });
}

/** A file shortened, lengthened, or written in another way that reads alike. */
export const otherLengths: Tampering[] = [
  ['its last byte cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['its second half cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ['emptied', () => Buffer.alloc(0)],
  ['a byte appended', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0x41)])],
  ['a newline appended', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')])],
  ['a trailing space', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(' ')])],
  ['a byte order mark', (bytes: Buffer) => Buffer.concat([Buffer.from('\ufeff'), bytes])],
].map(([what, change]) => ({
  what: what as string,
  apply: (path, bytes) => writeFileSync(path, (change as (bytes: Buffer) => Buffer)(bytes)),
}));

/** No file any more: gone, or something else in its place that leads to the same bytes. */
export const replacements: Tampering[] = [
  { what: 'deleted', apply: (path) => rmSync(path) },
  {
    what: 'a link to the same bytes elsewhere',
    apply: (path, bytes) => {
      writeFileSync(elsewhere, bytes);
      rmSync(path);
      symlinkSync(elsewhere, path);
    },
  },
  {
    what: 'a folder with the file in it',
    apply: (path, bytes) => {
      rmSync(path);
      mkdirSync(path);
      writeFileSync(join(path, 'file'), bytes);
    },
  },
];

/** Tampers with a file, looks, and puts it back as it was. */
export async function whileTampered<T>(
  path: string,
  tampering: Tampering,
  look: () => Promise<T>,
): Promise<T> {
  const bytes = readFileSync(path);
  tampering.apply(path, bytes);
  try {
    return await look();
  } finally {
    rmSync(path, { recursive: true, force: true });
    rmSync(elsewhere, { force: true });
    writeFileSync(path, bytes);
  }
}
