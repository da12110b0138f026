import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../platform/seal.ts';

// A browser is known by a cookie of a random number and one mark for each person who signed in there (at most five, the
// latest first). A mark is a keyed hash of the number and the person: it names nobody and cannot be made up.

const most = 5;

/** The number of a browser that this person has signed in with before, or null: the cookie may be anything. */
export function knowsDevice(sealer: Sealer, cookie: string | null, personId: string): string | null {
  const [nonce = '', ...marks] = cookie?.split('.') ?? [];
  const right = Buffer.from(markOf(sealer, nonce, personId));
  const found = marks.filter((mark) => {
    const given = Buffer.from(mark);
    return given.length === right.length && timingSafeEqual(given, right);
  });
  return found.length > 0 ? nonce : null;
}

/** The cookie that makes a browser known for this person too. */
export function rememberDevice(sealer: Sealer, cookie: string | null, personId: string): string {
  const [known, ...before] = cookie?.split('.') ?? [];
  const nonce = known ?? randomBytes(16).toString('base64url');
  const mark = markOf(sealer, nonce, personId);
  return [nonce, mark, ...before.filter((one) => one !== mark)].slice(0, most + 1).join('.');
}

function markOf(sealer: Sealer, nonce: string, personId: string): string {
  const key = sealer.derive('device');
  const mac = createHmac('sha256', key)
    .update(JSON.stringify([nonce, personId]))
    .digest();
  return mac.subarray(0, 16).toString('base64url');
}
