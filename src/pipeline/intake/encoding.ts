import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Encoding } from '../data-set.ts';

// A CSV file does not say what its bytes mean. What they are read as is what the terms say, or what its byte order mark
// says, or UTF-8, or, where nothing else is possible and everything in it is plausible, Windows-1252.

/** The encoding that a byte order mark at the start of a file stands for. */
export async function markedEncoding(path: string): Promise<Encoding | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    if (start === 'efbbbf') return 'utf-8';
    return start.startsWith('fffe') || start.startsWith('feff') ? 'utf-16' : null;
  } finally {
    await file.close();
  }
}

// Signs that people write in this country. Left out are those that are more often something else: Õ and Ð are the quotation
// mark and the dash of an old Mac, œ the pound sign and ‚ the é of DOS; ÿ and þ stand first in UTF-16.
const written =
  '€…‘’“”•–—™\u00a0£§©«®°±²³´·º»¼½¾ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüý';
const windows1252 = new TextDecoder('windows-1252');
const character = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/;

/**
 * Whether the bytes of a file that is not UTF-8 can only be Windows-1252: nothing in it is a character of UTF-8 beyond ASCII, and all
 * its bytes above 0x7f are signs that people write.
 */
export async function isWindows1252(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  let before = '';
  for await (const chunk of chunks) {
    const bytes = before + chunk.toString('latin1');
    if (character.test(bytes)) return false;
    for (const byte of new Set(chunk)) {
      if (byte > 0x7f && !written.includes(windows1252.decode(Uint8Array.of(byte)))) return false;
    }
    before = bytes.slice(-3);
  }
  return true;
}

/**
 * The text of a file's bytes as UTF-8, without its byte order mark. What is no sign in the encoding becomes a byte that is none in
 * UTF-8 either (0xff), so that whoever reads on finds its row.
 */
export async function* inUtf8(
  chunks: AsyncIterable<Buffer>,
  encoding: 'utf-16' | 'windows-1252',
): AsyncGenerator<Buffer, void> {
  const { decode, end, wrong } = encoding === 'utf-16' ? utf16() : windows();
  for await (const chunk of chunks) yield utf8Of(decode(chunk), wrong);
  yield utf8Of(end(), wrong);
}

function utf8Of(text: string, wrong: RegExp): Buffer {
  if (!wrong.test(text)) return Buffer.from(text);
  const parts = text.split(wrong).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.of(0xff), part])));
}

function windows() {
  return {
    decode: (chunk: Buffer) => windows1252.decode(chunk),
    end: () => '',
    // The five bytes that Windows-1252 leaves free.
    wrong: /[\u0081\u008d\u008f\u0090\u009d]/,
  };
}

const half = '\ud800';

function utf16() {
  const decoder = new StringDecoder('utf16le');
  let swapped: boolean | null = null;
  let rest: Buffer = Buffer.alloc(0);
  return {
    decode(chunk: Buffer): string {
      let bytes = Buffer.concat([rest, chunk]);
      rest = bytes.subarray(bytes.length & ~1);
      bytes = bytes.subarray(0, bytes.length & ~1);
      if (swapped === null && bytes.length > 0) {
        swapped = bytes[0] === 0xfe;
        bytes = bytes.subarray(2);
      }
      return decoder.write(swapped ? Buffer.from(bytes).swap16() : bytes);
    },
    // Half a sign at the end is none.
    end: () => decoder.end() + (rest.length > 0 ? half : ''),
    wrong: /\p{Surrogate}/u,
  };
}
