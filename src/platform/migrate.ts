import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { step } from '../steps.ts';
import { CannotStart } from './cannot-start.ts';
import { withClient } from './postgres/connection.ts';
import { sha256Hex } from './pure/hash.ts';

const folder = join(import.meta.dirname, '../../migrations');

/** A role that signs in, and the password it gets (none where the socket's folder is the lock). */
export type RolePasswords = { app: string; worker: string } | null;

/**
 * Makes the three roles and brings the schema up to date, each migration in a transaction of its own. The
 * connection is an administrator's. Safe to run from several processes at once, and again after being
 * interrupted. Throws `CannotStart` where a migration that ran before was changed since, or is not known here: a later
 * version made the database.
 */
export async function migrate(administrator: pg.ClientConfig, passwords: RolePasswords): Promise<void> {
  await withClient(administrator, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('chirograph migrate'))`);
    await makeRoles(client, passwords);
    await client.query('set role chirograph_owner');
    await runMigrations(client);
  });
}

/** Makes the three roles where they are missing, and sets their passwords. The connection is an administrator's. */
export function makeRoles(client: pg.Client, passwords: RolePasswords): Promise<void> {
  return untilNobodyElse(() => makeOrSetRoles(client, passwords));
}

// Roles are the whole server's and our lock is one database's: an administrator of another database may make the same
// roles at this very moment, and PostgreSQL refuses one of the two.
async function untilNobodyElse(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string };
      const atOnce = ['42710', '23505'].includes(code) || message === 'tuple concurrently updated';
      if (!atOnce || tries === 20) throw error;
      await sleep(Math.random() * 50 * tries);
    }
  }
}

async function makeOrSetRoles(client: pg.Client, passwords: RolePasswords): Promise<void> {
  await client.query(`do $$ begin
    if not exists (select from pg_roles where rolname = 'chirograph_owner') then
      create role chirograph_owner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'chirograph_app') then
      create role chirograph_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'chirograph_worker') then
      create role chirograph_worker login;
    end if;
    execute format('grant chirograph_owner to %I', current_user);
    execute format('grant create on database %I to chirograph_owner', current_database());
    -- Once only: a member of chirograph_owner cannot give it again what it may itself give away.
    if not has_schema_privilege('chirograph_owner', 'public', 'usage with grant option') then
      grant usage, create on schema public to chirograph_owner with grant option;
    end if;
  end $$`);
  if (!passwords) return;
  for (const [role, password] of [
    ['chirograph_app', passwords.app],
    ['chirograph_worker', passwords.worker],
  ] as const) {
    await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
  }
}

/** A migration as a database knows it: the name of its file and the SHA-256 of its text, in hex. */
export type Migration = { name: string; sha256: string };

/** The first of these migrations that this program does not have as it ran there; null where it has them all. */
export async function unknownMigration(ran: readonly Migration[]): Promise<Migration | null> {
  for (const migration of ran) {
    const text = await readFile(join(folder, basename(migration.name)), 'utf8').catch(() => '');
    if (sha256Hex(text) !== migration.sha256) return migration;
  }
  return null;
}

/**
 * Makes the schema that these migrations made, in the caller's transaction and as the owner, in an empty database. That they
 * ran is for the caller to put into `migrations`: it is restoring a database in which they did.
 */
export async function replayMigrations(client: pg.Client, ran: readonly Migration[]): Promise<void> {
  await client.query(tableOfMigrations);
  for (const { name } of ran) await client.query(await readFile(join(folder, basename(name)), 'utf8'));
}

const tableOfMigrations = `create table if not exists migrations (
  name text primary key, sha256 text not null, at timestamptz not null default now())`;

async function runMigrations(client: pg.Client): Promise<void> {
  await client.query(tableOfMigrations);
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from migrations',
  );
  const ran = new Map(rows.map((row) => [row.name, row.sha256]));
  const ours = (await readdir(folder)).filter((file) => /^\d{4}_.*\.sql$/.test(file)).sort();
  const later = [...ran.keys()].sort().findLast((name) => !ours.includes(name));
  if (later !== undefined) {
    throw new CannotStart(
      `This database was made by a later version of Chirograph (its migration ${later} is not known here). Start that version; to go back to this one, restore the backup made before the upgrade.`,
    );
  }
  for (const name of ours) {
    const text = await readFile(join(folder, name), 'utf8');
    const hash = sha256Hex(text);
    if (ran.get(name) === hash) continue;
    if (ran.has(name)) {
      throw new CannotStart(
        `Migration ${name} ran here before and has changed since. Use the release of Chirograph that made this database, or restore the file.`,
      );
    }
    await client.query('begin');
    step('migration.begun');
    await client.query(text);
    await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, hash]);
    step('migration.done');
    await client.query('commit');
    step('migration.committed');
  }
}
