import { sql } from 'kysely';
import type { Tx } from './database.ts';
import { canonicalJson, type Json } from './pure/canonical-json.ts';
import { sha256Hex } from './pure/hash.ts';

/**
 * Does something once for an idempotency key of the transaction's organisation, and answers the same for ever
 * after. `what` is the action and everything that was sent with it; only its hash is kept. A second sender of the key
 * waits for the first to commit. With no key it is simply done. Throws `KeyUsedForAnother` where the key was used for
 * something else, or for the same with other contents: a client's fault, and nothing is done.
 */
export async function once<Answer extends Json>(
  tx: Tx,
  key: string | null,
  what: Json,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (key === null) return work();
  const action = sha256Hex(canonicalJson(what));
  const { rows: taken } = await sql`insert into answers (organisation_id, key, action, parties)
    values (me(), ${key}, ${action}, array[me()]) on conflict do nothing returning key`.execute(tx);
  if (taken.length === 0) return givenBefore<Answer>(tx, key, action);
  const answer = await work();
  await sql`update answers set answer = ${JSON.stringify(answer)}::jsonb where key = ${key}`.execute(tx);
  return answer;
}

/** A key sent again for something else. */
export class KeyUsedForAnother extends Error {}

async function givenBefore<Answer>(tx: Tx, key: string, action: string): Promise<Answer> {
  const { rows } = await sql<{ action: string; answer: Answer }>`
    select action, answer from answers where key = ${key}`.execute(tx);
  const before = rows[0];
  if (before?.action !== action) throw new KeyUsedForAnother('This key was used for something else');
  return before.answer;
}
