import type pg from 'pg';

/** Adds rows to a table, a thousand a statement. A row names its columns; what it leaves out has its default. */
export async function insertAll(
  database: pg.Client,
  table: string,
  rows: Iterable<Record<string, unknown>>,
): Promise<void> {
  let batch: Record<string, unknown>[] = [];
  const flush = async () => {
    const [first] = batch;
    if (!first) return;
    const columns = Object.keys(first).join(', ');
    await database.query(
      `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(batch)],
    );
    batch = [];
  };
  for (const row of rows) {
    batch.push(row);
    if (batch.length === 1000) await flush();
  }
  await flush();
}

/** Bytes as a column takes them in JSON. */
export function hexOf(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}
