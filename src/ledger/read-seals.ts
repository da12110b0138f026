import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Entry } from './entry.ts';
import { parseSeal, type SealedTable } from './sealed-rows.ts';
import { findLogs } from './store.ts';

/** The last that a log says of a row: its commitment, by which entry, and what people call the row. */
export type Said = { hash: string; act: string; at: string; by: string; reference: string | null };

/** What a log says of rows: the last of each by its name (`request/<id>`), and those made before entries sealed rows. */
export type SaidOfRows = { sealed: Map<string, Said>; before: Map<string, Said> };

const batch = 16_384;

/**
 * Reads what an organisation's logs, the first of them first, and what waits to be in one, say of rows. Entries are in the order of the acts: whoever
 * changes a row holds it until the entry is there. For the worker.
 */
export async function readSeals(
  tx: Tx,
  organisationId: string,
  tables: readonly SealedTable[],
): Promise<SaidOfRows> {
  const said: SaidOfRows = { sealed: new Map(), before: new Map() };
  for (const { log } of (await findLogs(tx, organisationId)).reverse()) {
    for (let from = 0, read = batch; read > 0; from += batch) {
      const { rows } = await sql<{ entry: string }>`select entry from ledger_entries
        where organisation_id = ${organisationId} and log = ${log}
          and index >= ${from} and index < ${from + batch} order by index`.execute(tx);
      read = rows.length;
      for (const { entry } of rows) readEntry(said, organisationId, tables, entry);
    }
  }
  const { rows } = await sql<{ entry: string }>`select entry from ledger_pending
    where organisation_id = ${organisationId} order by place`.execute(tx);
  for (const { entry } of rows) readEntry(said, organisationId, tables, entry);
  return said;
}

function readEntry(
  said: SaidOfRows,
  organisationId: string,
  tables: readonly SealedTable[],
  text: string,
): void {
  const entry = parsed(text);
  if (!entry) return;
  const { detail } = entry;
  const reference = typeof detail['reference'] === 'string' ? detail['reference'] : null;
  const here = { act: entry.act, at: entry.at, by: entry.by, reference };
  const seals = [
    ...listOf(detail['seals']),
    ...(entry.by === organisationId ? listOf(detail['ownSeals']) : []),
  ];
  for (const { row, hash } of seals.flatMap((seal) => parseSeal(seal) ?? []))
    said.sealed.set(row, { ...here, hash });
  if (detail['seals'] !== undefined || detail['ownSeals'] !== undefined) return;
  for (const { name, before } of tables) {
    const names = 'names' in before ? before.names(entry) : [];
    for (const named of names) said.before.set(`${name}/${named}`, { ...here, hash: '' });
  }
}

// That it is an entry was checked when it was taken in, and that it is still the same one is for `auditLog` to say.
function parsed(text: string): Entry | null {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return null;
  }
}

function listOf(value: Entry['detail'][string] | undefined): string[] {
  return Array.isArray(value) ? value : [];
}
