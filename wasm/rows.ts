// The sound rows in a piece of CSV (RFC 4180), 64 bytes at a time: a bit for each byte, as simdjson reads JSON.
// AssemblyScript: `npm run build:wasm` makes src/pipeline/intake/rows.wasm of it. The caller writes the piece, and reads byte by
// byte what is not sound.

const text: usize = 65536; // nothing else is kept from here on
const textBytes: usize = 1 << 18;

let delimiter: u8 = 0;
let columns: i32 = 0;
let returns: bool = false;
let rows: i32 = 0;

/** Where the piece is to be written, and the most bytes that it may have. */
export function textAt(): usize {
  return text;
}
export function mostBytes(): usize {
  return textBytes;
}

/** The sign between values, how many values a row has, and whether lines end in CR LF (else in LF). */
export function expect(sign: u8, values: i32, carriageReturns: bool): void {
  delimiter = sign;
  columns = values;
  returns = carriageReturns;
}

/** How many rows `soundUpTo` found last. */
export function rowsTaken(): i32 {
  return rows;
}

/** Ends a piece of so many bytes: what stands behind it is nothing. */
export function ended(length: usize): void {
  memory.fill(text + length, 0, 64);
}

/** Up to where the piece is whole, sound rows, from where one begins. */
export function soundUpTo(from: usize, length: usize): usize {
  rows = 0;
  let taken = from;
  let values: i32 = 1; // of the row that is being read
  let inside: u64 = 0; // all ones where a value in quotation marks goes on
  let mayOpen: u64 = 1; // a quotation mark may open a value here
  let closed: u64 = 0; // the byte before closes a value
  let returned: u64 = 0; // the byte before is a carriage return
  for (let at = from; at < length; at += 64) {
    const quotes = bitsOf(text + at, 0x22);
    const quoted = parity(quotes) ^ inside;
    inside = <u64>(<i64>quoted >> 63);
    const opening = quotes & quoted;
    const closing = quotes & ~quoted;
    const delimiters = bitsOf(text + at, delimiter) & ~quoted;
    let feeds = bitsOf(text + at, 0x0a) & ~quoted;
    const carriages = bitsOf(text + at, 0x0d) & ~quoted;

    const afterClosing = (closing << 1) | closed;
    const afterReturn = (carriages << 1) | returned;
    const wrong =
      (opening & ~(((delimiters | feeds | closing) << 1) | mayOpen)) |
      (afterClosing & ~(delimiters | feeds | carriages | opening)) |
      (returns ? afterReturn ^ feeds : carriages);
    if (wrong) return taken;
    mayOpen = (delimiters | feeds | closing) >> 63;
    closed = closing >> 63;
    returned = carriages >> 63;

    let before: u64 = 0; // the bytes of rows that have ended
    while (feeds) {
      const upTo = feeds ^ (feeds - 1);
      values += <i32>popcnt(delimiters & upTo & ~before);
      if (values != columns) return taken;
      taken = at + 64 - <usize>clz(upTo);
      rows += 1;
      values = 1;
      before = upTo;
      feeds &= feeds - 1;
    }
    values += <i32>popcnt(delimiters & ~before);
  }
  return taken;
}

// A bit for each of 64 bytes, 1 where it is the sign: the first byte's is the lowest.
// @ts-ignore: a decorator of AssemblyScript
@inline
function bitsOf(at: usize, sign: u8): u64 {
  const signs = i8x16.splat(sign);
  return (
    <u64>i8x16.bitmask(i8x16.eq(v128.load(at), signs)) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 16), signs)) << 16) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 32), signs)) << 32) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 48), signs)) << 48)
  );
}

// Each bit: whether the number of ones up to it, with it, is odd.
// @ts-ignore: a decorator of AssemblyScript
@inline
function parity(bits: u64): u64 {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ (bits << 32);
}
