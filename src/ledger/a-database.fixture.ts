import { randomBytes } from 'node:crypto';
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
  const sealer = sealerOf(randomBytes(32));
  return {
    database,
    sealer,
    /** A connection that row-level security does not hold: to look, and to do what an intruder would. */
    superuser: owner,
    anOrganisation: (slug: string) => anOrganisation(database, sealer, slug),
    aThing: async (...parties: string[]) => {
      const id = newId();
      await owner.query('insert into things values ($1, $2)', [id, parties]);
      return { id, type: 'thing' };
    },
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
    },
  };
}
export type LedgerDatabase = Awaited<ReturnType<typeof aLedgerDatabase>>;

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
