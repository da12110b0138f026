import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type pg from 'pg';
import { type Config, readConfig } from '../../src/platform/config.ts';
import { type Instance, openInstance } from '../../src/platform/instance.ts';
import { filesUnder } from './evidence.ts';

/** A folder for instances and their backups, and one age key. `close` removes it. */
export async function aBackupPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-backup-'));
  const identity = await generateX25519Identity();
  const identityFile = join(folder, 'identity.txt');
  writeFileSync(identityFile, `# an age identity\n${identity}\n`, { mode: 0o600 });
  return {
    folder,
    at: (name: string) => join(folder, name),
    identity,
    identityFile,
    recipient: await identityToRecipient(identity),
    configOf(name: string, env: Record<string, string> = {}): Config {
      const config = readConfig({ CHIROGRAPH_DATA: join(folder, name), ...env }, folder);
      if ('faults' in config) throw new Error(config.faults.join());
      return config;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Opens an instance, does something with it, and closes it. */
export async function opened<T>(config: Config, work: (instance: Instance) => Promise<T>): Promise<T> {
  const instance = await openInstance(config, 'creating command');
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}

/** A checksum of every table and where every sequence stands, by name. */
export function sumsOf(instance: Instance): Promise<Record<string, string>> {
  return instance.asOwner(({ client }) => sumsOver(client));
}

async function sumsOver(client: pg.Client): Promise<Record<string, string>> {
  const { rows: relations } = await client.query<{ name: string; kind: string }>(
    `select relname as name, relkind as kind from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') order by 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name, kind } of relations) {
    const text = kind === 'S' ? '(row_data.last_value, row_data.is_called)::text' : 'row_data::text';
    const { rows } = await client.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(${text}, e'\\n' order by ${text})), '') as sum from "${name}" row_data`,
    );
    sums[name] = rows[0]?.sum ?? '';
  }
  return sums;
}

/** Every file under a folder with its bytes as hex, by path. */
export function bytesUnder(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesUnder(folder).map((path) => [path, readFileSync(join(folder, path)).toString('hex')]),
  );
}

/** Everything that guards a database, as lines of text: columns, constraints, triggers, policies, functions, grants. */
export async function catalogueOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `with ours as (select * from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'i'))
     select format('%s %s %s %s rls %s %s', relkind, relname, relowner::regrole, relacl, relrowsecurity, relforcerowsecurity) as line from ours
     union all select format('column %s.%s %s %s %s %s %s %s', relname, attname, atttypid::regtype, attnotnull, attidentity,
         attgenerated, attacl, pg_get_expr(adbin, adrelid))
       from ours join pg_attribute on attrelid = ours.oid left join pg_attrdef on adrelid = attrelid and adnum = attnum
       where attnum > 0 and not attisdropped
     union all select format('constraint %s %s %s', conrelid::regclass, pg_get_constraintdef(oid), convalidated) from pg_constraint
       where connamespace = 'public'::regnamespace
     union all select format('trigger %s %s', pg_get_triggerdef(pg_trigger.oid), tgenabled) from pg_trigger join ours on tgrelid = ours.oid
       where not tgisinternal
     union all select format('internal trigger on %s %s %s', tgrelid::regclass, tgfoid::regproc, tgenabled) from pg_trigger join ours on tgrelid = ours.oid
       where tgisinternal
     union all select format('index %s', pg_get_indexdef(oid)) from ours where relkind = 'i'
     union all select format('policy %s %s %s %s %s %s', polrelid::regclass, polname, polcmd, polroles::regrole[],
         pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) from pg_policy
     union all select format('function %s %s %s %s', pg_get_functiondef(oid), proowner::regrole, proacl, prosecdef) from pg_proc
       where pronamespace = 'public'::regnamespace
     order by 1`,
  );
  return rows.map((row) => row.line);
}
