import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import type { Delegation } from './delegation-rules.ts';

const kept = sql`select id, from_person as "from", to_person as "to", role, from_day as "fromDay",
  until_day as "untilDay", given_at as "givenAt", ended_at as "endedAt" from delegations`;

/** A new delegation between two people of the transaction's organisation. */
export async function saveDelegation(tx: Tx, one: Omit<Delegation, 'endedAt'>): Promise<void> {
  await sql`insert into delegations (id, from_person, to_person, role, from_day, until_day, given_at, parties)
    values (${one.id}, ${one.from}, ${one.to}, ${one.role}, ${one.fromDay}, ${one.untilDay}, ${one.givenAt},
      array[me()])`.execute(tx);
}

/** A delegation of the transaction's organisation by its id, over or not; or null. */
export async function findDelegation(db: Db, id: string): Promise<Delegation | null> {
  if (!isId(id)) return null;
  return (await sql<Delegation>`${kept} where id = ${id}`.execute(db)).rows[0] ?? null;
}

/** The delegations that are not over on a day, those that begin soonest first. */
export async function findDelegations(db: Db, day: Day): Promise<Delegation[]> {
  const open = sql<Delegation>`${kept} where ended_at is null and until_day >= ${day} order by from_day, id`;
  return (await open.execute(db)).rows;
}

/** Ends a delegation. False if it was ended before. */
export async function markEnded(tx: Tx, id: string, by: string | null, at: Instant): Promise<boolean> {
  const { rows } = await sql`update delegations set ended_at = ${at}, ended_by = ${by}
    where id = ${id} and ended_at is null returning id`.execute(tx);
  return rows.length > 0;
}
