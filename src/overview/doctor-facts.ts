import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findTrouble, oldestPending } from '../ledger/index.ts';
import type { Config } from '../platform/config.ts';
import type { Instance } from '../platform/instance.ts';
import { readLastBackup } from '../platform/last-backup.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { mayApprove } from '../releases/rules.ts';
import type { Facts } from './doctor.ts';

/** Looks at everything that the doctor weighs: folders, clocks, the database, and how many people can do what. */
export async function factsOf(instance: Instance, config: Config, now: Instant): Promise<Facts> {
  const { folders } = instance;
  return {
    mode: instance.mode,
    config,
    now,
    node: process.versions.node,
    readable: await readableByOthers(folders.data),
    sameDisk: config.databaseUrl === null && (await areOnOneDisk(folders.checkpoints, folders.data)),
    lastBackup: (await readLastBackup(folders.data))?.madeAt ?? null,
    waited: await instance.database.work(oldestPending),
    skew: await skewOf(instance),
    database: await databaseOf(instance, config),
    bodies: await bodiesOf(instance),
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

async function skewOf(instance: Instance): Promise<number> {
  return instance.asOwner(async ({ client }) => {
    const before = Date.now();
    const { rows } = await client.query<{ at: number }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as at',
    );
    return ((rows[0]?.at ?? 0) - (before + Date.now()) / 2) / 1000;
  });
}

async function databaseOf(instance: Instance, config: Config): Promise<Facts['database']> {
  if (config.databaseUrl === null) return { superuser: false, encrypted: false, remote: false };
  return instance.asOwner(async ({ client }) => {
    const { rows } = await client.query<Facts['database']>(
      `select coalesce((select rolsuper from pg_roles where rolname = session_user), false) as superuser,
         coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
         inet_client_addr() is not null and not inet_client_addr() <<= any (array['127.0.0.0/8', '::1']::inet[]) as remote`,
    );
    return rows[0] ?? { superuser: false, encrypted: false, remote: false };
  });
}

async function bodiesOf(instance: Instance): Promise<Facts['bodies']> {
  const counted = await instance.asOwner(async ({ client }) => {
    const { rows } = await client.query<{ id: string } & Omit<Facts['bodies'][number], 'trouble'>>(
      `select o.id, o.slug,
         count(*) filter (where 'administrator' = any (p.roles))::int as administrators,
         count(*) filter (where p.roles && $1::text[])::int as approvers,
         count(*) filter (where p.id is not null and f.person_id is null)::int as "withoutApp"
       from organisations o
       left join people p on p.organisation_id = o.id and p.erased_at is null and p.password_hash is not null
       left join second_factors f on f.person_id = p.id
       group by o.id, o.slug order by o.slug`,
      [mayApprove],
    );
    return rows;
  });
  const withTrouble = counted.map(async ({ id, ...body }) => ({
    ...body,
    trouble: await findTrouble(instance, id),
  }));
  return Promise.all(withTrouble);
}
