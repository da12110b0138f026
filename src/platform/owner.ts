import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { type Db, fieldTypes } from './database.ts';
import { withClient } from './postgres/connection.ts';

/** A connection of its own as `chirograph_owner`, whom no wall holds: for what is about the whole instance. */
export type Owner = {
  client: pg.Client;
  /** The same connection, in the same transaction, for what stores read with. */
  db: Db;
};

/** Does something as the owner of the database, over a connection that ends with it. Nothing that serves people may. */
export async function asOwner<T>(
  administrator: pg.ClientConfig,
  work: (owner: Owner) => Promise<T>,
): Promise<T> {
  return withClient({ ...administrator, types: fieldTypes }, async (client) => {
    await client.query('set role chirograph_owner');
    return work({ client, db: dbOver(client) });
  });
}

function dbOver(client: pg.Client): Db {
  const lent = { query: client.query.bind(client), release: () => {} };
  const pool = { connect: async () => lent, end: async () => {}, options: {} };
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}
