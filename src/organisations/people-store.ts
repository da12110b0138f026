import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import type { Colleague, LinkHolder, LinkPurpose } from './people-rules.ts';
import type { Role } from './rules.ts';

/** Waits until this transaction is the only one that changes who is in its organisation, and what they may do. */
export async function lockPeople(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('people/' || me()::text, 0))`.execute(tx);
}

/** A new person, who has no password yet. False if somebody here or elsewhere has the address. */
export async function saveNewPerson(
  tx: Tx,
  person: { id: string; name: string; email: string; roles: Role[]; addedBy: string | null },
  at: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    insert into people (id, organisation_id, name, email, roles, created_at, added_by, parties)
    values (${person.id}, me(), ${person.name}, ${person.email}, ${person.roles}, ${at}, ${person.addedBy}, array[me()])
    on conflict (lower(email)) do nothing returning id`.execute(tx);
  return rows.length > 0;
}

const colleagues = sql`select p.id, p.name, p.email, p.roles, p.created_at as "addedAt", p.added_by as "addedBy",
    p.password_hash is not null as joined,
    case when l.person_id is not null
      then jsonb_build_object('purpose', l.purpose, 'expiresAt', to_char(l.expires_at at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end as link
  from people p left join one_time_links l on l.person_id = p.id where p.erased_at is null`;

/** Everybody of the transaction's organisation, by name. */
export async function findColleagues(db: Db): Promise<Colleague[]> {
  return (await sql<Colleague>`${colleagues} order by lower(p.name), p.id`.execute(db)).rows;
}

/** One of them by id, or null. */
export async function findColleague(db: Db, personId: string): Promise<Colleague | null> {
  if (!isId(personId)) return null;
  return (await sql<Colleague>`${colleagues} and p.id = ${personId}`.execute(db)).rows[0] ?? null;
}

/** How many administrators but this person can sign in: with a password they chose, or in the example with a click. */
export async function countOtherAdministrators(tx: Tx, personId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from people
    where 'administrator' = any (roles) and erased_at is null and id <> ${personId}
      and (password_hash is not null or instance_mode() = 'example')`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Says anew what somebody may do. */
export async function saveRoles(tx: Tx, personId: string, roles: Role[]): Promise<void> {
  await sql`update people set roles = ${roles} where id = ${personId} and erased_at is null`.execute(tx);
}

/** Keeps the hash of a new password, and ends every session that the person had. */
export async function savePassword(tx: Tx, personId: string, hash: string): Promise<void> {
  await sql`update people set password_hash = ${hash} where id = ${personId} and erased_at is null`.execute(
    tx,
  );
  await sql`delete from sessions where person_id = ${personId}`.execute(tx);
}

/** Takes somebody's password away. */
export async function forgetPassword(tx: Tx, personId: string): Promise<void> {
  await sql`update people set password_hash = null where id = ${personId}`.execute(tx);
}

/** Keeps a link in place of the one the person had. False if there is no such person, or not any more. */
export async function saveLink(
  tx: Tx,
  personId: string,
  link: { tokenHash: Buffer; purpose: LinkPurpose; madeAt: Instant; expiresAt: Instant },
): Promise<boolean> {
  const { tokenHash, purpose, madeAt, expiresAt } = link;
  // The person's row is held, so that an erasure under way is over, or waits for this.
  const { rows } = await sql`
    with person as (select id, parties from people where id = ${personId} and erased_at is null for share)
    insert into one_time_links (person_id, token_hash, purpose, made_at, expires_at, parties)
    select id, ${tokenHash}::bytea, ${purpose}, ${madeAt}::timestamptz, ${expiresAt}::timestamptz, parties from person
    on conflict (person_id) do update set token_hash = excluded.token_hash, purpose = excluded.purpose,
      made_at = excluded.made_at, expires_at = excluded.expires_at
    returning person_id`.execute(tx);
  return rows.length > 0;
}

/** Whose link this is at a moment, across the wall; null for none. */
export async function findLinkByHash(db: Db, tokenHash: Buffer, at: Instant): Promise<LinkHolder | null> {
  const { rows } = await sql<{
    person_id: string;
    purpose: LinkPurpose;
    person_name: string;
    email: string;
    organisation_id: string;
    organisation_name: string;
  }>`select * from find_link(${tokenHash}, ${at})`.execute(db);
  const row = rows[0];
  if (!row) return null;
  return {
    personId: row.person_id,
    purpose: row.purpose,
    name: row.person_name,
    email: row.email,
    organisation: { id: row.organisation_id, name: row.organisation_name },
  };
}

/** Takes a link away and says whose it was; null where there is none, it is over, or somebody was quicker. */
export async function takeLink(
  tx: Tx,
  tokenHash: Buffer,
  at: Instant,
): Promise<{ personId: string; purpose: LinkPurpose } | null> {
  const { rows } = await sql<{ person_id: string; purpose: LinkPurpose }>`
    delete from one_time_links where token_hash = ${tokenHash} and expires_at > ${at}
    returning person_id, purpose`.execute(tx);
  const row = rows[0];
  return row ? { personId: row.person_id, purpose: row.purpose } : null;
}
