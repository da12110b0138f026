import pg from 'pg';

export type Role = 'postgres' | 'chirograph_owner' | 'chirograph_app' | 'chirograph_worker';

/** Every connection is named after its process: `chirograph-<pid>`. */
const ownName = `chirograph-${process.pid}`;

/** What `pg` needs to connect over the socket in this folder. There is no password: the folder is 0700. */
export function connectionTo(socket: string, role: Role, database: string): pg.ClientConfig {
  return { host: socket, port: 5432, user: role, database, application_name: ownName, ssl: false };
}

/** Connects as `postgres`; the caller ends the client. Throws when nothing answers. */
export async function connect(socket: string): Promise<pg.Client> {
  const client = new pg.Client(connectionTo(socket, 'postgres', 'postgres'));
  client.on('error', () => {}); // PostgreSQL may end first; the next query says so
  await client.connect();
  return client;
}

/** Does something on a connection of its own. Throws where nothing answers, or PostgreSQL goes away meanwhile. */
export async function withClient<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connection, application_name: 'chirograph' });
  client.on('error', () => {}); // the query in hand says so
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Whether a PostgreSQL takes connections on the socket in this folder. */
export async function answers(socket: string): Promise<boolean> {
  try {
    const client = await connect(socket);
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** How many connections other Chirograph processes hold. */
export async function othersConnected(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where application_name like 'chirograph%' and application_name <> $1`,
    [ownName],
  );
  return rows[0]?.count ?? 0;
}
