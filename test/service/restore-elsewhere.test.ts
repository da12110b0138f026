import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Keys, keysIn } from '../../src/backup/keys.ts';
import { makeBackup } from '../../src/backup/make-backup.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { createExample } from '../../src/main/example.ts';
import { withClient } from '../../src/platform/postgres/connection.ts';
import { type Postgres, startPostgres } from '../../src/platform/postgres.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { aBackupPlace, catalogueOf, opened, sumsOf } from '../support/backups.ts';
import { done } from '../support/example.ts';
import { faultsOf } from '../support/wall.ts';

// From an instance with a PostgreSQL of its own to one on somebody's PostgreSQL, as an ordinary role that owns a database,
// and back again.

const now = () => instantOf(new Date());
let place: Awaited<ReturnType<typeof aBackupPlace>>;
let postgres: Postgres;
let keys: Keys;
let sums: Record<string, string>;

const live = { CHIROGRAPH_MODE: 'live' };
const onTheirs = (database: string) => ({
  DATABASE_URL: `postgres://keeper@/${database}?host=${postgres.connection('keeper' as never, database).host}`,
});

beforeAll(async () => {
  place = await aBackupPlace();
  await opened(place.configOf('own', live), async (instance) => {
    await createExample(instance);
    sums = await sumsOf(instance);
    done(await makeBackup(instance, place.at('backup'), [place.recipient], now()));
  });
  const found = await keysIn(place.at('own'));
  if (!found) throw new Error('The instance has no keys');
  keys = found;
  postgres = await startPostgres({ dataFolder: place.at('theirs'), lifetime: 'command' });
  await withClient(postgres.connection('postgres', 'postgres'), async (client) => {
    await client.query('create role keeper login createrole');
    for (const name of ['shared', 'fresh']) await client.query(`create database ${name} owner keeper`);
  });
});
afterAll(async () => {
  await postgres.stop();
  place.close();
});

const restoring = (name: string, env: Record<string, string>, file = 'backup') =>
  restoreBackup(place.configOf(name, env), keys, place.at(file), [place.identity], now());

test('onto a PostgreSQL of the user’s, by a role that is no superuser: the same rows, the same guards', async () => {
  expect(await restoring('there', onTheirs('shared'))).toMatchObject({ ok: true, troubles: [] });
  expect(existsSync(place.at('there/postgres'))).toBe(false);
  await opened(place.configOf('there', onTheirs('shared')), async (instance) => {
    expect(instance.mode).toBe('live');
    expect(await sumsOf(instance)).toEqual(sums);
    expect(await instance.asOwner(({ client }) => faultsOf(client))).toEqual([]);
    const guards = await instance.asOwner(({ client }) => catalogueOf(client));
    await opened(place.configOf('there-fresh', onTheirs('fresh')), async (fresh) => {
      expect(guards).toEqual(await fresh.asOwner(({ client }) => catalogueOf(client)));
    });
    done(await makeBackup(instance, place.at('from-there'), [place.recipient], now()));
  });
});

test('never into a database with anything in it', async () => {
  const answer = await restoring('other', onTheirs('shared'));
  expect(answer).toMatchObject({ ok: false, kind: 'conflict', code: 'restore.not-empty' });
  expect(existsSync(place.at('other/restoring'))).toBe(false);
  await withClient(postgres.connection('postgres', 'postgres'), (client) =>
    client.query('create database theirs'),
  );
  await withClient(postgres.connection('postgres', 'theirs'), (client) =>
    client.query('create table something ()'),
  );
  expect(await restoring('other', onTheirs('theirs'))).toMatchObject({ code: 'restore.not-empty' });
});

test('and back to a PostgreSQL of its own', async () => {
  expect(await restoring('back', live, 'from-there')).toMatchObject({ ok: true, troubles: [] });
  await opened(place.configOf('back', live), async (instance) => {
    expect(await sumsOf(instance)).toEqual(sums);
  });
});
