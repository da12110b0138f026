import { sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import type { Entry } from './entry.ts';

/**
 * A table whose rows the ledger commits to: each act that adds or changes a row says what the row is afterwards, so the
 * last act about a row fixes every sealed column of it. `name` is what entries call a row of it; `key` finds one.
 */
export type SealedTable = {
  name: string;
  table: string;
  key: readonly string[];
  /** The columns that are sealed, the key among them. */
  columns: readonly string[];
  /** The columns that are not, each with the reason. */
  open: Readonly<Record<string, string>>;
  /** The column that people call a row by, where there is one. */
  reference?: string;
  /**
   * How a row from before entries sealed rows is known: what the entry of the act that made it calls it (no two rows the
   * same), and the columns that say that; or the table whose row, of the same key, was then made with it.
   */
  before: { names(entry: Entry): readonly string[]; columns: readonly string[] } | { with: SealedTable };
};

/** A row of a sealed table, by its key. */
export type SealedRow = { of: SealedTable; key: readonly string[] };

/** A sealed row as it lies in the database: each column as PostgreSQL writes it, null where it is null. */
export type RowText = Record<string, string | null>;

/** The commitment to a row: SHA-256, in lower-case hex, over the canonical JSON of its sealed columns as text. */
export function hashRow({ name, columns }: SealedTable, row: RowText): string {
  const sealed = Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
  return sha256Hex(canonicalJson({ [name]: sealed }));
}

/** What an entry says of a row: `request/<its id>/<its commitment>`. */
function formatSeal({ of, key }: SealedRow, hash: string): string {
  return [of.name, ...key, hash].join('/');
}

/** Takes a seal apart: `row` names the table and the key. Null for what is not one. */
export function parseSeal(seal: string): { row: string; hash: string } | null {
  const at = seal.lastIndexOf('/');
  const hash = seal.slice(at + 1);
  return at > 0 && /^[0-9a-f]{64}$/.test(hash) ? { row: seal.slice(0, at), hash } : null;
}

/**
 * The columns of a sealed table, as text that depends on no setting of the database: `database.ts` fixes how times, dates
 * and bytes are written in each transaction.
 */
export function columnsAsText({ columns }: SealedTable) {
  return sql.join(columns.map((column) => sql`${sql.ref(column)}::text as ${sql.ref(column)}`));
}

/**
 * The seals of rows as they are now, for the entry of the act that made them so. `own` are those that not every party of
 * the act may see: they bind whoever did it, and nobody else is expected to hold the row. Throws where a row is not there.
 */
export async function sealRows(
  db: Db,
  rows: readonly SealedRow[],
  parties: readonly string[],
): Promise<{ shared: string[]; own: string[] }> {
  const seals = { shared: [] as string[], own: [] as string[] };
  for (const row of rows) {
    const { of, key } = row;
    const where = of.key.map((column, at) => sql`${sql.ref(column)} = ${key[at]}`);
    const { rows: found } = await sql<RowText & { for_all: boolean }>`
      select ${columnsAsText(of)}, parties @> ${[...parties]}::uuid[] as for_all
      from ${sql.table(of.table)} where ${sql.join(where, sql` and `)}`.execute(db);
    const [held] = found;
    if (!held) throw new Error(`There is no row ${[of.name, ...key].join('/')} to seal`);
    (held.for_all ? seals.shared : seals.own).push(formatSeal(row, hashRow(of, held)));
  }
  return seals;
}
