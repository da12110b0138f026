import { startModule } from '../wasm.ts';

// What `wasm/rows.ts` gives.
type Rows = {
  memory: WebAssembly.Memory;
  textAt: () => number;
  mostBytes: () => number;
  expect: (delimiter: number, columns: number, carriageReturns: 0 | 1) => void;
  ended: (length: number) => void;
  soundUpTo: (from: number, length: number) => number;
  rowsTaken: () => number;
};

const module = new URL('rows.wasm', import.meta.url);

/** Finds sound rows in UTF-8 text without zero bytes, a hundred times as fast as byte by byte. */
export type SoundRows = {
  /** What a sound row is: the sign between its values (a byte), how many they are, and how it ends. */
  expect: (delimiter: number, columns: number, ending: 'CR LF' | 'LF') => void;
  /** Takes the next piece of the file, as much of these bytes as it has room for, and says how much. */
  take: (bytes: Uint8Array) => number;
  /** Up to where the piece is whole, sound rows from `from`, where one begins, and how many. */
  soundFrom: (from: number) => { upTo: number; rows: number };
};

export function findSoundRows(): SoundRows {
  const { memory, textAt, mostBytes, expect, ended, soundUpTo, rowsTaken } = startModule<Rows>(module);
  const at = textAt();
  const most = mostBytes();
  const text = new Uint8Array(memory.buffer);
  let length = 0;
  return {
    expect: (delimiter, columns, ending) => expect(delimiter, columns, ending === 'LF' ? 0 : 1),
    take(bytes) {
      length = Math.min(bytes.length, most);
      text.set(bytes.subarray(0, length), at);
      ended(length);
      return length;
    },
    soundFrom(from) {
      const upTo = soundUpTo(from, length);
      return { upTo, rows: rowsTaken() };
    },
  };
}
