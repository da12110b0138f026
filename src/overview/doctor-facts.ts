import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import { findTrouble, oldestPending } from '../ledger/index.ts';
import { actorOf, type Caller } from '../organisations/rules.ts';
import type { Config } from '../platform/config.ts';
import type { Db } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { readLastBackup } from '../platform/last-backup.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { mayApprove } from '../releases/rules.ts';
import type { Facts } from './doctor.ts';

/** What the doctor must be told of the service: where it listens, who stands before it, and whose database it uses. */
export type Setting = Pick<Config, 'host' | 'proxies' | 'databaseUrl'>;

/** Looks at everything that the doctor weighs, of every body: folders, clocks, the database, and how many people can do what. */
export async function factsOf(instance: Instance, config: Setting, now: Instant): Promise<Facts> {
  return instance.asOwner(async ({ db }) => ({
    ...(await factsOfMachine(instance, config, now)),
    skew: await skewOf(db),
    database: await connectionOf(db, config, sql`session_user`),
    bodies: await bodiesOf(instance, db, null),
  }));
}

/**
 * The same for somebody of one body: of the bodies only theirs, and nothing is done as the owner. Whose role signs in to
 * the database is then told by who owns it.
 */
export async function factsFor(
  instance: Instance,
  config: Setting,
  caller: Caller,
  now: Instant,
): Promise<Facts> {
  const machine = await factsOfMachine(instance, config, now);
  const owner = sql`(select pg_get_userbyid(datdba) from pg_database where datname = current_database())`;
  return instance.database.read(actorOf(caller), async (db) => ({
    ...machine,
    skew: await skewOf(db),
    database: await connectionOf(db, config, owner),
    bodies: await bodiesOf(instance, db, caller.organisation.id),
  }));
}

async function factsOfMachine(instance: Instance, config: Setting, now: Instant) {
  const { mode, folders } = instance;
  return {
    mode,
    config: { ...config, dataFolder: folders.data },
    now,
    node: process.versions.node,
    readable: await readableByOthers(folders.data),
    sameDisk: config.databaseUrl === null && (await areOnOneDisk(folders.checkpoints, folders.data)),
    lastBackup: (await readLastBackup(folders.data))?.madeAt ?? null,
    waited: await instance.database.work(oldestPending),
  };
}

// A data folder may be passed through by the user that PostgreSQL runs as; a key is nobody else's.
async function readableByOthers(data: string): Promise<string[]> {
  const keys = join(data, 'keys');
  const files = (await readdir(keys)).map((name) => join(keys, name));
  const isOpen = async (path: string, bits: number) => ((await stat(path)).mode & bits) !== 0;
  const checked = await Promise.all([
    isOpen(data, 0o066).then((open) => (open ? [data] : [])),
    ...[keys, ...files].map(async (path) => ((await isOpen(path, 0o077)) ? [path] : [])),
  ]);
  return checked.flat();
}

async function areOnOneDisk(one: string, other: string): Promise<boolean> {
  return (await stat(one)).dev === (await stat(other)).dev;
}

async function skewOf(db: Db): Promise<number> {
  const before = Date.now();
  const { rows } = await sql<{
    at: number;
  }>`select extract(epoch from clock_timestamp())::float8 * 1000 as at`.execute(db);
  return ((rows[0]?.at ?? 0) - (before + Date.now()) / 2) / 1000;
}

async function connectionOf(
  db: Db,
  { databaseUrl }: Setting,
  role: RawBuilder<unknown>,
): Promise<Facts['database']> {
  const own = { superuser: false, encrypted: false, remote: false };
  if (databaseUrl === null) return own;
  const { rows } = await sql<Facts['database']>`
    select coalesce((select rolsuper from pg_roles where rolname = ${role}), false) as superuser,
      coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
      inet_client_addr() is not null
        and not inet_client_addr() <<= any (array['127.0.0.0/8', '::1']::inet[]) as remote`.execute(db);
  return rows[0] ?? own;
}

async function bodiesOf(instance: Instance, db: Db, only: string | null): Promise<Facts['bodies']> {
  const { rows } = await sql<{ id: string } & Omit<Facts['bodies'][number], 'trouble'>>`
    select o.id, o.slug,
      count(*) filter (where 'administrator' = any (p.roles))::int as administrators,
      count(*) filter (where p.roles && ${mayApprove}::text[])::int as approvers,
      coalesce(array_agg(p.name order by lower(p.name), p.id)
        filter (where p.id is not null and f.person_id is null), '{}') as "withoutApp"
    from organisations o
    left join people p on p.organisation_id = o.id and p.erased_at is null and p.password_hash is not null
    left join second_factors f on f.person_id = p.id
    where ${only}::uuid is null or o.id = ${only}::uuid
    group by o.id, o.slug order by o.slug`.execute(db);
  const withTrouble = rows.map(async ({ id, ...body }) => ({
    ...body,
    trouble: await findTrouble(instance, id),
  }));
  return Promise.all(withTrouble);
}
