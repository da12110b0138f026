// HMAC-SHA-256 (RFC 2104, FIPS 180-4) of four values at once: every word below is of four hashes, one in each lane.
// AssemblyScript: `npm run build:wasm` makes src/pipeline/hmac.wasm of it. The caller writes values into the lanes.

const lanes: usize = 65536; // nothing else is kept from here on
const laneBytes: usize = 8192;

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
const results = memory.data(4 * 64);

/** Where the value of a lane (0 to 3) is to be written, and the most bytes that it may have. */
export function laneAt(lane: i32): usize {
  return lanes + <usize>lane * laneBytes;
}
export function mostBytes(): usize {
  return laneBytes - 72;
}

/** Where the results stand: of each lane 64 lower-case hexadecimal digits. */
export function resultsAt(): usize {
  return results;
}

/** Takes the key, 32 bytes in lane 0, and forgets it there. */
export function takeKey(): void {
  keyed(0x36, inner);
  keyed(0x5c, outer);
  memory.fill(laneAt(0), 0, 64);
  memory.fill(laneAt(1), 0, 64);
}

function keyed(mask: u8, to: usize): void {
  const block = laneAt(1);
  memory.fill(block, mask, 64);
  for (let at: usize = 0; at < 32; at++) store<u8>(block + at, load<u8>(laneAt(0) + at) ^ mask);
  for (let at: usize = 0; at < 8; at++) v128.store(state + at * 16, v128.load32_splat(initial + at * 4));
  compress(block, block, block, block);
  memory.copy(to, state, stateBytes);
}

/** Hashes the values in the lanes, of so many bytes each. */
export function hmac(bytes0: i32, bytes1: i32, bytes2: i32, bytes3: i32): void {
  const lane0 = laneAt(0);
  const lane1 = laneAt(1);
  const lane2 = laneAt(2);
  const lane3 = laneAt(3);
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
    tell(i32x4.extract_lane(four, 0), results + word * 8);
    tell(i32x4.extract_lane(four, 1), results + 64 + word * 8);
    tell(i32x4.extract_lane(four, 2), results + 128 + word * 8);
    tell(i32x4.extract_lane(four, 3), results + 192 + word * 8);
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
  let digits = <u64>bswap<u32>(word);
  digits = ((digits & 0xffff0000) << 16) | (digits & 0xffff);
  digits = ((digits & 0x0000ff000000ff00) << 8) | (digits & 0x000000ff000000ff);
  digits = ((digits & 0x000f000f000f000f) << 8) | ((digits >>> 4) & 0x000f000f000f000f);
  const letters = ((digits + 0x0606060606060606) >>> 4) & 0x0101010101010101;
  store<u64>(to, digits + 0x3030303030303030 + letters * 39);
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
  for (let at: usize = 0; at < 64; at++) {
    const added = i32x4.add(v128.load32_splat(constants + at * 4), v128.load(schedule + at * 16));
    const sum1 = all(rotated(e, 6), rotated(e, 11), rotated(e, 25));
    const first = i32x4.add(i32x4.add(h, sum1), i32x4.add(v128.bitselect(f, g, e), added));
    const sum0 = all(rotated(a, 2), rotated(a, 13), rotated(a, 22));
    const majority = v128.bitselect(v128.or(b, c), v128.and(b, c), a);
    h = g;
    g = f;
    f = e;
    e = i32x4.add(d, first);
    d = c;
    c = b;
    b = a;
    a = i32x4.add(first, i32x4.add(sum0, majority));
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
