import { createHmac } from 'node:crypto';
import { startModule } from './wasm.ts';

/**
 * Gives a text for each of some texts, counted from 0: `bytesOf` says what they are (UTF-8; null: blank), `give` takes what they
 * become; blank stays blank. Bytes, because a text of JavaScript made from them has lost a byte order mark.
 */
export type OfTexts = (
  count: number,
  bytesOf: (at: number) => Uint8Array | null,
  give: (at: number, text: string | null) => void,
) => void;

// What `wasm/hmac.ts` gives.
type Hmac = {
  memory: WebAssembly.Memory;
  laneAt: (lane: number) => number;
  mostBytes: () => number;
  resultsAt: () => number;
  takeKey: () => void;
  hmac: (bytes0: number, bytes1: number, bytes2: number, bytes3: number) => void;
};

const module = new URL('hmac.wasm', import.meta.url);
const digits = 64;

/**
 * HMAC-SHA-256 (RFC 2104) of the UTF-8 bytes of each value with a key of 32 bytes, in lower-case hex. Four values are hashed at
 * once, from the state after the key: several times as fast as one by one, and as the engine's SQL.
 */
export function pseudonymsWith(key: Buffer): OfTexts {
  if (key.length !== 32) throw new TypeError('The pseudonym key must be 32 bytes.');
  const { memory, laneAt, mostBytes, resultsAt, takeKey, hmac: run } = startModule<Hmac>(module);
  const bytes = Buffer.from(memory.buffer);
  const [lane0, lane1, lane2, lane3] = [laneAt(0), laneAt(1), laneAt(2), laneAt(3)];
  const results = resultsAt();
  const most = mostBytes();
  bytes.set(key, lane0);
  takeKey();

  const digest = (lane: number) =>
    bytes.toString('latin1', results + lane * digits, results + (lane + 1) * digits);
  return (count, bytesOf, give) => {
    // Takes a value into a lane; how many bytes it has, which may be too many for the lane.
    const into = (lane: number, at: number) => {
      const value = at < count ? bytesOf(at) : null;
      if (value !== null && value.length <= most) bytes.set(value, lane);
      return value === null ? -1 : value.length;
    };
    const inLane = (length: number) => (length > most ? 0 : Math.max(0, length));
    const byItself = (at: number) =>
      createHmac('sha256', key)
        .update(bytesOf(at) ?? Buffer.alloc(0))
        .digest('hex');
    const tell = (at: number, lane: number, length: number) => {
      if (at >= count) return;
      if (length === -1) give(at, null);
      else give(at, length > most ? byItself(at) : digest(lane));
    };
    for (let at = 0; at < count; at += 4) {
      const one = into(lane0, at);
      const two = into(lane1, at + 1);
      const three = into(lane2, at + 2);
      const four = into(lane3, at + 3);
      run(inLane(one), inLane(two), inLane(three), inLane(four));
      tell(at, 0, one);
      tell(at + 1, 1, two);
      tell(at + 2, 2, three);
      tell(at + 3, 3, four);
    }
  };
}
