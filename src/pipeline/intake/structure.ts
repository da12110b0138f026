import { isUtf8 } from 'node:buffer';
import type { Problem, ProblemCheck } from '../report.ts';
import { faultsOf, type Sayings } from './faults.ts';
import { findSoundRows } from './sound-rows.ts';

/** The header and the number of data rows of a sound CSV file, or what is wrong with it. */
export type Structure = { header: string[]; rows: number; problem: Problem | null };

/** The longest row that is read, in bytes. */
export const maxRowBytes = 1_000_000;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

// Where in a field the reader stands. `quoteSeen`: after a quotation mark that ends the field, or is the first of two.
type Place = 'start' | 'plain' | 'quoted' | 'quoteSeen' | 'returnSeen';

// The gravest first: what makes the counts of the later ones doubtful.
const sayings: Sayings = {
  empty: () => 'The file is empty. Choose another file.',
  'not-utf-8': (rows) =>
    `The file is not UTF-8 text (${rows}). Save it as “CSV UTF-8”, or say its encoding in the terms (format: encoding: windows-1252 or utf-16), and try again.`,
  'nul-byte': (rows) =>
    `The file has a zero byte in ${rows}: it is damaged or not a CSV file. Ask for it again.`,
  'misplaced-quote': (rows) =>
    `A quotation mark stands where none may be in ${rows}. A value that holds one is written in quotation marks, and the mark twice.`,
  'unclosed-quote': (rows) =>
    `A value that begins in ${rows} has no closing quotation mark. Correct it and try again.`,
  'row-too-long': (rows) => `A row is longer than 1 MB (${rows}). Check that the file is a CSV file.`,
  'line-endings': (rows) =>
    `Lines end in different ways (${rows}). Save the file again with one kind of line ending.`,
  'line-break-in-heading': () => 'A column heading holds a line break. Take it out and try again.',
  ragged: (rows) =>
    `Not every row has as many values as the header has columns (${rows}). Correct the file and try again.`,
  'no-rows': () => 'The file has a header but no rows. Choose another file.',
};

/**
 * Reads a CSV file once, in chunks (the first holds the whole of a byte order mark), and says whether it is what RFC 4180
 * describes, in UTF-8: two readers may see two tables in a file that is not. Memory does not grow with the file.
 */
export async function readStructure(chunks: AsyncIterable<Buffer>, delimiter: string): Promise<Structure> {
  const reader = structureReader(delimiter.charCodeAt(0));
  let first = true;
  for await (const chunk of chunks) {
    const marked = first && chunk.subarray(0, 3).equals(byteOrderMark);
    first = false;
    if (!reader.read(marked ? chunk.subarray(3) : chunk)) break;
  }
  return reader.end();
}

function structureReader(delimiter: number) {
  const faults = faultsOf(sayings);
  const utf8 = utf8Reader();
  const sound = findSoundRows();
  const header: string[] = [];
  let heading: number[] = [];
  let place: Place = 'start';
  let row = 1;
  let rowBytes = 0;
  let fields = 1;
  let ending: number | null = null;
  let readable = true;

  const note = (check: ProblemCheck) => faults.note(check, row);

  // After this the rest of the file cannot be told apart.
  function giveUp(check: ProblemCheck): void {
    note(check);
    readable = false;
  }

  function endField(): void {
    if (row > 1) return;
    header.push(Buffer.from(heading).toString('utf8'));
    heading = [];
  }

  // The engine takes the first line break it sees for the one that ends rows.
  function takeHeading(byte: number): void {
    if (byte === lineFeed || byte === carriageReturn) note('line-break-in-heading');
    heading.push(byte);
  }

  function endRow(by: number | null): void {
    if (by !== null && by !== (ending ?? by)) note('line-endings');
    ending ??= by;
    endField();
    if (row === 1) sound.expect(delimiter, header.length, ending === lineFeed ? 'LF' : 'CR LF');
    if (fields !== header.length) note('ragged');
    row += 1;
    rowBytes = 0;
    fields = 1;
    place = 'start';
  }

  function take(byte: number): void {
    rowBytes += 1;
    if (place === 'quoted') {
      if (byte === quote) place = 'quoteSeen';
      else if (row === 1) takeHeading(byte);
    } else if (place === 'returnSeen') {
      if (byte === lineFeed) endRow(carriageReturn);
      else giveUp('line-endings');
    } else if (byte === delimiter) {
      endField();
      fields += 1;
      place = 'start';
    } else if (byte === lineFeed) {
      endRow(lineFeed);
    } else if (byte === carriageReturn) {
      place = 'returnSeen';
    } else if (byte === quote && place !== 'plain') {
      if (place === 'quoteSeen' && row === 1) heading.push(byte);
      place = 'quoted';
    } else if (byte === quote || place === 'quoteSeen') {
      giveUp('misplaced-quote');
    } else {
      place = 'plain';
      if (row === 1) heading.push(byte);
    }
  }

  function takeChecked(byte: number): void {
    if (byte === 0) note('nul-byte');
    if ((byte > 0x7f || utf8.pending()) && !utf8.accepts(byte)) note('not-utf-8');
    take(byte);
    mustEnd();
  }

  function mustEnd(): void {
    if (rowBytes > maxRowBytes) giveUp(place === 'quoted' ? 'unclosed-quote' : 'row-too-long');
  }

  /** Takes bytes after the header that are known to be text: sound rows at once, and the others byte by byte. */
  function takeText(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length && readable; ) {
      const piece = bytes.subarray(from, from + sound.take(bytes.subarray(from)));
      let at = 0;
      while (at < piece.length && readable) {
        if (rowBytes === 0) {
          const { upTo, rows } = sound.soundFrom(at);
          row += rows;
          at = upTo;
        }
        // What stopped it, or the beginning of a row that ends in the next piece.
        while (at < piece.length && readable) {
          take(piece[at] as number);
          mustEnd();
          at += 1;
          if (rowBytes === 0) break;
        }
      }
      from += piece.length;
    }
  }

  return {
    /** False once the rest of the file need not be read. */
    read(chunk: Uint8Array): boolean {
      let at = 0;
      const one = () => {
        takeChecked(chunk[at] as number);
        at += 1;
        return readable;
      };
      while (at < chunk.length && (row === 1 || utf8.pending())) if (!one()) return false;
      const text = chunk.subarray(at, chunk.length - unfinished(chunk.subarray(at)));
      if (!text.includes(0) && isUtf8(text)) {
        takeText(text);
        at += text.length;
      }
      while (at < chunk.length && readable) one();
      return readable;
    },
    end(): Structure {
      if (readable && utf8.pending()) note('not-utf-8');
      if (readable && place === 'quoted') note('unclosed-quote');
      else if (readable && place === 'returnSeen') note('line-endings');
      else if (readable && rowBytes > 0) endRow(null);
      if (row === 1 && !faults.any()) note('empty');
      if (row === 2) note('no-rows');
      return { header, rows: Math.max(0, row - 2), problem: faults.gravest() };
    },
  };
}

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

// Well-formed UTF-8 byte by byte (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
function utf8Reader() {
  let needed = 0;
  let low = 0x80;
  let high = 0xbf;
  function lead(byte: number): number {
    if (byte >= 0xc2 && byte <= 0xdf) return 1;
    if (byte >= 0xe0 && byte <= 0xef) return 2;
    if (byte >= 0xf0 && byte <= 0xf4) return 3;
    return -1;
  }
  return {
    pending: () => needed > 0,
    /** Takes a byte above 0x7f, or any byte while a character is unfinished. */
    accepts(byte: number): boolean {
      if (needed > 0) {
        const fits = byte >= low && byte <= high;
        needed = fits ? needed - 1 : 0;
        [low, high] = [0x80, 0xbf];
        return fits;
      }
      needed = Math.max(0, lead(byte));
      if (byte === 0xe0) low = 0xa0;
      if (byte === 0xed) high = 0x9f;
      if (byte === 0xf0) low = 0x90;
      if (byte === 0xf4) high = 0x8f;
      return lead(byte) > 0;
    },
  };
}
