import pg from 'pg';
import { CannotStart } from './cannot-start.ts';
import type { Config } from './config.ts';
import { withClient } from './postgres/connection.ts';
import { startPostgres } from './postgres.ts';
import type { Sealer } from './seal.ts';

/** A PostgreSQL 18: how the administrator, the service and the worker connect to it. */
export type Server = {
  administrator: pg.ClientConfig;
  app: pg.ClientConfig;
  worker: pg.ClientConfig;
  passwords: { app: string; worker: string } | null;
  stop(): Promise<void>;
};

/**
 * Our own PostgreSQL, started or joined, with its database made; or the one of `databaseUrl`, where it lets us in and is new
 * enough. Changes nothing in the database. Throws `CannotStart`.
 */
export async function findServer(
  config: Config,
  lifetime: 'service' | 'command',
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
    lifetime,
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
