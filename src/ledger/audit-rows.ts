import { sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { type Finding, todo } from './finding.ts';
import type { Said, SaidOfRows } from './read-seals.ts';
import { columnsAsText, hashRow, type RowText, type SealedTable } from './sealed-rows.ts';

/** What the audit of one sealed table looked at and found. `before` are rows that no entry commits to: from before entries did. */
export type AuditedTable = { table: string; rows: number; before: number; findings: Finding[] };

const batch = 500;

/**
 * Compares each row of the sealed tables that the transaction's organisation may see with the last that its log says of it,
 * and looks for the rows that the log speaks of and that are not there.
 */
export async function auditRows(
  db: Db,
  organisationId: string,
  tables: readonly SealedTable[],
  said: SaidOfRows,
): Promise<AuditedTable[]> {
  const audited: AuditedTable[] = [];
  const seen = new Set<string>();
  // By the name of each row that is from before entries sealed rows, sealed since or not: what made it.
  const fromBefore = new Map<string, Said>();
  const taken = new Set<string>();
  for (const of of tables) {
    const found: AuditedTable = { table: of.table, rows: 0, before: 0, findings: [] };
    for await (const row of rowsOf(db, of)) {
      found.rows += 1;
      const key = of.key.map((column) => row[column]).join('/');
      const name = `${of.name}/${key}`;
      seen.add(name);
      const sealed = said.sealed.get(name);
      const named = nameBefore(of, key, row);
      const made = said.before.get(named) ?? fromBefore.get(named);
      if (made) {
        seen.add(named);
        fromBefore.set(name, made);
      }
      const label = labelOf(of, key, of.reference === undefined ? null : (row[of.reference] ?? null));
      const about = (wrong: string, what: string) => ({ table: of.table, row: label, wrong, todo: what });
      if (sealed && sealed.hash !== hashRow(of, row)) {
        found.findings.push(about(`It is not what it was after ${actOf(sealed)}.`, todo.changed));
      } else if (!sealed && made && !taken.has(named)) {
        found.before += 1;
        taken.add(named); // what an entry says once is of one row
      } else if (!sealed) {
        found.findings.push(about('The ledger says nothing of it.', todo.forged));
      }
    }
    // Of a row from before only whoever made it is sure to see it.
    const before = [...madeWith(of, fromBefore), ...said.before].filter(
      ([, { by }]) => by === organisationId,
    );
    for (const [name, last] of [...said.sealed, ...before]) {
      if (!name.startsWith(`${of.name}/`) || seen.has(name)) continue;
      const row = labelOf(of, name.slice(of.name.length + 1), last.reference);
      const wrong = `It is not there, or not for those it was for. The ledger speaks of it: ${actOf(last)}.`;
      found.findings.push({ table: of.table, row, wrong, todo: todo.gone });
    }
    audited.push(found);
  }
  return audited;
}

// What an entry from before calls a row, or the row that it was made with.
function nameBefore({ name, before }: SealedTable, key: string, row: RowText): string {
  if ('with' in before) return `${before.with.name}/${key}`;
  return `${name}/${before.columns.map((column) => row[column]).join('/')}`;
}

/** The rows of a table that were made with those of another, by name. */
function madeWith({ name, before }: SealedTable, fromBefore: ReadonlyMap<string, Said>): [string, Said][] {
  if (!('with' in before)) return [];
  const other = `${before.with.name}/`;
  const made = [...fromBefore].filter(([one]) => one.startsWith(other));
  return made.map(([one, said]) => [`${name}/${one.slice(other.length)}`, said]);
}

const labelOf = (of: SealedTable, key: string, reference: string | null) =>
  reference === null ? `${of.name} ${key}` : `${reference} (${of.name} ${key})`;

const actOf = ({ act, at }: Said) => `${act} on ${showInstant(at)}`;

// All rows of a table that the organisation sees, a few at a time: a release carries its manifest.
async function* rowsOf(db: Db, of: SealedTable): AsyncGenerator<RowText> {
  const cursor = sql.ref(`rows_of_${of.table}`);
  await sql`declare ${cursor} no scroll cursor for
    select ${columnsAsText(of)} from ${sql.table(of.table)}`.execute(db);
  for (let read = batch; read === batch; ) {
    const { rows } = await sql<RowText>`fetch ${sql.lit(batch)} from ${cursor}`.execute(db);
    yield* rows;
    read = rows.length;
  }
  await sql`close ${cursor}`.execute(db);
}
