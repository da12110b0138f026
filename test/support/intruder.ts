import type pg from 'pg';

// A superuser of the database: triggers, policies and foreign keys do not hold them, and they put away the checks as well.

type Column = { name: string; type: string };

/** Makes every table open to whatever an intruder writes. */
export async function breakIn(superuser: pg.Client): Promise<void> {
  await superuser.query(`set session_replication_role = replica`);
  const { rows } = await superuser.query<{ put: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as put from pg_constraint
       where contype in ('c', 'f', 'u') and connamespace = 'public'::regnamespace and conrelid <> 0
       order by contype <> 'f'`,
  );
  for (const { put } of rows) await superuser.query(put);
  const indexes = await superuser.query<{ put: string }>(
    `select format('drop index %s', indexrelid::regclass) as put from pg_index
       join pg_class on pg_class.oid = indrelid
       where indisunique and not indisprimary and relnamespace = 'public'::regnamespace`,
  );
  for (const { put } of indexes.rows) await superuser.query(put);
}

/** Does something to a table by a statement, looks, and puts the rows of it that `within` names back as they were. */
export async function whileIntruded<T>(
  superuser: pg.Client,
  table: string,
  sql: string,
  look: () => Promise<T>,
  within = 'true',
): Promise<T> {
  const columns = (await columnsOf(superuser, table)).map(({ name }) => `"${name}"`).join(', ');
  await superuser.query(`create temp table kept as select ${columns} from ${table} where ${within}`);
  const { rowCount } = await superuser.query(sql);
  if (rowCount === 0) throw new Error(`Nothing was done by: ${sql}`);
  try {
    return await look();
  } finally {
    await superuser.query(`delete from ${table} where ${within}`);
    await superuser.query(
      `insert into ${table} (${columns}) overriding system value select ${columns} from kept`,
    );
    await superuser.query('drop table kept');
  }
}

/** The columns of a table that can be written to. */
export async function columnsOf(superuser: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await superuser.query<Column>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  return rows;
}

/** A change to a value that is as small as its type allows: a letter, a bit, a microsecond. */
export function changed({ name, type }: Column): string {
  const other: Record<string, string> = {
    text: `coalesce("${name}", '') || ' '`,
    uuid: 'gen_random_uuid()',
    integer: `"${name}" + 1`,
    bigint: `coalesce("${name}", -1) + 1`,
    smallint: `"${name}" + 1`,
    boolean: `not "${name}"`,
    date: `coalesce("${name}", '2026-01-01') + 1`,
    'timestamp with time zone': `coalesce("${name}", '2026-01-01Z') + interval '1 microsecond'`,
    jsonb: `jsonb_build_array("${name}")`,
    bytea: `coalesce(set_byte("${name}", 0, get_byte("${name}", 0) # 1), '\\x00')`,
    'uuid[]': `"${name}" || gen_random_uuid()`,
  };
  const value = other[type];
  if (value === undefined) throw new Error(`No change is known for a ${type}`);
  return value;
}

/** Exchanges what two rows hold in every column but those of their key: each then says what the other said. */
export function swapped(table: string, columns: readonly Column[], key: readonly string[]): string {
  const rest = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => name);
  const row = (of: string) => `row(${key.map((name) => `${of}."${name}"`).join(', ')})`;
  return `with two as (select * from ${table} order by ${key.map((name) => `"${name}"`).join(', ')} limit 2)
    update ${table} one set ${rest.map((name) => `"${name}" = other."${name}"`).join(', ')} from two this, two other
    where ${row('one')} = ${row('this')} and ${row('this')} <> ${row('other')}`;
}

/** Adds a copy of a row under another key. */
export function forged(table: string, columns: readonly Column[], key: string): string {
  const values = columns.map(({ name, type }) => (name === key ? changed({ name, type }) : `"${name}"`));
  return `insert into ${table} (${columns.map(({ name }) => `"${name}"`).join(', ')}) overriding system value
    select ${values.join(', ')} from ${table} limit 1`;
}
