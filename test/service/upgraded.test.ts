import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { audit } from '../../src/overview/audit.ts';
import { showAudit } from '../../src/overview/audit-words.ts';
import { sealedTables } from '../../src/overview/sealed-tables.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import type { Instance } from '../../src/platform/instance.ts';
import { makeRoles, migrate, replayMigrations } from '../../src/platform/migrate.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { acknowledgeRelease } from '../../src/releases/index.ts';
import { everyState } from '../support/every-state.ts';
import { callerOf } from '../support/example.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { breakIn, changed, columnsOf, forged, whileIntruded } from '../support/intruder.ts';

// A database with something in every state, as the release before entries sealed rows left it, and then upgraded.

const lastBefore = '0009';

let old: TestInstance;
let upgraded: { instance: Instance; superuser: pg.Client; database: Database; name: string };
beforeAll(async () => {
  old = await anInstance('example');
  await sealNothing(old.superuser);
  await everyState(old);
  upgraded = await upgrade(old);
});
afterAll(async () => {
  await upgraded.database.close();
  await upgraded.superuser.end();
  await old.superuser.query(`drop database ${upgraded.name} with (force)`);
  await old.close();
});

const look = () => audit(upgraded.instance, null);
const findings = async () => (await look()).findings.map(({ table, wrong }) => `${table}: ${wrong}`);
const notSealed = async () => (await look()).tables.filter(({ rows, before }) => before === rows);

describe('rows from before entries sealed rows', () => {
  test('are counted, and what cannot be known of them is said', async () => {
    const found = await look();
    expect(found.findings).toEqual([]);
    expect(found.tables.filter(({ rows }) => rows === 0)).toEqual([]);
    expect(found.tables.filter(({ rows, before }) => before < rows)).toEqual([]);
    expect(showAudit(found)).toMatch(
      /All that is sealed agrees\. \d+ rows are not sealed: none is gone and none was added, but whether one was edited before the next act about it seals it cannot be known\./,
    );
  });

  test('bind from the next act about them on, with no false alarm of what was made with them', async () => {
    const { superuser, instance } = upgraded;
    const { rows } = await superuser.query(`select reference from releases where state = 'sent' limit 1`);
    const { reference } = rows[0];
    const commissioner = await callerOf(instance.database, 'westmarch-opcc');
    await acknowledgeRelease(instance, commissioner, reference, null, new Date().toISOString());
    expect(await findings()).toEqual([]);
    expect((await notSealed()).map(({ table }) => table)).not.toContain('releases');
    await superuser.query(`set session_replication_role = replica`);
    const edit = `update releases set purpose = purpose || ' ' where reference = '${reference}'`;
    expect(await whileIntruded(superuser, 'releases', edit, findings)).toEqual([
      expect.stringMatching(/^releases: It is not what it was after release\.collected/),
    ]);
  });
});

describe.each(sealedTables.map((of) => [of.table, of] as const))('an intruder in %s', (table, of) => {
  beforeAll(() => breakIn(upgraded.superuser));
  const within = (sql: string) => whileIntruded(upgraded.superuser, table, sql, findings);
  const first = of.key.map((name) => `"${name}"`).join(', ');
  // The last row: no act has been about it since.
  const aRow = `(${first}) = (select ${first} from ${table} order by ${first} desc limit 1)`;
  const here = (found: string[]) => found.filter((one) => one.startsWith(`${table}: `));

  test('who takes a row from before is found', async () => {
    expect(here(await within(`delete from ${table} where ${aRow}`))).toEqual([
      expect.stringMatching(/: It is not there, /),
    ]);
  });

  test('who adds one is found', async () => {
    const columns = await columnsOf(upgraded.superuser, table);
    const found = here(await within(forged(table, columns, of.key.at(-1) ?? '')));
    expect(found).toContain(`${table}: The ledger says nothing of it.`);
  });

  test('who edits one is not: nothing says what it was', async () => {
    const moment = (await columnsOf(upgraded.superuser, table)).find(
      ({ name, type }) =>
        of.columns.includes(name) && !of.key.includes(name) && type === 'timestamp with time zone',
    );
    if (!moment) return; // workings and logs have no such column
    expect(await within(`update ${table} set "${moment.name}" = ${changed(moment)} where ${aRow}`)).toEqual(
      [],
    );
  });
});

/** Has entries say nothing of rows, as they did not then: what is signed is without seals. */
async function sealNothing(superuser: pg.Client): Promise<void> {
  await superuser.query(`
    create function without_seals() returns trigger language plpgsql as $$ begin
      new.entry := regexp_replace(new.entry, '"(ownSeals|seals)":\\[[^]]*\\],?', '', 'g');
      new.entry := replace(new.entry, ',}', '}');
      return new;
    end $$;
    create trigger without_seals before insert on ledger_pending for each row execute function without_seals()`);
}

/** The same rows in a database of that release, upgraded: with the keys and files of the one they come from. */
async function upgrade({ instance, superuser: source }: TestInstance) {
  const database = `upgraded_${randomBytes(4).toString('hex')}`;
  const connection = { ...inject('postgres'), database };
  await source.query(`create database ${database}`);
  const superuser = new pg.Client(connection);
  await superuser.connect();
  const folder = join(import.meta.dirname, '../../migrations');
  const ran = readdirSync(folder)
    .filter((name) => name < `${lastBefore}z` && name.endsWith('.sql'))
    .sort();
  await makeRoles(superuser, null);
  await superuser.query('begin; set local role chirograph_owner');
  await replayMigrations(
    superuser,
    ran.map((name) => ({ name, sha256: '' })),
  );
  await superuser.query('commit');
  for (const name of ran) {
    const values = [name, sha256Hex(readFileSync(join(folder, name), 'utf8'))];
    await superuser.query('insert into migrations (name, sha256) values ($1, $2)', values);
  }
  await superuser.query('set session_replication_role = replica');
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  for (const { name } of tables.filter((table) => table.name !== 'migrations')) {
    const columns = (await columnsOf(superuser, name)).map((column) => `"${column.name}"`).join(', ');
    const { rows } = await source.query(`select jsonb_agg(to_jsonb(row_data)) as held from ${name} row_data`);
    await superuser.query(
      `insert into ${name} (${columns}) overriding system value
       select ${columns} from jsonb_populate_recordset(null::${name}, $1)`,
      [JSON.stringify(rows[0].held ?? [])],
    );
  }
  await superuser.query('reset session_replication_role');
  await migrate(connection, null);
  const opened = openDatabase({
    app: { ...connection, user: 'chirograph_app' },
    worker: { ...connection, user: 'chirograph_worker' },
  });
  return { instance: { ...instance, database: opened }, superuser, database: opened, name: database };
}
