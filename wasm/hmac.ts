// HMAC-SHA-256 (RFC 2104, FIPS 180-4) of four values at once: every word below is of four hashes, one in each lane.
// AssemblyScript: `npm run build:wasm` makes src/pipeline/hmac.wasm of it. The caller writes the values and reads their digests
// as the engine holds a text: 16 bytes, of which the first four are its length and the others the text itself if it has no
// more than 12. Of a longer one the last four bytes are its address here, in `space`.

const textBytes: usize = 16;
const most: i32 = 2048; // texts at once: the engine's rows of a chunk
const lanes: usize = 65536; // nothing else is kept from here on
const laneBytes: usize = 8192;
const texts: usize = lanes + 4 * laneBytes;
const space: usize = texts + <usize>most * textBytes;
const spaceBytes: i32 = 262144;
// A digest has 64 hexadecimal digits: five texts of 12 and one of four.
const parts: usize = space + <usize>spaceBytes;
const partBytes: usize = <usize>most * textBytes;

const constants = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const initial = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const stateBytes: usize = 128; // eight words of four lanes
const schedule = memory.data(64 * 16, 16);
const state = memory.data(128, 16);
const before = memory.data(128, 16);
const inner = memory.data(128, 16); // the states after the block of the masked key
const outer = memory.data(128, 16);
const digits = memory.data(4 * 80, 16); // of each lane 64, and room after them

/** Where the values are to be written, and how many at most; the key before them, where the first value will be. */
export function textsAt(): usize {
  return texts;
}
export function mostTexts(): i32 {
  return most;
}

/** Where longer values are to be written, how many bytes of them together, and of one. */
export function spaceAt(): usize {
  return space;
}
export function spaceFor(): i32 {
  return spaceBytes;
}
export function mostBytes(): i32 {
  return <i32>laneBytes - 72;
}

/** Where a part (0 to 5) of the digests stands, each a text, in lower-case hexadecimal digits. */
export function partAt(part: i32): usize {
  return parts + <usize>part * partBytes;
}

/** Takes the key, 32 bytes where the first texts will be, and forgets it there. */
export function takeKey(): void {
  keyed(0x36, inner);
  keyed(0x5c, outer);
  memory.fill(texts, 0, 32);
  memory.fill(lanes, 0, 64);
}

function keyed(mask: u8, to: usize): void {
  memory.fill(lanes, mask, 64);
  for (let at: usize = 0; at < 32; at++) store<u8>(lanes + at, load<u8>(texts + at) ^ mask);
  for (let at: usize = 0; at < 8; at++) v128.store(state + at * 16, v128.load32_splat(initial + at * 4));
  compress(lanes, lanes, lanes, lanes);
  memory.copy(to, state, stateBytes);
}

/** Hashes the first `count` values. */
export function hashTexts(count: i32): void {
  for (let at = 0; at < count; at += 4) {
    const lane0 = lanes;
    const lane1 = lanes + laneBytes;
    const lane2 = lanes + 2 * laneBytes;
    const lane3 = lanes + 3 * laneBytes;
    hmac(taken(at, lane0), taken(at + 1, lane1), taken(at + 2, lane2), taken(at + 3, lane3));
    for (let lane = 0; lane < 4; lane++) given(at + lane, digits + <usize>lane * 80);
  }
}

// Takes a value into a lane, and its length. Sixteen bytes at a time, so up to 15 after it are not its own.
function taken(at: i32, lane: usize): i32 {
  const text = texts + <usize>at * textBytes;
  const length = load<i32>(text);
  const from = length > 12 ? <usize>load<u32>(text + 12) : text + 4;
  for (let byte: usize = 0; byte < <usize>length; byte += 16) v128.store(lane + byte, v128.load(from + byte));
  return length;
}

// Gives the digits of one value as texts that stand side by side with those of the others.
function given(at: i32, from: usize): void {
  let to = parts + <usize>at * textBytes;
  for (let part: usize = 0; part < 5; part++) {
    store<u32>(to, 12);
    store<u64>(to + 4, load<u64>(from));
    store<u32>(to + 12, load<u32>(from + 8));
    from += 12;
    to += partBytes;
  }
  store<u32>(to, 4);
  store<u64>(to + 4, <u64>load<u32>(from));
  store<u32>(to + 12, 0);
}

// Hashes the values in the lanes, of so many bytes each.
function hmac(bytes0: i32, bytes1: i32, bytes2: i32, bytes3: i32): void {
  const lane0 = lanes;
  const lane1 = lanes + laneBytes;
  const lane2 = lanes + 2 * laneBytes;
  const lane3 = lanes + 3 * laneBytes;
  const end0 = padded(lane0, bytes0);
  const end1 = padded(lane1, bytes1);
  const end2 = padded(lane2, bytes2);
  const end3 = padded(lane3, bytes3);
  const end = max(max(end0, end1), max(end2, end3));
  memory.copy(state, inner, stateBytes);
  for (let at: usize = 0; at < end; at += 64) {
    memory.copy(before, state, stateBytes);
    compress(lane0 + at, lane1 + at, lane2 + at, lane3 + at);
    // A lane whose value has ended keeps its state.
    const going = i32x4(at < end0 ? -1 : 0, at < end1 ? -1 : 0, at < end2 ? -1 : 0, at < end3 ? -1 : 0);
    for (let word: usize = 0; word < stateBytes; word += 16) {
      v128.store(
        state + word,
        v128.bitselect(v128.load(state + word), v128.load(before + word), going),
      );
    }
  }
  for (let word: usize = 0; word < 8; word++) {
    const four = v128.load(state + word * 16);
    store<u32>(lane0 + word * 4, bswap<u32>(i32x4.extract_lane(four, 0)));
    store<u32>(lane1 + word * 4, bswap<u32>(i32x4.extract_lane(four, 1)));
    store<u32>(lane2 + word * 4, bswap<u32>(i32x4.extract_lane(four, 2)));
    store<u32>(lane3 + word * 4, bswap<u32>(i32x4.extract_lane(four, 3)));
  }
  padded(lane0, 32);
  padded(lane1, 32);
  padded(lane2, 32);
  padded(lane3, 32);
  memory.copy(state, outer, stateBytes);
  compress(lane0, lane1, lane2, lane3);
  for (let word: usize = 0; word < 8; word++) {
    const four = v128.load(state + word * 16);
    tell(i32x4.extract_lane(four, 0), digits + word * 8);
    tell(i32x4.extract_lane(four, 1), digits + 80 + word * 8);
    tell(i32x4.extract_lane(four, 2), digits + 160 + word * 8);
    tell(i32x4.extract_lane(four, 3), digits + 240 + word * 8);
  }
}

// Ends what is hashed after the block of the key: a one, zeros, the length in bits. Where it ends: a multiple of 64.
function padded(lane: usize, bytes: usize): usize {
  const end = (bytes + 9 + 63) & ~63;
  store<u8>(lane + bytes, 0x80);
  memory.fill(lane + bytes + 1, 0, end - bytes - 9);
  store<u64>(lane + end - 8, bswap<u64>((<u64>bytes + 64) << 3));
  return end;
}

// A word as eight hexadecimal digits: its nibbles each in a byte, then 0-9 and a-f.
// @ts-expect-error: a decorator of AssemblyScript
@inline
function tell(word: u32, to: usize): void {
  let nibbles = <u64>bswap<u32>(word);
  nibbles = ((nibbles & 0xffff0000) << 16) | (nibbles & 0xffff);
  nibbles = ((nibbles & 0x0000ff000000ff00) << 8) | (nibbles & 0x000000ff000000ff);
  nibbles = ((nibbles & 0x000f000f000f000f) << 8) | ((nibbles >>> 4) & 0x000f000f000f000f);
  const letters = ((nibbles + 0x0606060606060606) >>> 4) & 0x0101010101010101;
  store<u64>(to, nibbles + 0x3030303030303030 + letters * 39);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function rotated(word: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(word, by), i32x4.shl(word, 32 - by));
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function all(one: v128, two: v128, three: v128): v128 {
  return v128.xor(v128.xor(one, two), three);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function chosen(e: v128, f: v128, g: v128, at: usize): v128 {
  const added = i32x4.add(v128.load32_splat(constants + at * 4), v128.load(schedule + at * 16));
  const sum = all(rotated(e, 6), rotated(e, 11), rotated(e, 25));
  return i32x4.add(i32x4.add(sum, v128.bitselect(f, g, e)), added);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function mixed(a: v128, b: v128, c: v128): v128 {
  const sum = all(rotated(a, 2), rotated(a, 13), rotated(a, 22));
  return i32x4.add(sum, v128.bitselect(v128.or(b, c), v128.and(b, c), a));
}

// Takes a block of 64 bytes of each lane into the state (FIPS 180-4, 6.2.2).
function compress(block0: usize, block1: usize, block2: usize, block3: usize): void {
  for (let at: usize = 0; at < 16; at++) {
    let word = v128.load32_splat(block0 + at * 4);
    word = i32x4.replace_lane(word, 1, load<i32>(block1 + at * 4));
    word = i32x4.replace_lane(word, 2, load<i32>(block2 + at * 4));
    word = i32x4.replace_lane(word, 3, load<i32>(block3 + at * 4));
    const swapped = i8x16.shuffle(word, word, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    v128.store(schedule + at * 16, swapped);
  }
  for (let at: usize = schedule + 16 * 16; at < schedule + 64 * 16; at += 16) {
    const two = v128.load(at - 2 * 16);
    const fifteen = v128.load(at - 15 * 16);
    const sigma0 = all(rotated(fifteen, 7), rotated(fifteen, 18), i32x4.shr_u(fifteen, 3));
    const sigma1 = all(rotated(two, 17), rotated(two, 19), i32x4.shr_u(two, 10));
    const rest = i32x4.add(v128.load(at - 16 * 16), v128.load(at - 7 * 16));
    v128.store(at, i32x4.add(i32x4.add(sigma0, sigma1), rest));
  }
  let a = v128.load(state);
  let b = v128.load(state + 16);
  let c = v128.load(state + 32);
  let d = v128.load(state + 48);
  let e = v128.load(state + 64);
  let f = v128.load(state + 80);
  let g = v128.load(state + 96);
  let h = v128.load(state + 112);
  // Eight rounds at a time: after them each word is where it was.
  for (let at: usize = 0; at < 64; at += 8) {
    h = i32x4.add(h, chosen(e, f, g, at));
    d = i32x4.add(d, h);
    h = i32x4.add(h, mixed(a, b, c));
    g = i32x4.add(g, chosen(d, e, f, at + 1));
    c = i32x4.add(c, g);
    g = i32x4.add(g, mixed(h, a, b));
    f = i32x4.add(f, chosen(c, d, e, at + 2));
    b = i32x4.add(b, f);
    f = i32x4.add(f, mixed(g, h, a));
    e = i32x4.add(e, chosen(b, c, d, at + 3));
    a = i32x4.add(a, e);
    e = i32x4.add(e, mixed(f, g, h));
    d = i32x4.add(d, chosen(a, b, c, at + 4));
    h = i32x4.add(h, d);
    d = i32x4.add(d, mixed(e, f, g));
    c = i32x4.add(c, chosen(h, a, b, at + 5));
    g = i32x4.add(g, c);
    c = i32x4.add(c, mixed(d, e, f));
    b = i32x4.add(b, chosen(g, h, a, at + 6));
    f = i32x4.add(f, b);
    b = i32x4.add(b, mixed(c, d, e));
    a = i32x4.add(a, chosen(f, g, h, at + 7));
    e = i32x4.add(e, a);
    a = i32x4.add(a, mixed(b, c, d));
  }
  v128.store(state, i32x4.add(v128.load(state), a));
  v128.store(state + 16, i32x4.add(v128.load(state + 16), b));
  v128.store(state + 32, i32x4.add(v128.load(state + 32), c));
  v128.store(state + 48, i32x4.add(v128.load(state + 48), d));
  v128.store(state + 64, i32x4.add(v128.load(state + 64), e));
  v128.store(state + 80, i32x4.add(v128.load(state + 80), f));
  v128.store(state + 96, i32x4.add(v128.load(state + 96), g));
  v128.store(state + 112, i32x4.add(v128.load(state + 112), h));
}
