import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import { type LogId, leafHash } from './store.ts';
import { tileWidth } from './tiles.ts';

/** The leaves of a run of entries, hashed from their texts, and whether everything that is kept of them agrees. */
export type HashedLeaves = { hashes: Buffer; agrees: boolean };

/** An entry beside everything that is kept about it. */
export type KeptEntry = {
  index: number;
  act: string;
  namesAct: boolean;
  text: string;
  hash: Buffer;
  leafHash: Buffer;
};

/** A checkpoint as it is kept. */
export type KeptCheckpoint = { size: number; root: Buffer; note: string; previous: number | null };

// The layout of an entry is fixed, and no value of it can hold a quotation mark.
const namesAct = sql`e.entry like '%"id":"' || e.act_id || '","parties":[%'`;

/** Every log there is, with what opens its checkpoints. */
export async function findEveryLog(
  tx: Tx,
): Promise<(LogId & { origin: string; vkey: string; sealedKey: Buffer; inUse: boolean })[]> {
  const { rows } = await sql<{
    organisation_id: string;
    log: number;
    origin: string;
    vkey: string;
    sealed_key: Buffer;
    in_use: boolean;
  }>`select organisation_id, log, origin, vkey, sealed_key,
      log = max(log) over (partition by organisation_id) as in_use
    from ledger_logs order by origin, log`.execute(tx);
  return rows.map((row) => ({
    organisationId: row.organisation_id,
    log: row.log,
    inUse: row.in_use,
    origin: row.origin,
    vkey: row.vkey,
    sealedKey: row.sealed_key,
  }));
}

/** Logs that are not there, of which there are entries; and organisations without one for which entries wait. */
export async function findStrayLogs(
  tx: Tx,
): Promise<{ table: string; organisationId: string; log: number }[]> {
  const { rows } = await sql<{ table: string; id: string; log: number }>`
    with recursive held (id, log) as (
      (select organisation_id, log from ledger_entries order by 1, 2 limit 1)
      union all
      select next.organisation_id, next.log from held cross join lateral (
        select organisation_id, log from ledger_entries e where (e.organisation_id, e.log) > (held.id, held.log)
        order by 1, 2 limit 1) next)
    select 'ledger_entries' as table, id, log from held
      where (id, log) not in (select organisation_id, log from ledger_logs)
    union all select distinct 'ledger_pending', organisation_id, 1::smallint from ledger_pending
      where organisation_id not in (select organisation_id from ledger_logs)`.execute(tx);
  return rows.map((row) => ({ table: row.table, organisationId: row.id, log: row.log }));
}

/** Every signed checkpoint of a log, by size. */
export async function findCheckpoints(tx: Tx, { organisationId, log }: LogId): Promise<KeptCheckpoint[]> {
  const { rows } = await sql<KeptCheckpoint>`select size, root, note, previous from ledger_checkpoints
    where organisation_id = ${organisationId} and log = ${log} order by size`.execute(tx);
  return rows;
}

/**
 * The leaves from one place, where a tile begins, up to another, hashed by PostgreSQL from the entries: what
 * comes in the order of the index is not sorted again, and only hashes leave the database.
 */
export async function hashLeaves(
  tx: Tx,
  { organisationId, log }: LogId,
  from: number,
  to: number,
): Promise<HashedLeaves> {
  const { rows } = await sql<HashedLeaves>`
    with made as (
      select e.index, text.hash, e.leaf_hash = text.hash and ${namesAct} as well
      from ledger_entries e
      -- OFFSET keeps the hash from being worked out once for each use of it.
      cross join lateral (select ${leafHash} as hash offset 0) text
      where e.organisation_id = ${organisationId} and e.log = ${log}
        and e.index >= ${from}::bigint and e.index < ${to}::bigint
      order by e.index),
    given as (
      select coalesce(string_agg(hash, ''::bytea order by index), '') as hashes, count(*) = ${to - from} and bool_and(well) as whole
      from made),
    tiled as (
      select string_agg(hashes, ''::bytea order by index) as hashes from ledger_tiles
      where organisation_id = ${organisationId} and log = ${log} and level = 0
        and index >= ${Math.floor(from / tileWidth)} and index < ${Math.ceil(to / tileWidth)})
    select given.hashes, whole and tiled.hashes is not distinct from given.hashes as agrees
    from given cross join tiled`.execute(tx);
  return rows[0] ?? { hashes: Buffer.of(), agrees: false };
}

/** The entries under one tile, each beside what is kept about it. */
export async function findKeptEntries(
  tx: Tx,
  { organisationId, log }: LogId,
  tile: number,
): Promise<KeptEntry[]> {
  const { rows } = await sql<KeptEntry>`
    select e.index, e.act_id as act, ${namesAct} as "namesAct", e.entry as text, ${leafHash} as hash,
      e.leaf_hash as "leafHash"
    from ledger_entries e where e.organisation_id = ${organisationId} and e.log = ${log}
      and e.index >= ${tile * tileWidth}::bigint and e.index < ${(tile + 1) * tileWidth}::bigint
    order by e.index`.execute(tx);
  return rows;
}

/** Where the tiles of a log lie, and the hashes of those above the lowest level. */
export async function findTilePlaces(
  tx: Tx,
  { organisationId, log }: LogId,
): Promise<{ level: number; index: number; hashes: Buffer | null }[]> {
  const { rows } = await sql<{ level: number; index: number; hashes: Buffer | null }>`
    select level, index, case when level > 0 then hashes end as hashes from ledger_tiles
    where organisation_id = ${organisationId} and log = ${log} order by level, index`.execute(tx);
  return rows;
}

/** Gives what compares a whole log the room for it: a hash of a million ids, where the usual few MB would go to the disk. */
export async function takeRoom(tx: Tx): Promise<void> {
  await sql`set local work_mem = '128MB'`.execute(tx);
}

/** The first entries that lie beyond a size, and acts that are in a log twice. */
export async function findOddEntries(
  tx: Tx,
  { organisationId, log }: LogId,
  size: number,
): Promise<{ beyond: { index: number; act: string }[]; twice: string[] }> {
  const beyond = await sql<{ index: number; act: string }>`select index, act_id as act from ledger_entries
    where organisation_id = ${organisationId} and log = ${log} and index >= ${size} order by index limit 20`.execute(
    tx,
  );
  // MATERIALIZED: by the index of acts it would fetch a page of the table for each entry.
  const twice = await sql<{ act: string }>`
    with every as materialized (
      select act_id from ledger_entries where organisation_id = ${organisationId} and log = ${log})
    select act_id as act from every group by act_id having count(*) > 1 limit 20`.execute(tx);
  return { beyond: beyond.rows, twice: twice.rows.map((row) => row.act) };
}

/** What waits to be in a log, and whether its act is there already. */
export async function findWaiting(
  tx: Tx,
  organisationId: string,
): Promise<{ place: number; act: string; text: string; inLog: boolean }[]> {
  const { rows } = await sql<{ place: number; act: string; text: string; inLog: boolean }>`
    select place, act_id as act, entry as text, exists (select from ledger_entries e
      where e.organisation_id = p.organisation_id and e.act_id = p.act_id) as "inLog"
    from ledger_pending p where organisation_id = ${organisationId} order by place limit 10000`.execute(tx);
  return rows;
}

// An entry with a second party after the first, whose id is 36 letters.
const ofSeveral = `%"parties":["${'_'.repeat(36)}","%`;

/**
 * Entries of a log, or waiting for it, whose other half is not the same: not in the log of another party that has one here,
 * nor waiting for it. `index` is null for what waits.
 */
export async function findOddHalves(
  tx: Tx,
  { organisationId, log }: LogId,
): Promise<{ index: number | null; act: string; origin: string; differs: boolean }[]> {
  const { rows } = await sql<{ index: number | null; act: string; origin: string; differs: boolean }>`
    with half as (
      select index, act_id, entry from ledger_entries
      where organisation_id = ${organisationId} and log = ${log} and entry like ${ofSeveral}
      union all select null, act_id, entry from ledger_pending
      where organisation_id = ${organisationId} and entry like ${ofSeveral}
        and not exists (select from ledger_logs where organisation_id = ${organisationId} and log > ${log}))
    select half.index, half.act_id as act, l.origin, h.leaf_hash is not null as differs
    from half cross join lateral string_to_table(
      translate(split_part(split_part(half.entry, '"parties":[', 2), ']', 1), '"', ''), ',') as party
    join ledger_logs l on l.organisation_id::text = party and l.log = 1 and l.organisation_id <> ${organisationId}
    left join ledger_entries h on h.organisation_id = l.organisation_id and h.act_id = half.act_id
    where h.entry is distinct from half.entry
      and not exists (select from ledger_pending p
        where p.organisation_id = l.organisation_id and p.act_id = half.act_id and p.entry = half.entry)
    order by half.index limit 100`.execute(tx);
  return rows;
}
