import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type Actor, type Database, openDatabase } from '../platform/database.ts';
import { migrate } from '../platform/migrate.ts';
import { newId } from '../platform/pure/ids.ts';
import { sealerOf } from '../platform/seal.ts';
import { type Act, appendToLedger } from './append.ts';
import { createLog } from './create-log.ts';

/** A database with nothing but organisations' logs in it, where a test says who the parties of a thing are. */
export async function aLedgerDatabase() {
  const name = `ledger_${randomBytes(4).toString('hex')}`;
  const superuser = inject('postgres');
  const admin = new pg.Client(superuser);
  await admin.connect();
  await admin.query(`create database ${name}`);
  await migrate({ ...superuser, database: name }, null);
  const owner = new pg.Client({ ...superuser, database: name });
  await owner.connect();
  await owner.query(`
    create table things (id uuid primary key, parties uuid[] not null);
    grant select on things to chirograph_owner;
    create or replace function act_parties(subject_type text, subject_id uuid) returns uuid[] language sql stable
      as $$ select parties from things where id = subject_id and subject_type = 'thing' $$;
    alter function act_parties(text, uuid) owner to chirograph_owner`);
  const database = openDatabase({
    app: { ...superuser, database: name, user: 'chirograph_app' },
    worker: { ...superuser, database: name, user: 'chirograph_worker' },
  });
  const masterKey = randomBytes(32);
  const sealer = sealerOf(masterKey);
  const checkpoints = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  return {
    database,
    instance: { database, sealer, folders: { checkpoints } },
    masterKey,
    /** A connection that row-level security does not hold: to look, and to do what an intruder would. */
    superuser: owner,
    anOrganisation: (slug: string) => anOrganisation(database, sealer, slug),
    aThing: async (...parties: string[]) => {
      const id = newId();
      await owner.query('insert into things values ($1, $2)', [id, parties]);
      return { id, type: 'thing' };
    },
    /** A copy of all the ledger's tables as they are now; call it to put them back, as an old backup would. */
    backup: () => backupOf(owner),
    /** Ends the workers' connections and lets nobody connect, until told otherwise. */
    goAway: async () => {
      await admin.query(`alter database ${name} with allow_connections false`);
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'chirograph_worker' and datname = '${name}'`);
    },
    comeBack: () => admin.query(`alter database ${name} with allow_connections true`),
    close: async () => {
      await database.close();
      await owner.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
      await rm(checkpoints, { recursive: true, force: true });
    },
  };
}
export type LedgerDatabase = Awaited<ReturnType<typeof aLedgerDatabase>>;

async function backupOf(superuser: pg.Client): Promise<() => Promise<void>> {
  const saved = `saved_${randomBytes(4).toString('hex')}`;
  const { rows: tables } = await superuser.query<{ name: string; columns: string }>(
    `select table_name as name, string_agg(quote_ident(column_name), ', ') as columns
     from information_schema.columns where table_schema = 'public' and table_name like 'ledger\\_%' and is_generated = 'NEVER'
     group by 1`,
  );
  await superuser.query(`create schema ${saved}`);
  for (const { name, columns } of tables)
    await superuser.query(`create table ${saved}.${name} as select ${columns} from public.${name}`);
  return async () => {
    await superuser.query(`begin; set local session_replication_role = replica`);
    for (const { name, columns } of tables) {
      await superuser.query(`delete from public.${name}`);
      await superuser.query(
        `insert into public.${name} (${columns}) overriding system value select ${columns} from ${saved}.${name}`,
      );
    }
    await superuser.query('commit');
  };
}

async function anOrganisation(database: Database, sealer: ReturnType<typeof sealerOf>, slug: string) {
  const id = newId();
  const actor: Actor = { organisationId: id, personId: null };
  const { vkey, origin } = await database.write(actor, (tx) => createLog(tx, id, slug, sealer));
  return { id, actor, vkey, origin };
}
export type TestOrganisation = Awaited<ReturnType<typeof anOrganisation>>;

/** Records an act by an organisation about a thing, and returns the act's id. */
export function record(
  database: Database,
  by: TestOrganisation,
  subject: Act['subject'],
  parties: TestOrganisation[],
  personId: string | null = null,
): Promise<string> {
  return database.write(by.actor, (tx) =>
    appendToLedger(tx, {
      act: 'thing.done',
      at: '2026-11-22T10:00:00.000Z',
      by: by.id,
      subject,
      parties: parties.map((party) => party.id),
      personId,
      detail: { hash: 'ab'.repeat(32) },
    }),
  );
}
