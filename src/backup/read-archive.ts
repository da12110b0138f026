import { createHash } from 'node:crypto';
import { createTarDecoder } from 'modern-tar';
import type { z } from 'zod';
import type { Sealer } from '../platform/seal.ts';
import { isCodeOf } from './code.ts';
import { Contents, Header, packageFileOf, parts, sumsPart, tableOf } from './rules.ts';
import { bytesOf } from './write-archive.ts';

const smallFile = 64 * 1024 * 1024;

/** A backup that is not one, or not whole, or not this instance's. Its message is for a person. */
export class NotABackup extends Error {
  readonly code: 'not-a-backup' | 'damaged' | 'not-ours';
  constructor(code: NotABackup['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A file of a backup. Its bytes are read before the next file is asked for. */
type ArchivedFile = { path: string; bytes: AsyncIterable<Uint8Array> };

/** An archive, read from its beginning. Everything throws `NotABackup` for what `writeArchive` would not have written so. */
export type ReadArchive = {
  header: Header;
  /** Whether the header is the word of whoever holds these keys. */
  isBy(sealer: Sealer): boolean;
  /** The files of tables and packages, each hashed as it is read. */
  files(): AsyncGenerator<ArchivedFile>;
  /** After the last file: what the archive says that it holds, once all of it is proved. */
  contents(sealer: Sealer): Promise<Contents>;
};

/** Reads the beginning of an archive. */
export async function readArchive(plain: AsyncIterable<Uint8Array>): Promise<ReadArchive> {
  const entries = entriesOf(plain);
  const start = await readSmall(entries, parts.header);
  const startCode = await readSmall(entries, parts.header + parts.code);
  const header = parsed(Header, start);
  const tally = { files: 0, bytes: 0, sums: [] as string[] };
  let end: Buffer | null = null;

  async function* files(): AsyncGenerator<ArchivedFile> {
    let lines: string[] = [];
    for (;;) {
      const entry = await nextOf(entries);
      const { path } = entry;
      if (path === sumsPart(tally.sums.length)) {
        const sums = await bytesOfEntry(entry);
        if (sums.toString() !== lines.join('') || lines.length === 0) throw damaged();
        tally.sums.push(createHash('sha256').update(sums).digest('hex'));
        lines = [];
        continue;
      }
      if (path === parts.contents && lines.length === 0) {
        end = await bytesOfEntry(entry);
        return;
      }
      if (tableOf(path) === null && packageFileOf(path) === null) throw damaged();
      const hash = createHash('sha256');
      yield { path, bytes: watched(entry.bytes, hash, tally) };
      tally.files += 1;
      lines.push(`${hash.digest('hex')}  ${path}\n`);
    }
  }

  return {
    header,
    isBy: (sealer) => isCodeOf(sealer, start, startCode),
    files,
    async contents(sealer) {
      const code = await readSmall(entries, parts.contents + parts.code);
      if (end === null || !isCodeOf(sealer, end, code)) throw damaged();
      const contents = parsed(Contents, end);
      const startHash = createHash('sha256').update(start).digest('hex');
      const { header: headerHash, files: count, bytes, sums } = contents;
      if (JSON.stringify([startHash, tally]) !== JSON.stringify([headerHash, { files: count, bytes, sums }]))
        throw damaged();
      if (!(await entries.next()).done) throw damaged();
      return contents;
    },
  };
}

function damaged(): NotABackup {
  return new NotABackup('damaged', 'it is not as it was written');
}

type Entry = ArchivedFile & { size: number };

async function* entriesOf(plain: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const decoder = createTarDecoder({ strict: true });
  for await (const { header, body } of inOurWords(ReadableStream.from(plain).pipeThrough(decoder))) {
    if (header.type !== 'file') throw damaged();
    yield { path: header.name, size: header.size, bytes: inOurWords(body) };
  }
}

// What the reader of tar archives finds wrong is a plain error; a disk's has a code, and a cipher's is an AgeFault.
async function* inOurWords<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (fault) {
    const plain = fault instanceof Error && fault.constructor === Error && !('code' in fault);
    throw plain ? damaged() : fault;
  }
}

async function nextOf(entries: AsyncGenerator<Entry>): Promise<Entry> {
  const next = await entries.next();
  if (next.done) throw damaged();
  return next.value;
}

async function readSmall(entries: AsyncGenerator<Entry>, path: string): Promise<Buffer> {
  const entry = await nextOf(entries);
  if (entry.path !== path) throw new NotABackup('not-a-backup', 'it is not a backup of Chirograph');
  return bytesOfEntry(entry);
}

async function bytesOfEntry({ size, bytes }: Entry): Promise<Buffer> {
  if (size > smallFile) throw damaged();
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
  tally: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    tally.bytes += chunk.length;
    yield chunk;
  }
}

// Byte for byte as we write it, so that nothing can hide in a second spelling.
function parsed<T extends Header | Contents>(schema: z.ZodType<T>, bytes: Buffer): T {
  try {
    const value = schema.parse(JSON.parse(bytes.toString()));
    if (bytesOf(value).equals(bytes)) return value;
  } catch {
    // said below
  }
  throw new NotABackup('not-a-backup', 'it is not a backup that this version of Chirograph can read');
}
