import { createHash } from 'node:crypto';
import { createTarPacker } from 'modern-tar';
import type { Sealer } from '../platform/seal.ts';
import { codeOf } from './code.ts';
import { Contents, Header, parts, sumsPart } from './rules.ts';

const sumsAtOnce = 4096;

/** An archive that is being written, one file after another. Its bytes are taken while it is written. */
export type Archive = {
  add(path: string, bytes: Buffer): Promise<{ sha256: string }>;
  /** A file of a known size. Throws where there turn out to be more bytes or fewer. */
  addStream(path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<{ sha256: string }>;
};

/** What has been added so far. */
type Tally = Pick<Contents, 'files' | 'bytes' | 'sums'>;

/**
 * A tar archive: the header, whatever `fill` adds, sums of it that `sha256sum -c` checks, and what `fill` says the contents
 * are. Header and contents carry codes that only the instance's own key makes: an age file does not say who made it.
 */
export function writeArchive(
  sealer: Sealer,
  header: Header,
  fill: (archive: Archive) => Promise<Omit<Contents, 'chirograph' | 'header' | keyof Tally>>,
): { bytes: AsyncIterable<Uint8Array>; contents: Promise<Contents> } {
  const { readable, controller } = createTarPacker();
  const mtime = new Date(header.madeAt);
  const write = async (name: string, size: number, bytes: AsyncIterable<Uint8Array>) => {
    const hash = createHash('sha256');
    const writer = controller.add({ name, size, mtime, mode: 0o600 }).getWriter();
    for await (const chunk of bytes) {
      hash.update(chunk);
      await writer.write(chunk);
    }
    await writer.close();
    return { sha256: hash.digest('hex') };
  };
  const addWhole = (name: string, bytes: Buffer) => write(name, bytes.length, oneOf(bytes));
  const addCoded = async (name: string, value: Header | Contents) => {
    const bytes = bytesOf(value);
    const { sha256 } = await addWhole(name, bytes);
    await addWhole(name + parts.code, Buffer.from(`${codeOf(sealer, bytes)}\n`));
    return sha256;
  };

  const produce = async () => {
    const tally: Tally = { files: 0, bytes: 0, sums: [] };
    let lines: string[] = [];
    const sumUp = async () => {
      const { sha256 } = await addWhole(sumsPart(tally.sums.length), Buffer.from(lines.join('')));
      tally.sums.push(sha256);
      lines = [];
    };
    const addStream: Archive['addStream'] = async (path, size, bytes) => {
      const written = await write(path, size, bytes);
      tally.files += 1;
      tally.bytes += size;
      lines.push(`${written.sha256}  ${path}\n`);
      if (lines.length === sumsAtOnce) await sumUp();
      return written;
    };
    const add: Archive['add'] = (path, bytes) => addStream(path, bytes.length, oneOf(bytes));
    const headerHash = await addCoded(parts.header, Header.parse(header));
    const filled = await fill({ add, addStream });
    if (lines.length > 0) await sumUp();
    const contents = Contents.parse({
      chirograph: 'backup-contents/1',
      header: headerHash,
      ...filled,
      ...tally,
    });
    await addCoded(parts.contents, contents);
    controller.finalize();
    return contents;
  };
  const contents = produce();
  contents.catch((fault) => controller.error(fault));
  return { bytes: readable, contents };
}

/** The bytes of a header or of contents: JSON that people can read too. */
export function bytesOf(value: Header | Contents): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

async function* oneOf(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}
