import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { sql } from 'kysely';
import type { Database } from '../platform/database.ts';
import type { Source } from '../platform/http/index.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { knowsDevice } from './device.ts';
import { patience, waitSeconds, waitWords } from './sign-in-rules.ts';

/** What is tried: a password by the address typed, a code by whose it is, a link or the set-up code by nobody's name. */
export type Attempt = {
  what: 'password' | 'code' | 'again' | 'old-password' | 'set-up' | 'link';
  /** Whose secret it is, as far as is known before it is right; null where guessing is hopeless but tiresome. */
  whose: string | null;
  /** Whose device cookie would make this browser known, or null. */
  personId: string | null;
  from: Source;
};

type Bucket = { hash: Buffer; free: number; longest: string };

/**
 * Makes one attempt at a secret, or refuses it for now: every right or wrong password, code and link comes through here.
 * It is counted as wrong before it is made, and forgiven when it was right. A browser that this person signed in with
 * before has a bucket of its own (OWASP's device cookies), so whoever hammers from elsewhere cannot keep them out;
 * others share one for whose secret it is and one for their network. `work` must be given the same chance for a
 * person who does not exist.
 */
export async function attempt<Done extends { ok: true }>(
  { database, sealer }: { database: Database; sealer: Sealer },
  about: Attempt,
  now: Instant,
  work: () => Promise<Done | Refusal>,
): Promise<Done | Refusal> {
  const { own, shared } = bucketsOf(sealer, about);
  const all = [...own, ...shared];
  const wait = await database.write(null, async (tx) => {
    const { rows } = await sql<{ wait: Instant | null }>`select begin_attempt(
      ${all.map((one) => one.hash)}::bytea[], ${all.map((one) => one.free)}::integer[],
      ${all.map((one) => one.longest)}::interval[], ${now}) as wait`.execute(tx);
    return rows[0]?.wait ?? null;
  });
  if (wait !== null) {
    const refused = refuse('wait', 'sign-in.wait', waitWords(now, wait), fields[about.what]);
    return { ...refused, retryAfter: waitSeconds(now, wait) };
  }
  const done = await work();
  if (done.ok) {
    await database.write(null, (tx) =>
      sql`select forgive_attempt(${own.map((one) => one.hash)}::bytea[],
        ${shared.map((one) => one.hash)}::bytea[])`.execute(tx),
    );
  }
  return done;
}

const fields: Record<Attempt['what'], string> = {
  password: 'password',
  code: 'code',
  again: '_proof',
  'old-password': 'old',
  'set-up': 'code',
  link: 'link',
};

function bucketsOf(sealer: Sealer, about: Attempt): { own: Bucket[]; shared: Bucket[] } {
  const { what, whose, personId, from } = about;
  const key = sealer.derive('attempts');
  const hash = (...words: string[]) => createHmac('sha256', key).update(JSON.stringify(words)).digest();
  const limits = patience[what];
  const nonce = personId === null ? null : knowsDevice(sealer, from.device, personId);
  if (nonce !== null && whose !== null) {
    return { own: [{ hash: hash('device', what, nonce, whose), ...limits }], shared: [] };
  }
  const own = whose === null ? [] : [{ hash: hash('whose', what, whose), ...limits }];
  // A session has proved itself once: whoever holds it is tried by it alone, not by those who share their network.
  if (what === 'again' || what === 'old-password') return { own, shared: [] };
  return { own, shared: [{ hash: hash('network', networkOf(from.address)), ...patience.network }] };
}

/** The network of an address: an IPv4 address is one, and an IPv6 subscriber has at least a /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const start = head.split(':').filter(Boolean);
  const end = tail.split(':').filter(Boolean);
  const missing = address.includes('::') ? 8 - start.length - end.length : 0;
  const groups = [...start, ...Array.from({ length: missing }, () => '0'), ...end];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
