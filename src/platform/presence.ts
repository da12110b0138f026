import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { Tx } from './database.ts';

const retryAfter = 250; // ms; shorter than a program takes to start and look

/**
 * That this process is alive, as every process on the database can see it, on whatever machine: it holds an advisory
 * lock on a number of its own, which PostgreSQL lets go when the process or its connection ends, kill -9 included.
 */
export type Presence = {
  /** This process's number, once the lock on it is held. Throws while the database does not answer. */
  mark(): Promise<number>;
  close(): Promise<void>;
};

/** Nothing is connected before the first `mark`. A connection that breaks is replaced, and the same number taken again. */
export function openPresence(connection: pg.ClientConfig): Presence {
  let number: number | null = null;
  let held: Promise<pg.Client> | null = null;
  let closed = false;

  const take = async (): Promise<pg.Client> => {
    const client = new pg.Client({ ...connection, application_name: 'chirograph', keepAlive: true });
    client.on('error', () => {}); // 'end' follows
    await client.connect();
    try {
      // A machine that vanishes says nothing: without this PostgreSQL would keep its lock for two hours.
      await client.query(`select set_config('tcp_keepalives_idle', '20', false),
        set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`);
      number = await lockNumber(client, number);
    } catch (error) {
      await client.end();
      throw error;
    }
    client.once('end', () => {
      held = null;
      void retake();
    });
    return client;
  };
  const hold = () => {
    held ??= take().catch((error) => {
      held = null;
      throw error;
    });
    return held;
  };
  const retake = async () => {
    while (!closed && !(await hold().catch(() => null))) {
      await sleep(retryAfter, undefined, { ref: false });
    }
  };
  return {
    mark: async () => {
      await hold();
      if (number === null) throw new Error('A lock is held on no number');
      return number;
    },
    close: async () => {
      closed = true;
      const client = await held?.catch(() => null);
      await client?.end();
    },
  };
}

// Folders carry the number they were made under, so a process never changes its own: after a broken connection it waits
// until PostgreSQL has let the old lock go.
async function lockNumber(client: pg.Client, before: number | null): Promise<number> {
  const tryLock = async (number: number) => {
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtext('chirograph presence'), $1) as held`,
      [number],
    );
    return rows[0]?.held === true;
  };
  if (before === null) {
    for (;;) {
      const number = randomInt(2 ** 31);
      if (await tryLock(number)) return number;
    }
  }
  if (await tryLock(before)) return before;
  throw new Error('PostgreSQL still holds the lock of a connection that broke');
}

/** The numbers of all processes that are alive on this database. For the worker. */
export async function present(tx: Tx): Promise<Set<number>> {
  const { rows } = await sql<{ number: number }>`
    select objid::bigint as number from pg_locks
    where locktype = 'advisory' and granted and objsubid = 2 and classid::bigint = hashtext('chirograph presence')::bigint & 4294967295
      and database = (select oid from pg_database where datname = current_database())`.execute(tx);
  return new Set(rows.map((row) => row.number));
}
