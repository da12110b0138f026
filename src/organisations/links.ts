import { randomBytes } from 'node:crypto';
import type { Database, Db, Tx } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { type Instant, instantOf } from '../platform/pure/dates.ts';
import { sha256 } from '../platform/pure/hash.ts';
import type { Refusal } from '../platform/refusal.ts';
import { type LinkHolder, type LinkPurpose, linkHours } from './people-rules.ts';
import { findLinkByHash, saveLink, takeLink } from './people-store.ts';
import { actorOf, type Caller } from './rules.ts';

/** Somebody with a link of their own. The token is there once: null where the same form was sent before. */
export type Invited = { ok: true; id: string; token: string | null };

/**
 * A new one-time link for a person of the transaction's organisation: its token, base64url, to be shown once and kept
 * nowhere. Whatever link they had is dead. Null where there is no such person any more.
 */
export async function makeLink(
  tx: Tx,
  personId: string,
  purpose: LinkPurpose,
  now: Instant,
): Promise<string | null> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = instantOf(new Date(Date.parse(now) + linkHours * 3_600_000));
  const link = { tokenHash: sha256(token), purpose, madeAt: now, expiresAt };
  return (await saveLink(tx, personId, link)) ? token : null;
}

/**
 * Does what makes somebody a link once for an idempotency key, in a transaction of the caller's organisation. The token is
 * for whoever sent the form first: it is not kept with the answer.
 */
export async function onceWithLink(
  database: Database,
  caller: Caller,
  key: string | null,
  what: Json,
  work: (tx: Tx) => Promise<Invited | Refusal>,
): Promise<Invited | Refusal> {
  let token: string | null = null;
  const done = await database.write(actorOf(caller), (tx) =>
    once(tx, key, what, async () => {
      const made = await work(tx);
      if (!made.ok) return made;
      token = made.token;
      return { ok: true, id: made.id } as const;
    }),
  );
  return done.ok ? { ...done, token } : done;
}

/** Whose link a token is and what it is for; null for one that is wrong, used, replaced or over. Changes nothing. */
export async function findLink(db: Db, token: string, now: Instant): Promise<LinkHolder | null> {
  return isToken(token) ? findLinkByHash(db, sha256(token), now) : null;
}

/**
 * Uses a link up, in a transaction of its holder's organisation, and says what it was for. Of several who use it at once
 * one is answered; the others get null, as everybody after. Undone with the transaction.
 */
export async function useLink(
  tx: Tx,
  token: string,
  now: Instant,
): Promise<{ personId: string; purpose: LinkPurpose } | null> {
  return isToken(token) ? takeLink(tx, sha256(token), now) : null;
}

function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}
