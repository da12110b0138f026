import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { step } from '../steps.ts';
import { openPresence } from './presence.ts';

declare const writes: unique symbol;

/** A transaction that may only read. Stores narrow it to their tables with `withTables`. */
export type Db = Kysely<unknown>;

/** A transaction that may write: what a page that only shows something never holds. */
export type Tx = Db & { readonly [writes]: true };

/** For whom a transaction runs: row-level security shows what this organisation is a party to. */
export type Actor = { organisationId: string; personId: string | null };

/** Thrown where whoever began an act is nobody here by the time it is done; it is undone whole. */
export class NobodyAnyMore extends Error {}

/** The service's two connections to PostgreSQL: the role that serves people, and the worker's. */
export type Database = {
  /** Reads as `chirograph_app`. With no actor only the public functions answer. */
  read<T>(actor: Actor | null, work: (db: Db) => Promise<T>): Promise<T>;
  /** Writes as `chirograph_app`, all or nothing. With no actor only functions can write, such as the count of attempts. */
  write<T>(actor: Actor | null, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs as `chirograph_worker`, under its own named policies. */
  work<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** This process's number among those that `present` finds alive, whatever machine they run on. */
  mark(): Promise<number>;
  close(): Promise<void>;
};

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString()],
  [pg.types.builtins.DATE, (text) => text],
  [pg.types.builtins.INT8, Number],
]);
/** Instants and days are text in our code; counts fit a JavaScript number. */
export const fieldTypes: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(id)) ||
    pg.types.getTypeParser(id, format as 'text')) as typeof pg.types.getTypeParser,
};

const patience = 10_000; // ms until somebody who waits for a connection is told to try again

/** Opens both pools, and the connection that shows that this process is alive; nothing is sent until first use. */
export function openDatabase(connections: { app: pg.ClientConfig; worker: pg.ClientConfig }): Database {
  const app = openPool(connections.app, 20);
  const worker = openPool(connections.worker, 4);
  const presence = openPresence(connections.worker);
  return {
    read: (actor, work) =>
      app
        .transaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => {
          await setActor(tx, actor);
          return work(tx);
        }),
    write: async (actor, work) => {
      const answer = await app.transaction().execute(async (tx) => {
        await setActor(tx, actor);
        step('transaction.begun');
        const done = await work(tx as unknown as Tx);
        step('transaction.done');
        return done;
      });
      step('transaction.committed');
      return answer;
    },
    work: (work) => worker.transaction().execute((tx) => work(tx as unknown as Tx)),
    mark: () => presence.mark(),
    close: async () => {
      await app.destroy();
      await worker.destroy();
      await presence.close();
    },
  };
}

function openPool(connection: pg.ClientConfig, max: number): Kysely<unknown> {
  const pool = new pg.Pool({
    ...connection,
    types: fieldTypes,
    max,
    application_name: 'chirograph',
    connectionTimeoutMillis: patience,
  });
  // A connection that breaks (the server restarted) is dropped and replaced at the next use. One that breaks between two
  // queries of a transaction tells nobody but its own listener, and without one would end the whole process.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    client.query = planningOnce(client.query.bind(client));
  });
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * A statement that begins with the comment `once: name` is read and planned once by each connection, and run by that
 * name from then on: for the few that every act or page runs, where planning costs more than running. Its text is fixed.
 */
function planningOnce(query: pg.ClientBase['query']): pg.ClientBase['query'] {
  return ((text: string, values: unknown[]) => {
    const name = /^\/\* once: ([a-z ]+) \*\//.exec(text)?.[1];
    return name === undefined ? query(text, values) : query({ name, text, values });
  }) as pg.ClientBase['query'];
}

async function setActor(tx: Transaction<unknown>, actor: Actor | null): Promise<void> {
  // Times, dates and bytes are also written one way as text, whatever the server is set to: the ledger commits to it.
  await sql`/* once: set actor */ select set_config('app.organisation_id', ${actor?.organisationId ?? ''}, true),
                   set_config('app.person_id', ${actor?.personId ?? ''}, true),
                   set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
                   set_config('bytea_output', 'hex', true)`.execute(tx);
}
