import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beforeEach, expect, inject, test } from 'vitest';
import { CannotStart } from './cannot-start.ts';
import { migrate } from './migrate.ts';

const all = readdirSync(join(import.meta.dirname, '../../migrations')).sort();

let admin: pg.Client;
let connection: pg.ClientConfig;
let client: pg.Client;

beforeEach(async () => {
  const database = `migrate_${randomBytes(4).toString('hex')}`;
  connection = { ...inject('postgres'), database };
  admin = new pg.Client(inject('postgres'));
  await admin.connect();
  await admin.query(`create database ${database}`);
  client = new pg.Client(connection);
  await client.connect();
  return async () => {
    await client.end();
    await admin.query(`drop database ${database} with (force)`);
    await admin.end();
  };
});

const ran = async () =>
  (await client.query<{ name: string }>('select name from migrations order by at, name')).rows.map(
    ({ name }) => name,
  );
const tables = async () =>
  (
    await client.query<{ name: string }>(`select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'`)
  ).rows.map(({ name }) => name);

test('runs every migration once, in order, also when asked again', async () => {
  await migrate(connection, null);
  expect(await ran()).toEqual(all);
  const before = await client.query('select * from migrations');
  await migrate(connection, null);
  expect((await client.query('select * from migrations')).rows).toEqual(before.rows);
});

test('several at the same moment: one does it, the others wait', async () => {
  await Promise.all([1, 2, 3, 4].map(() => migrate(connection, null)));
  expect(await ran()).toEqual(all);
});

test('killed in the middle of a migration, it leaves what was finished, and goes on from there', async () => {
  // Holds migration 0005 still once its first table is made and its second is not.
  await client.query(`create function hold() returns event_trigger language plpgsql as $$ begin
      if to_regclass('requests') is not null and to_regclass('decisions') is null then
        perform pg_sleep(60);
      end if;
    end $$;
    create event trigger hold on ddl_command_start execute function hold()`);
  const program = `import { migrate } from ${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)};
    await migrate(JSON.parse(process.argv[1]), null);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(connection)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const held = () =>
    client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
    );
  await expect.poll(async () => (await held()).rowCount, { timeout: 20_000 }).toBe(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await client.query('select pg_terminate_backend($1, 5000)', [(await held()).rows[0]?.pid]);

  expect(await ran()).toEqual(all.filter((name) => name < '0005'));
  expect(await tables()).not.toContain('requests');
  await client.query('drop event trigger hold; drop function hold()');
  await migrate(connection, null);
  expect(await ran()).toEqual(all);
  expect(await tables()).toEqual(expect.arrayContaining(['requests', 'decisions', 'releases']));
});

test('a migration that fails leaves nothing of itself', async () => {
  await client.query(`create function refuse() returns event_trigger language plpgsql as $$ begin
      if to_regclass('releases') is not null then raise exception 'the disk is full'; end if;
    end $$;
    create event trigger refuse on ddl_command_start execute function refuse()`);
  await expect(migrate(connection, null)).rejects.toThrow('the disk is full');
  expect(await ran()).toEqual(all.filter((name) => name < '0006'));
  expect(await tables()).not.toContain('releases');
});

test('a migration that ran and has changed since is refused, with its name and what to do', async () => {
  await migrate(connection, null);
  await client.query(`update migrations set sha256 = repeat('0', 64) where name like '0002%'`);
  const refused = migrate(connection, null);
  await expect(refused).rejects.toBeInstanceOf(CannotStart);
  await expect(refused).rejects.toThrow(
    'Migration 0002_ledger.sql ran here before and has changed since. Use the release',
  );
});

test('a database that a later version made is refused, with what to do, and is not touched', async () => {
  await migrate(connection, null);
  await client.query(`insert into migrations (name, sha256) values ('9999_later.sql', repeat('0', 64))`);
  const before = await ran();
  const refused = migrate(connection, null);
  await expect(refused).rejects.toBeInstanceOf(CannotStart);
  await expect(refused).rejects.toThrow(
    'made by a later version of Chirograph (its migration 9999_later.sql',
  );
  expect(await ran()).toEqual(before);
});
