import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Contents, Table } from './rules.ts';

const partSize = 4 * 1024 * 1024;

// The text of a value must not depend on how either server is set up.
const plainText = `
  set local client_encoding to 'UTF8'; set local timezone to 'UTC'; set local datestyle to 'ISO, YMD';
  set local intervalstyle to 'postgres'; set local bytea_output to 'hex'; set local extra_float_digits to 1`;

/** Opens a transaction that reads one moment of the whole database, however long it takes. */
export async function beginSnapshot(client: pg.Client): Promise<void> {
  await client.query('begin isolation level repeatable read read only');
  await client.query(plainText);
}

/** The tables of the database, each after those that its rows refer to, with the columns that are written. */
export async function findTables(client: pg.Client): Promise<Table[]> {
  const { rows: tables } = await client.query<Table & { refers: string[] }>(
    `select c.relname as name,
       (select array_agg(attname::text order by attnum) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
       (select coalesce(array_agg(distinct f.relname::text), '{}') from pg_constraint join pg_class f on f.oid = confrelid
        where conrelid = c.oid and contype = 'f' and confrelid <> c.oid) as refers
     from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  const ordered: Table[] = [];
  while (ordered.length < tables.length) {
    const placed = new Set(ordered.map((table) => table.name));
    const next = tables.filter(
      ({ name, refers }) => !placed.has(name) && refers.every((other) => placed.has(other)),
    );
    if (next.length === 0)
      throw new Error('Tables refer to one another in a circle: none can be filled first');
    ordered.push(...next.map(({ name, columns }) => ({ name, columns })));
  }
  return ordered;
}

/** The rows of a table as PostgreSQL's COPY text, in parts of whole rows; `rows` is right once it has been read. */
export function readTable(client: pg.Client, table: Table): { parts: AsyncIterable<Buffer>; rows(): number } {
  const stream = client.query(copyTo(`copy ${named(client, table)} to stdout`));
  return { parts: wholeRows(stream), rows: () => stream.rowCount };
}

async function* wholeRows(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf('\n') + 1;
    size += chunk.length;
    if (size < partSize || end === 0) {
      held.push(chunk);
      continue;
    }
    yield Buffer.concat([...held, chunk.subarray(0, end)]);
    held = [chunk.subarray(end)];
    size = chunk.length - end;
  }
  if (size > 0) yield Buffer.concat(held);
}

/** Takes rows as `readTable` gave them; `end` answers how many there were. */
export function writeTable(
  client: pg.Client,
  table: Table,
): { write(bytes: Uint8Array): Promise<void>; end(): Promise<number> } {
  const stream = client.query(copyFrom(`copy ${named(client, table)} from stdin`));
  // Heard at once, whoever is waiting for what: a fault of the database must not be an unhandled one.
  const ended = once(stream, 'finish');
  ended.catch(() => {});
  return {
    write: async (bytes) => {
      if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), ended]);
    },
    end: async () => {
      stream.end();
      await ended;
      return stream.rowCount;
    },
  };
}

function named(client: pg.Client, { name, columns }: Table): string {
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ');
  return `public.${client.escapeIdentifier(name)} (${list})`;
}

/** Where each sequence stands. A sequence stands outside transactions: it is where it was at the snapshot, or further. */
export async function findSequences(client: pg.Client): Promise<Contents['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S' order by relname`,
  );
  const sequences: Contents['sequences'] = [];
  for (const { name } of rows) {
    const { rows: at } = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from public.${client.escapeIdentifier(name)}`,
    );
    if (at[0]) sequences.push({ name, ...at[0] });
  }
  return sequences;
}

/**
 * Fills tables that are empty, in one transaction of the caller's that has just made them. The owner's own rows are its
 * to read and write only while row-level security is not forced on it, which is put back before this returns.
 */
export async function fillTables<T>(client: pg.Client, tables: Table[], work: () => Promise<T>): Promise<T> {
  await client.query(plainText);
  const each = async (change: string) => {
    for (const { name } of tables) {
      await client.query(`alter table public.${client.escapeIdentifier(name)} ${change}`);
    }
  };
  await each('no force row level security');
  const answer = await work();
  await client.query('set constraints all immediate');
  await each('force row level security');
  return answer;
}

/** Puts sequences where they stood. */
export async function setSequences(client: pg.Client, sequences: Contents['sequences']): Promise<void> {
  for (const { name, last, called } of sequences) {
    const sequence = `public.${client.escapeIdentifier(name)}`;
    await client.query('select setval($1::regclass, $2::bigint, $3)', [sequence, last, called]);
  }
}
