import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { step } from '../steps.ts';
import { CannotStart } from './cannot-start.ts';
import { type Config, exampleNeeds, unfit } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { makeFolder } from './make-folder.ts';
import { migrate } from './migrate.ts';
import { withClient } from './postgres/connection.ts';
import { startPostgres } from './postgres.ts';
import { keyFile, type Sealer, sealerOf } from './seal.ts';

/** Everything one running Chirograph stands on. */
export type Instance = {
  mode: 'example' | 'live';
  database: Database;
  sealer: Sealer;
  /** Pseudonym keys are derived from this root, which is kept apart from the data. */
  pseudonymRoot: Sealer;
  folders: Folders;
  close(): Promise<void>;
};

/** Where files lie, all 0700: work in progress, what was released, and the last signed checkpoint of each log. */
export type Folders = { data: string; staging: string; packages: string; checkpoints: string };

export { CannotStart };

/** Who opens the instance: the service, a command that makes one if there is none, or one that does not. */
export type Opening = 'service' | 'creating command' | 'command';

/**
 * Opens the instance: its folders and keys, PostgreSQL (its own, or the one of `databaseUrl`), the schema.
 * What it is (example or live) is set the first time and never changes. Throws `CannotStart`.
 */
export async function openInstance(
  config: Config,
  opening: Opening,
  report: (line: string) => void = () => {},
): Promise<Instance> {
  const wanted = config.mode ?? (config.databaseUrl === null ? 'example' : 'live');
  if (config.databaseUrl === null && !existsSync(join(config.dataFolder, 'postgres'))) {
    if (opening === 'command') {
      throw new CannotStart(
        `There is nothing in ${config.dataFolder} yet. Run "chirograph example" for the example, or "npm start", or point CHIROGRAPH_DATA at the right folder.`,
      );
    }
    const reason = opening === 'service' ? unfit(config, wanted) : null;
    if (reason !== null) throw new CannotStart(reason);
  }
  const folders = await makeFolders(config.dataFolder);
  const sealer = sealerOf(await keyFile(config.dataFolder, 'master.key'));
  const pseudonymRoot = sealerOf(await keyFile(config.dataFolder, 'pseudonym-root.key'));
  const server = await findServer(config, opening, sealer, report);
  try {
    const keyCheck = sealer.derive('instance').toString('hex');
    await refuseOtherKeys(server.administrator, keyCheck);
    await migrate(server.administrator, server.passwords);
    const mode = await settleMode(server.administrator, wanted, keyCheck, config);
    step('instance.settled');
    const reason = opening === 'service' ? unfit(config, mode) : null;
    if (reason !== null) throw new CannotStart(reason);
    const database = openDatabase(server);
    return {
      mode,
      database,
      sealer,
      pseudonymRoot,
      folders,
      close: async () => {
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function makeFolders(data: string): Promise<Folders> {
  const folders = {
    data,
    staging: join(data, 'staging'),
    packages: join(data, 'packages'),
    checkpoints: join(data, 'checkpoints'),
  };
  // One that is there keeps its mode: where PostgreSQL runs as a user of its own, that user may pass through it.
  await makeFolder(data).catch((fault: NodeJS.ErrnoException) => {
    throw new CannotStart(
      `The data folder ${data} cannot be made (${fault.code}). Set CHIROGRAPH_DATA to a folder you can write to.`,
    );
  });
  for (const folder of [folders.staging, folders.packages, folders.checkpoints]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
  return folders;
}

type Server = {
  administrator: pg.ClientConfig;
  app: pg.ClientConfig;
  worker: pg.ClientConfig;
  passwords: { app: string; worker: string } | null;
  stop(): Promise<void>;
};

async function findServer(
  config: Config,
  opening: Opening,
  sealer: Sealer,
  report: (line: string) => void,
): Promise<Server> {
  if (config.databaseUrl !== null) {
    const server = serverAt(config.databaseUrl, sealer);
    await mustServe(server.administrator);
    return server;
  }
  const postgres = await startPostgres({
    dataFolder: config.dataFolder,
    lifetime: opening === 'service' ? 'service' : 'command',
    report,
  }).catch((error: Error) => {
    throw new CannotStart(error.message, { cause: error });
  });
  try {
    await createDatabase(postgres.connection('postgres', 'postgres'));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return {
    administrator: postgres.connection('postgres', 'chirograph'),
    app: postgres.connection('chirograph_app', 'chirograph'),
    worker: postgres.connection('chirograph_worker', 'chirograph'),
    passwords: null,
    stop: () => postgres.stop(),
  };
}

async function createDatabase(connection: pg.ClientConfig): Promise<void> {
  await withClient(connection, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('chirograph create'))`);
    const { rowCount } = await client.query(`select from pg_database where datname = 'chirograph'`);
    if (rowCount === 0) await client.query('create database chirograph');
  });
}

/** The user's own PostgreSQL. Its two roles sign in with passwords that only our master key can make again. */
function serverAt(url: string, sealer: Sealer): Server {
  const passwords = {
    app: sealer.derive('database role', 'chirograph_app').toString('hex'),
    worker: sealer.derive('database role', 'chirograph_worker').toString('hex'),
  };
  // Only where it is: an address can name its user in several ways, and none of them may become the service's.
  const { host, port, database, ssl } = addressOf(url);
  const place = { host, port, ssl, ...(database !== undefined && { database }) };
  return {
    administrator: { connectionString: url },
    app: { ...place, user: 'chirograph_app', password: passwords.app },
    worker: { ...place, user: 'chirograph_worker', password: passwords.worker },
    passwords,
    stop: async () => {},
  };
}

function addressOf(url: string): pg.Client {
  try {
    return new pg.Client({ connectionString: url });
  } catch {
    throw new CannotStart(
      'DATABASE_URL is not an address. Write it as postgres://user:password@host:5432/database, and % before signs such as # in the password.',
    );
  }
}

async function mustServe(administrator: pg.ClientConfig): Promise<void> {
  const version = await withClient(administrator, async (client) => {
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    return Number(rows[0]?.server_version_num);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new CannotStart(
      `The PostgreSQL of DATABASE_URL does not let us in (${error.message || error.code}). Check that it runs, and the address, the user and the password.`,
      { cause: error },
    );
  });
  if (version < 180_000) {
    throw new CannotStart('The PostgreSQL of DATABASE_URL is too old. Chirograph needs PostgreSQL 18.');
  }
}

// Before anything is changed: a new data folder on an old database would give the roles new passwords and lock everyone out.
async function refuseOtherKeys(administrator: pg.ClientConfig, keyCheck: string): Promise<void> {
  await withClient(administrator, async (client) => {
    const { rows: tables } = await client.query(`select to_regclass('public.instance') as found`);
    if (tables[0]?.found === null) return;
    await client.query('set role chirograph_owner');
    const { rows } = await client.query<{ key_check: string }>('select key_check from instance');
    if (rows[0] && rows[0].key_check !== keyCheck) {
      throw new CannotStart(
        'This database belongs to a Chirograph with other keys. Set CHIROGRAPH_DATA to its data folder, or put its keys/ back from a backup.',
      );
    }
  });
}

async function settleMode(
  administrator: pg.ClientConfig,
  wanted: 'example' | 'live',
  keyCheck: string,
  config: Config,
): Promise<'example' | 'live'> {
  return withClient(administrator, async (client) => {
    await client.query('set role chirograph_owner');
    const insert = 'insert into instance (mode, key_check) values ($1, $2) on conflict do nothing';
    await client.query(insert, [wanted, keyCheck]);
    const { rows } = await client.query<{ mode: 'example' | 'live' }>('select mode from instance');
    const mode = rows[0]?.mode ?? wanted;
    if (config.mode !== null && config.mode !== mode) {
      throw new CannotStart(
        mode === 'example'
          ? `${config.dataFolder} holds the example and can never become a real instance. Set CHIROGRAPH_DATA to a new folder.`
          : `${config.dataFolder} holds a real instance; the example needs a CHIROGRAPH_DATA of its own.`,
      );
    }
    if (mode === 'example' && config.databaseUrl !== null) throw new CannotStart(exampleNeeds.ownDatabase);
    return mode;
  });
}
