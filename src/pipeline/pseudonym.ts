import { createHmac } from 'node:crypto';
import { startModule } from './wasm.ts';

/**
 * A column of texts as the engine holds it: each has 16 bytes, the first four of them its length in bytes (little-endian); up to 12 bytes
 * of text follow it. A longer text is somewhere else.
 */
type Texts = Uint8Array;

/**
 * Gives a text for each of `count` texts, in parts that stand one after the other: of each part a column. `longer` gives the bytes of a text that
 * has more than 12, `blank` says which are none.
 */
export type OfTexts = (
  texts: Texts,
  count: number,
  blank: (at: number) => boolean,
  longer: (at: number) => Uint8Array,
) => readonly Texts[];

// What `wasm/hmac.ts` gives.
type Hmac = {
  memory: WebAssembly.Memory;
  textsAt: () => number;
  mostTexts: () => number;
  spaceAt: () => number;
  spaceFor: () => number;
  mostBytes: () => number;
  partAt: (part: number) => number;
  takeKey: () => void;
  hashTexts: (count: number) => void;
};

const module = new URL('hmac.wasm', import.meta.url);
const textBytes = 16;
const within = 12;

/** How many parts a pseudonym comes in: 64 digits, 12 of them in each. */
export const pseudonymParts = 6;

/**
 * HMAC-SHA-256 (RFC 2104) of the UTF-8 bytes of each value with a key of 32 bytes, in lower-case hex. Four values are hashed at
 * once, from the state after the key: several times as fast as one by one, and as the engine's SQL.
 */
export function pseudonymsWith(key: Buffer): OfTexts {
  if (key.length !== 32) throw new TypeError('The pseudonym key must be 32 bytes.');
  const { memory, textsAt, mostTexts, spaceAt, spaceFor, mostBytes, partAt, takeKey, hashTexts } =
    startModule<Hmac>(module);
  const bytes = Buffer.from(memory.buffer);
  const [texts, space, most] = [textsAt(), spaceAt(), mostBytes()];
  const spaceEnds = space + spaceFor();
  const parts = Array.from({ length: pseudonymParts }, (_, part) => partAt(part));
  bytes.set(key, texts);
  takeKey();

  const give = (at: number, digits: string) => {
    for (const [part, to] of parts.entries()) {
      const some = digits.slice(part * within, (part + 1) * within);
      bytes.writeUInt32LE(some.length, to + at * textBytes);
      bytes.write(some, to + at * textBytes + 4, 'latin1');
    }
  };
  return (values, count, blank, longer) => {
    if (count > mostTexts()) throw new RangeError('The engine gave more rows at once than it is known to.');
    bytes.set(values, texts);
    let free = space;
    const alone: [number, Uint8Array][] = [];
    for (let at = 0; at < count; at += 1) {
      const text = texts + at * textBytes;
      if (bytes.readUInt32LE(text) <= within) continue;
      // What a blank leaves in its place is not a text.
      const value = blank(at) ? new Uint8Array() : longer(at);
      if (value.length > most || free + value.length > spaceEnds) {
        alone.push([at, value]);
        bytes.writeUInt32LE(0, text);
        continue;
      }
      bytes.set(value, free);
      bytes.writeUInt32LE(value.length, text);
      bytes.writeUInt32LE(free, text + within);
      free += value.length;
    }
    hashTexts(count);
    for (const [at, value] of alone) give(at, createHmac('sha256', key).update(value).digest('hex'));
    return parts.map((part) => bytes.subarray(part, part + count * textBytes));
  };
}
