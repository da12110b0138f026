import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { KeyUsedForAnother, once } from './once.ts';
import { newId } from './pure/ids.ts';

const name = `once_${randomBytes(4).toString('hex')}`;
const police = { organisationId: newId(), personId: null };
const commissioner = { organisationId: newId(), personId: null };

let admin: pg.Client;
let database: Database;

beforeAll(async () => {
  const connection = { ...inject('postgres'), database: name };
  admin = new pg.Client(inject('postgres'));
  await admin.connect();
  await admin.query(`create database ${name}`);
  await migrate(connection, null);
  database = openDatabase({
    app: { ...connection, user: 'chirograph_app' },
    worker: { ...connection, user: 'chirograph_worker' },
  });
});
afterAll(async () => {
  await database.close();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});

/** An act with a row to count it by, and an answer of its own. */
function act(key: string | null, action = 'thing.do', by = police, fails = false) {
  return database.write(by, (tx) =>
    once(tx, key, action, async () => {
      const id = newId();
      await sql`insert into ledger_salts (act_id, organisation_id, person_id, salt)
        values (${id}, me(), ${id}, ${randomBytes(32)})`.execute(tx);
      if (fails) throw new Error('something went wrong');
      return { id, words: ['done', null, 1.5, { ok: true }] };
    }),
  );
}

async function acts(by = police): Promise<number> {
  const { rows } = await database.read(by, (db) =>
    sql<{ count: number }>`select count(*) from ledger_salts`.execute(db),
  );
  return rows[0]?.count ?? 0;
}

const newKey = () => randomBytes(16).toString('hex');

test('the same key has the same answer for ever, and is done once', async () => {
  const key = newKey();
  const before = await acts();
  const first = await act(key);
  expect(await act(key)).toEqual(first);
  expect(await act(key)).toEqual(first);
  expect(await acts()).toBe(before + 1);
});

test('of twenty who send one key at once, one does it and all have its answer', async () => {
  const key = newKey();
  const before = await acts();
  const answers = await Promise.all(Array.from({ length: 20 }, () => act(key)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(await acts()).toBe(before + 1);
});

test('a key sent again for something else is a fault, and nothing is done', async () => {
  const key = newKey();
  await act(key);
  const before = await acts();
  await expect(act(key, 'thing.undo')).rejects.toBeInstanceOf(KeyUsedForAnother);
  expect(await acts()).toBe(before);
});

test('what failed was not done, and its key is as new', async () => {
  const key = newKey();
  const before = await acts();
  await expect(act(key, 'thing.do', police, true)).rejects.toThrow('something went wrong');
  expect(await acts()).toBe(before);
  await act(key, 'thing.undo');
  expect(await acts()).toBe(before + 1);
});

test('who waits for a sender that fails does it themselves', async () => {
  const key = newKey();
  const before = await acts();
  const answers = await Promise.allSettled([
    act(key, 'thing.do', police, true),
    ...Array.from({ length: 5 }, () => act(key)),
  ]);
  const done = answers.filter((answer) => answer.status === 'fulfilled');
  expect(done.length).toBeGreaterThanOrEqual(5);
  expect(await acts()).toBe(before + 1);
});

test('a key is its organisation’s own: another may use the same, and does not see the answer', async () => {
  const key = newKey();
  const { id } = await act(key);
  expect((await act(key, 'thing.do', commissioner)).id).not.toBe(id);
  expect((await act(key)).id).toBe(id);
});

test('without a key each time is a new one', async () => {
  const before = await acts();
  expect((await act(null)).id).not.toBe((await act(null)).id);
  expect(await acts()).toBe(before + 2);
});
