import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExample } from '../../src/main/example.ts';
import { type Config, readConfig } from '../../src/platform/config.ts';
import { CannotStart, type Instance, type Opening, openInstance } from '../../src/platform/instance.ts';
import { type Postgres, startPostgres } from '../../src/platform/postgres.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { shareData } from '../../src/releases/index.ts';
import { callerOf, rulebook, usualShare } from '../support/example.ts';
import { faultsOf } from '../support/wall.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chirograph-opening-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function configOf(folder: string, env: Record<string, string> = {}): Config {
  const config = readConfig({ CHIROGRAPH_DATA: folder, ...env }, root);
  if ('faults' in config) throw new Error(config.faults.join());
  return config;
}

/** Opens an instance, does something with it, and closes it. */
async function opened<T>(
  config: Config,
  opening: Opening,
  work: (instance: Instance) => Promise<T>,
): Promise<T> {
  const instance = await openInstance(config, opening);
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}

const modeOf = async ({ mode }: Instance) => mode;

async function refusal(config: Config, opening: Opening = 'service'): Promise<string> {
  const answer = await opened(config, opening, modeOf).catch((error: Error) => error);
  if (!(answer instanceof CannotStart)) throw new Error(`It was not refused in words: ${String(answer)}`);
  return answer.message;
}

async function connected<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const modeBits = (...path: string[]) => (statSync(join(root, ...path)).mode & 0o777).toString(8);

describe('where there is nothing yet', () => {
  test('a command that makes nothing says what to run, and makes nothing', async () => {
    const words = await refusal(configOf('empty'), 'command');
    expect(words).toContain(join(root, 'empty'));
    for (const way of ['chirograph example', 'npm start', 'CHIROGRAPH_DATA']) expect(words).toContain(way);
    expect(existsSync(join(root, 'empty'))).toBe(false);
  });

  test('the example will not listen beyond this machine: refused before anything is made', async () => {
    for (const HOST of ['0.0.0.0', '::', '10.1.2.3']) {
      expect(await refusal(configOf('empty', { HOST }))).toContain('Unset HOST');
    }
    expect(existsSync(join(root, 'empty'))).toBe(false);
  });
});

describe('an instance that held the example', () => {
  beforeAll(async () => {
    expect(await opened(configOf('example'), 'service', modeOf)).toBe('example');
  });

  test('opens again as the example, for the service and for commands', async () => {
    expect(await opened(configOf('example', { CHIROGRAPH_MODE: 'example' }), 'service', modeOf)).toBe(
      'example',
    );
    expect(await opened(configOf('example', { HOST: '0.0.0.0' }), 'command', modeOf)).toBe('example');
  });

  test('does not listen beyond this machine', async () => {
    expect(await refusal(configOf('example', { HOST: '0.0.0.0' }))).toContain('Unset HOST');
  });

  test.each<Opening>(['service', 'command', 'creating command'])(
    'never opens as a real one, for a %s',
    async (opening) => {
      const words = await refusal(configOf('example', { CHIROGRAPH_MODE: 'live' }), opening);
      expect(words).toContain('can never become a real instance. Set CHIROGRAPH_DATA to a new folder.');
    },
  );

  test('does not become one in the database, not even by its owner or a superuser', async () => {
    await inDatabaseOf('example', async (client) => {
      for (const role of ['chirograph_owner', 'postgres']) {
        await client.query(`set role ${role}`);
        for (const statement of [
          `update instance set mode = 'live'`,
          'delete from instance',
          'truncate instance',
          `insert into instance (mode, key_check) values ('live', '') on conflict (only_one) do update set mode = 'live'`,
        ]) {
          await expect(client.query(statement), `${role}: ${statement}`).rejects.toThrow('cannot change');
        }
        await expect(
          client.query(`insert into instance (mode, key_check) values ('live', '')`),
        ).rejects.toThrow('duplicate key');
        await expect(
          client.query(`insert into instance (only_one, mode, key_check) values (false, 'live', '')`),
        ).rejects.toThrow('check constraint');
      }
    });
    expect(await opened(configOf('example'), 'command', modeOf)).toBe('example');
  });

  test('is not opened as a real one by the way of DATABASE_URL to its own socket', async () => {
    await inDatabaseOf('example', async (_, { host }) => {
      const DATABASE_URL = `postgres://postgres@/chirograph?host=${host}`;
      expect(await refusal(configOf('another', { DATABASE_URL }))).toContain('a Chirograph with other keys');
      expect(await refusal(configOf('example', { DATABASE_URL }))).toContain('its own PostgreSQL only');
      expect(await refusal(configOf('example', { DATABASE_URL, CHIROGRAPH_MODE: 'live' }))).toContain(
        'can never become a real instance',
      );
    });
    expect(await opened(configOf('example'), 'command', modeOf)).toBe('example');
  });

  test('keeps its keys, its work and its packages from other users', () => {
    for (const folder of ['', 'keys', 'staging', 'packages'])
      expect(modeBits('example', folder), folder).toBe('700');
    const keys = readdirSync(join(root, 'example/keys')).sort();
    expect(keys).toEqual(['master.key', 'pseudonym-root.key']);
    for (const key of keys) expect(modeBits('example/keys', key), key).toBe('600');
  });

  test.each([0o640, 0o604, 0o660])(
    'refuses a key that others can read or write (%o), and says how to mend it',
    async (mode) => {
      const key = join(root, 'example/keys/master.key');
      chmodSync(key, mode);
      expect(await refusal(configOf('example'), 'command')).toContain(`chmod 600 ${key}`);
      chmodSync(key, 0o600);
    },
  );

  test('makes folders private again that somebody opened', async () => {
    for (const folder of ['keys', 'staging', 'packages']) chmodSync(join(root, 'example', folder), 0o755);
    await opened(configOf('example'), 'command', modeOf);
    for (const folder of ['keys', 'staging', 'packages'])
      expect(modeBits('example', folder), folder).toBe('700');
  });
});

test('a real instance is never the example, and may listen anywhere', async () => {
  const live = { CHIROGRAPH_MODE: 'live', HOST: '0.0.0.0' };
  expect(await opened(configOf('real', live), 'service', modeOf)).toBe('live');
  expect(await opened(configOf('real'), 'command', modeOf)).toBe('live');
  expect(await refusal(configOf('real', { CHIROGRAPH_MODE: 'example' }))).toContain('holds a real instance');
});

describe('on a PostgreSQL of the user’s, as an ordinary role that owns a database', () => {
  let postgres: Postgres;
  let url: string;
  let superuser: pg.ClientConfig;
  let instance: Instance;
  const host = () => superuser.host;

  beforeAll(async () => {
    const theirs = join(root, 'theirs');
    postgres = await startPostgres({ dataFolder: theirs, lifetime: 'command' });
    superuser = postgres.connection('postgres', 'shared');
    await connected(postgres.connection('postgres', 'postgres'), async (client) => {
      await client.query(`create role keeper login createrole password 'a#secret'`);
      await client.query('create database shared owner keeper');
      const rules = 'local all postgres trust\nlocal all all scram-sha-256\n';
      writeFileSync(join(theirs, 'postgres/cluster/pg_hba.conf'), rules);
      await client.query('select pg_reload_conf()');
    });
    url = `postgres://keeper:a%23secret@/shared?host=${host()}`;
    instance = await openInstance(configOf('ours', { DATABASE_URL: url, HOST: '0.0.0.0' }), 'service');
  });
  afterAll(async () => {
    await instance.close();
    await postgres.stop();
  });

  test('is a real instance with the same wall, and has no PostgreSQL of its own', async () => {
    expect(instance.mode).toBe('live');
    expect(existsSync(join(root, 'ours/postgres'))).toBe(false);
    expect(await connected(superuser, faultsOf)).toEqual([]);
  });

  test('its roles sign in with passwords that only the master key makes, and nobody without', async () => {
    const user = () => sql<{ name: string }>`select session_user::text as name`;
    const names = [
      await instance.database.read(null, (db) => user().execute(db)),
      await instance.database.work((tx) => user().execute(tx)),
    ].map(({ rows }) => rows[0]?.name);
    expect(names).toEqual(['chirograph_app', 'chirograph_worker']);
    for (const role of ['chirograph_app', 'chirograph_worker']) {
      const password = instance.sealer.derive('database role', role).toString('hex');
      await connected({ ...superuser, user: role, password }, (client) => client.query('select 1'));
      for (const wrong of [role, 'chirograph', '']) {
        await expect(
          connected({ ...superuser, user: role, password: wrong }, (client) => client.query('select 1')),
        ).rejects.toThrow(/password/);
      }
    }
  });

  test.each([
    ['as a parameter', (place: string) => `postgres:///shared?user=keeper&password=a%23secret&host=${place}`],
    ['as a superuser', (place: string) => `postgres:///shared?user=postgres&host=${place}`],
  ])('serves as chirograph_app however the address names its user: %s', async (_, address) => {
    const config = configOf('ours', { DATABASE_URL: address(host() ?? '') });
    const { rows } = await opened(config, 'command', ({ database }) =>
      database.read(null, (db) =>
        sql`select session_user::text as name, current_user::text as acting`.execute(db),
      ),
    );
    expect(rows).toEqual([{ name: 'chirograph_app', acting: 'chirograph_app' }]);
  });

  test('data is shared on it', async () => {
    await createExample(instance);
    const police = await callerOf(instance.database, 'westmarch-police');
    const given = usualShare(join(root, 'shared'));
    const shared = await shareData(instance, rulebook, police, given, instantOf(new Date()));
    expect(shared).toMatchObject({ ok: true, outcome: 'sent' });
  });

  test.each([
    ['postgres://keeper:wrong@/shared?host=HOST', 'password authentication failed'],
    ['postgres://keeper:a%23secret@/nothing?host=HOST', 'does not exist'],
    ['postgres://keeper@/shared?host=/nowhere', 'ENOENT'],
    ['postgres://[/shared', 'is not an address'],
  ])(
    'an address that leads nowhere is refused in words, without its password: %s',
    async (address, words) => {
      const said = await refusal(configOf('ours', { DATABASE_URL: address.replace('HOST', host() ?? '') }));
      expect(said).toContain(words);
      expect(said).not.toMatch(/secret|wrong/);
    },
  );

  test('several processes open an empty one at the same moment, and agree on what it is', async () => {
    await connected(superuser, (client) => client.query('create database empty owner keeper'));
    const config = configOf('ours', { DATABASE_URL: url.replace('/shared', '/empty') });
    const program = `import { openInstance } from ${JSON.stringify(new URL('../../src/platform/instance.ts', import.meta.url).href)};
      const instance = await openInstance(JSON.parse(process.argv[1]), 'command');
      process.stdout.write(instance.mode);
      await instance.close();`;
    const said = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(config)]);
        let heard = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (text: Buffer) => {
            heard += text.toString();
          });
        }
        await once(child, 'close');
        return heard;
      }),
    );
    expect(said).toEqual(['live', 'live', 'live']);
  });
});

/** Looks into an instance's own PostgreSQL, past its walls. */
async function inDatabaseOf(
  folder: string,
  work: (client: pg.Client, connection: pg.ClientConfig) => Promise<void>,
): Promise<void> {
  const postgres = await startPostgres({ dataFolder: join(root, folder), lifetime: 'command' });
  const connection = postgres.connection('postgres', 'chirograph');
  try {
    await connected(connection, (client) => work(client, connection));
  } finally {
    await postgres.stop();
  }
}
