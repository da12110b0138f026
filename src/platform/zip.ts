import type { Readable } from 'node:stream';
import { type Entry, fromFd, type ZipFile } from 'yauzl';
import { Unreadable } from './unreadable.ts';

const maxParts = 10_000;
/** What parts may hold between them once they are inflated. A sheet of a million rows is rarely above 1 GB. */
const maxInflated = 4_000_000_000;
// Spreadsheets shrink to a tenth, those that repeat themselves to a fiftieth. A bomb shrinks to a thousandth.
const maxRatio = 200;
const alwaysAllowed = 64_000_000;

/** The parts of an archive, by name in small letters. Nothing is inflated before it is read. */
export type Archive = {
  /** As they are written, in the order of the archive. */
  names: readonly string[];
  has: (name: string) => boolean;
  /** The bytes of a part. Throws `Unreadable` where it is not what the archive says it is. */
  read: (name: string) => AsyncGenerator<Buffer, void>;
};

/** Opens a ZIP archive that is open as a file, and lists it. Throws `Unreadable`: damaged, encrypted or too large. */
export async function openArchive(fd: number): Promise<Archive> {
  const zip = await opened(fd);
  const parts = new Map<string, Entry>();
  for await (const entry of entriesOf(zip)) {
    const name = entry.fileName.toLowerCase();
    // Of two parts with a name one reader takes the first and another the last.
    if (parts.has(name)) throw new Unreadable('damaged');
    if (parts.size >= maxParts) throw new Unreadable('too-large');
    parts.set(name, entry);
  }
  let inflated = 0;

  async function* read(name: string): AsyncGenerator<Buffer, void> {
    const entry = parts.get(name);
    if (!entry) throw new Unreadable('damaged');
    if (entry.isEncrypted()) throw new Unreadable('encrypted');
    inflated += entry.uncompressedSize;
    const bomb =
      entry.uncompressedSize > alwaysAllowed && entry.uncompressedSize > maxRatio * entry.compressedSize;
    if (bomb || inflated > maxInflated) throw new Unreadable('too-large');
    try {
      // It ends with an error where there is more, or less, than the archive says.
      for await (const chunk of await streamOf(zip, entry)) yield chunk;
    } catch (error) {
      throw error instanceof Unreadable ? error : new Unreadable('damaged');
    }
  }
  const names = [...parts.values()].map(({ fileName }) => fileName);
  return { names, has: (name) => parts.has(name), read };
}

function opened(fd: number): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromFd(fd, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(new Unreadable('damaged')) : resolve(zip),
    );
  });
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry, void> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const settle = (then: () => void) => {
        zip.removeAllListeners();
        then();
      };
      zip.once('entry', (next: Entry) => settle(() => resolve(next)));
      zip.once('end', () => settle(() => resolve(null)));
      zip.once('error', () => settle(() => reject(new Unreadable('damaged'))));
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

function streamOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
}
