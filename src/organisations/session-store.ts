import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { type Delegated, type Organisation, type Person, type Role, withDelegated } from './rules.ts';
import { idleEnd } from './sign-in-rules.ts';

type Tables = {
  sessions: {
    token_hash: Buffer;
    id: string;
    person_id: string;
    browser: string;
    started_at: Instant;
    seen_at: Instant;
    ends_at: Instant;
    expires_at: Instant;
    proved_at: Instant | null;
    offered_secret: Buffer | null;
    parties: string[];
  };
  second_factors: {
    person_id: string;
    sealed_secret: Buffer;
    last_step: number;
    set_up_at: Instant;
    parties: string[];
  };
  recovery_codes: { person_id: string; code_hash: Buffer; parties: string[] };
};

const tables = (db: Db) => db.withTables<Tables>();

/** A session as it starts. `provedAt` null is half a sign-in: a right password, and no second factor yet. */
export type NewSession = {
  tokenHash: Buffer;
  id: string;
  personId: string;
  organisationId: string;
  browser: string;
  startedAt: Instant;
  expiresAt: Instant;
  provedAt: Instant | null;
};

/** Keeps a session, by the hash of its token; the person's that are over go. */
export async function saveSession(tx: Tx, session: NewSession): Promise<void> {
  const { personId, startedAt, expiresAt } = session;
  await tables(tx)
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where('ends_at', '<=', startedAt)
    .execute();
  await tables(tx)
    .insertInto('sessions')
    .values({
      token_hash: session.tokenHash,
      id: session.id,
      person_id: personId,
      browser: session.browser,
      started_at: startedAt,
      seen_at: startedAt,
      ends_at: idleEnd(startedAt, expiresAt),
      expires_at: expiresAt,
      proved_at: session.provedAt,
      offered_secret: null,
      parties: [session.organisationId],
    })
    .execute();
}

/** Who a session belongs to at a moment, with the roles that count on that day, and how it stands; null when unknown or over. */
export async function findSession(
  db: Db,
  tokenHash: Buffer,
  at: Instant,
): Promise<{
  organisation: Organisation;
  person: Person;
  seenAt: Instant;
  provedAt: Instant | null;
} | null> {
  const { rows } = await sql<{
    person_id: string;
    person_name: string;
    roles: Role[];
    organisation_id: string;
    slug: string;
    organisation_name: string;
    seen_at: Instant;
    proved_at: Instant | null;
    delegated: Delegated[];
  }>`select s.*, (select coalesce(jsonb_agg(jsonb_build_object(
        'role', d.role, 'delegation', d.delegation_id, 'from', d.from_person) order by d.delegation_id), '[]')
      from delegated_in_session(${tokenHash}, ${londonDay(at)}::date) d) as delegated
    from find_session(${tokenHash}, ${at}) s`.execute(db);
  const row = rows[0];
  if (!row) return null;
  return {
    organisation: { id: row.organisation_id, slug: row.slug, name: row.organisation_name },
    person: withDelegated({ id: row.person_id, name: row.person_name, roles: row.roles }, row.delegated),
    seenAt: row.seen_at,
    provedAt: row.proved_at,
  };
}

/** Notes that a session is used, which moves its idle end. */
export async function touchSession(tx: Tx, tokenHash: Buffer, at: Instant): Promise<void> {
  const session = await tables(tx)
    .selectFrom('sessions')
    .select('expires_at')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (!session) return;
  await tables(tx)
    .updateTable('sessions')
    .set({ seen_at: at, ends_at: idleEnd(at, session.expires_at) })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** Notes that a session has just proved again who it is. */
export async function markProved(tx: Tx, tokenHash: Buffer, at: Instant): Promise<void> {
  await tables(tx)
    .updateTable('sessions')
    .set({ proved_at: at })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** A person's sessions that are not over at a moment and whole, the latest first. `tokenHash` tells which one is this. */
export async function findSessions(
  db: Db,
  personId: string,
  at: Instant,
): Promise<{ id: string; tokenHash: Buffer; browser: string; startedAt: Instant; seenAt: Instant }[]> {
  const rows = await tables(db)
    .selectFrom('sessions')
    .select(['id', 'token_hash', 'browser', 'started_at', 'seen_at'])
    .where('person_id', '=', personId)
    .where('ends_at', '>', at)
    .where('proved_at', 'is not', null)
    .orderBy('started_at', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    tokenHash: row.token_hash,
    browser: row.browser,
    startedAt: row.started_at,
    seenAt: row.seen_at,
  }));
}

/** Ends one of a person's sessions by its id. False where it is not theirs, or over. */
export async function deleteSessionOf(tx: Tx, personId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Ends a session; ended twice is ended. False where there was none. */
export async function deleteSession(tx: Tx, tokenHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('sessions')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Ends all of a person's sessions but one, or all. How many were ended. */
export async function deleteSessionsOf(tx: Tx, personId: string, but: Buffer | null): Promise<number> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .$if(but !== null, (query) => query.where('token_hash', '!=', but ?? Buffer.alloc(0)))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Keeps the sealed secret that a session offers to an authenticator app, unless it offers one already. */
export async function offerSecret(tx: Tx, tokenHash: Buffer, sealed: Buffer): Promise<void> {
  await tables(tx)
    .updateTable('sessions')
    .set({ offered_secret: sealed })
    .where('token_hash', '=', tokenHash)
    .where('offered_secret', 'is', null)
    .execute();
}

/** The sealed secret that a session offers, or null. */
export async function findOfferedSecret(db: Db, tokenHash: Buffer): Promise<Buffer | null> {
  const row = await tables(db)
    .selectFrom('sessions')
    .select('offered_secret')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row?.offered_secret ?? null;
}

/** Forgets the secret that a session offered: it was taken. */
export async function forgetOfferedSecret(tx: Tx, tokenHash: Buffer): Promise<void> {
  await tables(tx)
    .updateTable('sessions')
    .set({ offered_secret: null })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** A person's authenticator app, or null: its sealed secret, and when it was set up. */
export async function findSecondFactor(
  db: Db,
  personId: string,
): Promise<{ sealedSecret: Buffer; setUpAt: Instant } | null> {
  const row = await tables(db)
    .selectFrom('second_factors')
    .select(['sealed_secret', 'set_up_at'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row ? { sealedSecret: row.sealed_secret, setUpAt: row.set_up_at } : null;
}

/** A new authenticator app. False where the person has one: of two at once, one is set up. */
export async function saveSecondFactor(
  tx: Tx,
  factor: { personId: string; organisationId: string; sealedSecret: Buffer; step: number; at: Instant },
): Promise<boolean> {
  const saved = await tables(tx)
    .insertInto('second_factors')
    .values({
      person_id: factor.personId,
      sealed_secret: factor.sealedSecret,
      last_step: factor.step,
      set_up_at: factor.at,
      parties: [factor.organisationId],
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('person_id')
    .executeTakeFirst();
  return saved !== undefined;
}

/**
 * Uses up a time step of a person's app, and all before it. False where it was used: the row is locked by whoever is
 * first, so of two who send one code at once the second finds it used.
 */
export async function useStep(tx: Tx, personId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('second_factors')
    .set({ last_step: step })
    .where('person_id', '=', personId)
    .where('last_step', '<', step)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Replaces a person's recovery codes. */
export async function saveRecoveryCodes(
  tx: Tx,
  person: { id: string; organisationId: string },
  hashes: readonly Buffer[],
): Promise<void> {
  await tables(tx).deleteFrom('recovery_codes').where('person_id', '=', person.id).execute();
  const row = (hash: Buffer) => ({ person_id: person.id, code_hash: hash, parties: [person.organisationId] });
  await tables(tx).insertInto('recovery_codes').values(hashes.map(row)).execute();
}

/** Uses up a recovery code. False where it is not one, or is used: two who send it at once delete one row. */
export async function useRecoveryCode(tx: Tx, personId: string, hash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('recovery_codes')
    .where('person_id', '=', personId)
    .where('code_hash', '=', hash)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** How many recovery codes a person has left. */
export async function countRecoveryCodes(db: Db, personId: string): Promise<number> {
  const { n } = await tables(db)
    .selectFrom('recovery_codes')
    .select((row) => row.fn.countAll<number>().as('n'))
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  return n;
}

/** Takes a person's authenticator app and recovery codes away. */
export async function deleteSecondFactor(tx: Tx, personId: string): Promise<void> {
  await tables(tx).deleteFrom('second_factors').where('person_id', '=', personId).execute();
  await tables(tx).deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
}

/** Ends all of a person's sessions and takes their second factor away. */
export async function deleteSignIn(tx: Tx, personId: string): Promise<void> {
  await deleteSessionsOf(tx, personId, null);
  await deleteSecondFactor(tx, personId);
}
