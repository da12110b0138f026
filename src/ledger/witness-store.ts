import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { mostCosignatures } from './checkpoint.ts';
import { type Cosignature, formatCosignature, readCosignature } from './cosignature.ts';
import { readLines } from './note.ts';
import type { LogId } from './store.ts';
import type { State } from './trouble.ts';

/** How a witness last answered for a log. `down`: not at all; `refused`: it does not take the log; `disagrees`: it saw another history. */
export type WitnessAnswer = 'cosigned' | 'down' | 'refused' | 'disagrees';

/** The sealed key that an organisation cosigns with; null before the first time. For the worker. */
export async function findWitnessKey(
  tx: Tx,
  organisationId: string,
): Promise<{ vkey: string; sealedKey: Buffer } | null> {
  const { rows } = await sql<{ vkey: string; sealed_key: Buffer }>`select vkey, sealed_key
    from ledger_witness_keys where organisation_id = ${organisationId}`.execute(tx);
  return rows[0] ? { vkey: rows[0].vkey, sealedKey: rows[0].sealed_key } : null;
}

/** Keeps a new key to cosign with. */
export async function insertWitnessKey(
  tx: Tx,
  organisationId: string,
  { vkey, sealedKey }: { vkey: string; sealedKey: Buffer },
): Promise<void> {
  await sql`insert into ledger_witness_keys (organisation_id, vkey, sealed_key)
    values (${organisationId}, ${vkey}, ${sealedKey})`.execute(tx);
}

/** Waits until this transaction is the only one that cosigns as this organisation. */
export async function lockWitness(tx: Tx, organisationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('witness/' || ${organisationId}, 0))`.execute(tx);
}

/** Each organisation with each partner whose last checkpoint it has not cosigned yet. For the worker. */
export async function findUnwitnessed(tx: Tx): Promise<{ witnessId: string; organisationId: string }[]> {
  const { rows } = await sql<{ witness: string; organisation: string }>`
    with last as (
      select distinct on (organisation_id) organisation_id, log,
        (select max(size) from ledger_checkpoints c where c.organisation_id = l.organisation_id and c.log = l.log) as size
      from ledger_logs l order by organisation_id, log desc)
    select p.organisation_id as witness, p.partner_id as organisation
    from ledger_partners p
    join ledger_logs own on own.organisation_id = p.organisation_id and own.log = 1
    join last on last.organisation_id = p.partner_id and last.size is not null
    left join ledger_witness_keys k on k.organisation_id = p.organisation_id
    where not exists (select from ledger_cosignatures s where s.organisation_id = last.organisation_id
      and s.log = last.log and s.size = last.size and s.vkey = k.vkey)
    order by 1, 2`.execute(tx);
  return rows.map((row) => ({ witnessId: row.witness, organisationId: row.organisation }));
}

/** What an organisation's witness cosigned last of a log; null where it never did. For the worker. */
export async function findSeen(tx: Tx, witnessId: string, origin: string): Promise<State | null> {
  const { rows } = await sql<State>`select size, root from ledger_seen
    where organisation_id = ${witnessId} and origin = ${origin}`.execute(tx);
  return rows[0] ?? null;
}

/** Remembers what an organisation's witness cosigned last of a log. */
export async function saveSeen(
  tx: Tx,
  witnessId: string,
  origin: string,
  { size, root }: State,
): Promise<void> {
  await sql`insert into ledger_seen (organisation_id, origin, size, root)
    values (${witnessId}, ${origin}, ${size}, ${root})
    on conflict (organisation_id, origin) do update set size = excluded.size, root = excluded.root`.execute(
    tx,
  );
}

/** Keeps a cosignature of a log's checkpoint of that size; one that is there already stays. */
export async function saveCosignature(
  tx: Tx,
  { organisationId, log }: LogId,
  size: number,
  vkey: string,
  cosignature: Cosignature,
): Promise<void> {
  await sql`insert into ledger_cosignatures (organisation_id, log, size, vkey, line, signed_at)
    values (${organisationId}, ${log}, ${size}, ${vkey}, ${formatCosignature(cosignature)},
      to_timestamp(${cosignature.at}))
    on conflict do nothing`.execute(tx);
}

/** The cosignatures of a log's checkpoint of that size, with the keys that they are by: as many as a checkpoint may have. */
export async function findCosignatures(
  db: Db,
  { organisationId, log }: LogId,
  size: number,
): Promise<{ vkey: string; cosignature: Cosignature }[]> {
  const { rows } = await sql<{ vkey: string; line: string }>`select vkey, line from ledger_cosignatures
    where organisation_id = ${organisationId} and log = ${log} and size = ${size}
    order by vkey limit ${mostCosignatures}`.execute(db);
  return rows.map(({ vkey, line }) => {
    const [read] = readLines(line) ?? [];
    const cosignature = read && readCosignature(read);
    if (!cosignature) throw new Error('A cosignature is kept that is none');
    return { vkey, cosignature };
  });
}

/** Remembers how a witness answered for a log. Without a size, the one it last cosigned stays. */
export async function saveAnswer(
  tx: Tx,
  { organisationId, log }: LogId,
  vkey: string,
  answer: WitnessAnswer,
  size: number | null,
): Promise<void> {
  await sql`insert into ledger_witnesses (organisation_id, log, vkey, size, answer)
    values (${organisationId}, ${log}, ${vkey}, ${size}, ${answer})
    on conflict (organisation_id, log, vkey) do update set size = coalesce(excluded.size, ledger_witnesses.size),
      answer = excluded.answer, answered_at = clock_timestamp()`.execute(tx);
}

/** How a witness of a log last answered; null before the first time. For the worker. */
export async function findAnswer(
  tx: Tx,
  { organisationId, log }: LogId,
  vkey: string,
): Promise<{ size: number | null; answer: WitnessAnswer } | null> {
  const { rows } = await sql<{ size: number | null; answer: WitnessAnswer }>`select size, answer
    from ledger_witnesses where organisation_id = ${organisationId} and log = ${log} and vkey = ${vkey}`.execute(
    tx,
  );
  return rows[0] ?? null;
}

/** A witness of a log as people see it: its key, how many entries it has cosigned (null: none yet), its last answer. */
export type WitnessShown = { vkey: string; size: number | null; answer: WitnessAnswer; answeredAt: Instant };

/** Who has witnessed a log, and how each last answered. */
export async function findWitnesses(db: Db, { organisationId, log }: LogId): Promise<WitnessShown[]> {
  const { rows } =
    await sql<WitnessShown>`select vkey, size, answer, answered_at as "answeredAt" from ledger_witnesses
    where organisation_id = ${organisationId} and log = ${log} order by vkey`.execute(db);
  return rows;
}
