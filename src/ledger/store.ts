import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Checkpoint } from './checkpoint.ts';
import { splitHashes, type Tile } from './tiles.ts';

/** Which log: an organisation's first, or one that follows it (2, 3, ...). */
export type LogId = { organisationId: string; log: number };

/** The leaf hash of an entry (RFC 6962, 2.1), worked out by PostgreSQL: of the column `entry`. */
export const leafHash = sql`sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))`;

/** A log as its organisation finds it: its names, and its last checkpoint as it was signed (null before the first). */
export type Log = LogId & {
  origin: string;
  vkey: string;
  last: { size: number; root: Buffer; note: Buffer } | null;
};

/** A new log, with its key sealed. The first of an organisation needs no worker. */
export async function insertLog(
  tx: Tx,
  made: LogId & { origin: string; vkey: string; sealedKey: Buffer },
): Promise<void> {
  // The service may say nothing of `log`: the first is all that it can make.
  const { organisationId, log, origin, vkey, sealedKey } = made;
  const values = sql`${organisationId}, ${origin}, ${vkey}, ${sealedKey}`;
  const insert =
    log === 1
      ? sql`insert into ledger_logs (organisation_id, origin, vkey, sealed_key) values (${values})`
      : sql`insert into ledger_logs (organisation_id, origin, vkey, sealed_key, log) values (${values}, ${log})`;
  await insert.execute(tx);
}

/** The organisations whose logs have something to do: entries waiting, or no checkpoint yet. */
export async function logsToIntegrate(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select organisation_id as id from ledger_logs l where log = 1
    and (exists (select from ledger_pending p where p.organisation_id = l.organisation_id)
      or not exists (select from ledger_checkpoints c where c.organisation_id = l.organisation_id))`.execute(
    tx,
  );
  return rows.map((row) => row.id);
}

/** Every organisation that has a log. For the worker. */
export async function findLogHolders(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select organisation_id as id from ledger_logs where log = 1
    order by id`.execute(tx);
  return rows.map((row) => row.id);
}

/** The logs of an organisation, the one in use first, then those before it. */
export async function findLogs(db: Db, organisationId: string): Promise<Log[]> {
  const { rows } = await sql<{
    log: number;
    origin: string;
    vkey: string;
    size: number | null;
    root: Buffer | null;
    note: string | null;
  }>`select log, origin, vkey, size, root, note
     from ledger_logs l left join lateral (
       select size, root, note from ledger_checkpoints c
       where c.organisation_id = l.organisation_id and c.log = l.log order by size desc limit 1) last on true
     where organisation_id = ${organisationId} order by log desc`.execute(db);
  return rows.map(({ log, origin, vkey, size, root, note }) => {
    const last = size !== null && root && note !== null ? { size, root, note: Buffer.from(note) } : null;
    return { organisationId, log, origin, vkey, last };
  });
}

/** The log in use of an organisation; null where it has none. */
export async function findLog(db: Db, organisationId: string): Promise<Log | null> {
  return (await findLogs(db, organisationId))[0] ?? null;
}

/**
 * Waits until this transaction is the only one that signs or keeps the log, and reads it. The lock comes first, in
 * a statement of its own, so that what is read after it is what whoever had it before left.
 */
export async function lockLog(tx: Tx, organisationId: string): Promise<Log> {
  await sql`select pg_advisory_xact_lock(hashtextextended('ledger/' || ${organisationId}, 0))`.execute(tx);
  const log = await findLog(tx, organisationId);
  if (!log) throw new Error(`Organisation ${organisationId} has no log`);
  return log;
}

/** The sealed key of a log. For the worker: nobody else may read it. */
export async function findSealedKey(tx: Tx, { organisationId, log }: LogId): Promise<Buffer> {
  const { rows } = await sql<{ sealed_key: Buffer }>`select sealed_key from ledger_logs
    where organisation_id = ${organisationId} and log = ${log}`.execute(tx);
  if (!rows[0]) throw new Error(`Organisation ${organisationId} has no log ${log}`);
  return rows[0].sealed_key;
}

/**
 * Moves up to `limit` pending entries, oldest first, into the log from index `size` on, and returns their leaf
 * hashes. Notes with whom they are shared. One statement: the entries themselves never leave the database.
 */
export async function movePending(
  tx: Tx,
  { organisationId, log }: LogId,
  size: number,
  limit: number,
): Promise<Buffer[]> {
  const { rows } = await sql<{ leaves: Buffer | null }>`
    with taken as (
      delete from ledger_pending where organisation_id = ${organisationId} and place <= (
        select max(place) from (select place from ledger_pending where organisation_id = ${organisationId}
          order by place limit ${limit}) oldest)
      returning place, act_id, entry),
    shared as (
      insert into ledger_partners (organisation_id, partner_id)
      select distinct ${organisationId}::uuid, partner::uuid
      from taken cross join json_array_elements_text(entry::json -> 'parties') partner
      where partner <> ${organisationId}::text
      on conflict do nothing),
    written as (
      insert into ledger_entries (organisation_id, log, index, act_id, entry, leaf_hash)
      select ${organisationId}, ${log}::smallint, ${size}::bigint + row_number() over (order by place) - 1, act_id, entry,
        ${leafHash}
      from taken returning index, leaf_hash)
    select string_agg(leaf_hash, ''::bytea order by index) as leaves from written`.execute(tx);
  return splitHashes(rows[0]?.leaves ?? Buffer.alloc(0));
}

/** Adds one entry to a log, where it is made by the worker itself. */
export async function addEntry(
  tx: Tx,
  { organisationId, log }: LogId,
  added: { index: number; actId: string; entry: Buffer; leaf: Buffer },
): Promise<void> {
  await sql`insert into ledger_entries (organisation_id, log, index, act_id, entry, leaf_hash)
    values (${organisationId}, ${log}, ${added.index}, ${added.actId}, ${added.entry.toString()},
      ${added.leaf})`.execute(tx);
}

/** Saves tiles that are new or have grown. Fails on a full tile that is there already. */
export async function saveTiles(
  tx: Tx,
  { organisationId, log }: LogId,
  tiles: readonly Tile[],
): Promise<void> {
  await sql`insert into ledger_tiles (organisation_id, log, level, index, hashes)
    select ${organisationId}, ${log}::smallint, * from unnest(
      ${tiles.map((tile) => tile.level)}::smallint[],
      ${tiles.map((tile) => tile.index)}::bigint[],
      ${tiles.map((tile) => tile.hashes)}::bytea[])
    on conflict (organisation_id, log, level, index) do update set hashes = excluded.hashes`.execute(tx);
}

/** Saves a signed checkpoint. */
export async function saveCheckpoint(
  tx: Tx,
  { organisationId, log }: LogId,
  { size, root }: Checkpoint,
  note: Buffer,
): Promise<void> {
  await sql`insert into ledger_checkpoints (organisation_id, log, size, root, note, previous)
    select ${organisationId}, ${log}::smallint, ${size}, ${root}, ${note.toString()}, max(size)
    from ledger_checkpoints where organisation_id = ${organisationId} and log = ${log}`.execute(tx);
}

/** The tiles at these places that exist, as long as they are now. */
export async function findTiles(
  db: Db,
  { organisationId, log }: LogId,
  places: readonly { level: number; index: number }[],
): Promise<Tile[]> {
  const { rows } = await sql<Tile>`select level, index, hashes
    from unnest(${places.map((place) => place.level)}::smallint[], ${places.map((place) => place.index)}::bigint[])
      wanted(level, index)
    join ledger_tiles using (level, index) where organisation_id = ${organisationId} and log = ${log}`.execute(
    db,
  );
  return rows;
}

/**
 * The leaf hashes of the entries from one index up to another, 32 bytes each, made again from the entries. Shorter
 * than asked where one is missing, or is not the entry that was hashed when it was added.
 */
export async function findLeaves(
  db: Db,
  { organisationId, log }: LogId,
  from: number,
  to: number,
): Promise<Buffer> {
  const { rows } = await sql<{ leaves: Buffer | null }>`
    select string_agg(leaf_hash, ''::bytea order by index) as leaves from ledger_entries
    where organisation_id = ${organisationId} and log = ${log} and index >= ${from} and index < ${to}
      and leaf_hash = ${leafHash}`.execute(db);
  return rows[0]?.leaves ?? Buffer.alloc(0);
}

/** Whether a log holds any entry at an index or after it. */
export async function hasEntriesFrom(
  db: Db,
  { organisationId, log }: LogId,
  index: number,
): Promise<boolean> {
  const { rows } = await sql`select from ledger_entries
    where organisation_id = ${organisationId} and log = ${log} and index >= ${index} limit 1`.execute(db);
  return rows.length > 0;
}

/** Every log there is, by name: how many entries it has signed, and how many wait to be. For the owner. */
export async function findLogSizes(db: Db): Promise<{ log: string; entries: number; waiting: number }[]> {
  const { rows } = await sql<{ log: string; entries: number; waiting: number }>`select origin as log,
      coalesce((select max(size) from ledger_checkpoints c where c.organisation_id = l.organisation_id and c.log = l.log), 0) as entries,
      (select count(*) from ledger_pending p where p.organisation_id = l.organisation_id
        and not exists (select from ledger_logs n where n.organisation_id = l.organisation_id and n.log > l.log)) as waiting
    from ledger_logs l order by origin`.execute(db);
  return rows;
}

/** An act's entry, and which of an organisation's logs it is in; null while it is pending or in none of them. */
export async function findEntry(
  db: Db,
  organisationId: string,
  actId: string,
): Promise<{ log: number; index: number; entry: Buffer } | null> {
  const { rows } = await sql<{ log: number; index: number; entry: string }>`
    select log, index, entry from ledger_entries
    where organisation_id = ${organisationId} and act_id = ${actId} order by log, index limit 1`.execute(db);
  return rows[0] ? { ...rows[0], entry: Buffer.from(rows[0].entry) } : null;
}

/** The entries of a log from one index up to another, in order. */
export async function findEntries(
  db: Db,
  { organisationId, log }: LogId,
  from: number,
  to: number,
): Promise<Buffer[]> {
  const { rows } = await sql<{ entry: string }>`select entry from ledger_entries
    where organisation_id = ${organisationId} and log = ${log} and index >= ${from} and index < ${to} order by index`.execute(
    db,
  );
  return rows.map((row) => Buffer.from(row.entry));
}

/** The entries that wait to be in an organisation's log, oldest first. For the worker: nobody else may read them yet. */
export async function findPending(tx: Tx, organisationId: string, limit: number): Promise<Buffer[]> {
  const { rows } = await sql<{ entry: string }>`select entry from ledger_pending
    where organisation_id = ${organisationId} order by place limit ${limit}`.execute(tx);
  return rows.map((row) => Buffer.from(row.entry));
}

/** How long the oldest entry has waited to be integrated, in seconds; 0 where none waits. For the worker. */
export async function oldestPending(tx: Tx): Promise<number> {
  const { rows } = await sql<{ seconds: number | null }>`
    select extract(epoch from clock_timestamp() - min(appended_at))::float8 as seconds
    from ledger_logs l cross join lateral (
      select appended_at from ledger_pending p where p.organisation_id = l.organisation_id
      order by place limit 1) oldest where log = 1`.execute(tx);
  return rows[0]?.seconds ?? 0;
}

/** Destroys what ties a person to their acts in this organisation's log, and returns how many acts it was. */
export async function destroySalts(tx: Tx, personId: string): Promise<number> {
  const { rows } = await sql`delete from ledger_salts where person_id = ${personId} returning act_id`.execute(
    tx,
  );
  return rows.length;
}
