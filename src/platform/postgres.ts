import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type pg from 'pg';
import { type Cluster, startCluster } from './postgres/cluster.ts';
import { connect, connectionTo, othersConnected, type Role } from './postgres/connection.ts';
import { type Folders, makeFolders } from './postgres/folders.ts';
import { withLock } from './postgres/lock.ts';
import { end, findRunning, type Lifetime, type Running, writeOwner } from './postgres/running.ts';

const othersPatience = 30_000; // ms a command waits for the commands that joined it

export type Postgres = {
  connection(role: Role, database: string): pg.ClientConfig;
  /** True when another process runs this PostgreSQL. */
  joined: boolean;
  stop(): Promise<void>;
};

type Options = { dataFolder: string; lifetime: Lifetime; report?: (line: string) => void };

/**
 * Starts Chirograph's own PostgreSQL on a data folder, or joins the one another process runs there.
 * A command joins a service or another command. A service joins nobody: it waits for a command to end, and throws when
 * another service is there. PostgreSQL ends with the process that started it, however that process ends.
 * Call it from the main thread. `stop` may be called twice; the caller closes its own connections first.
 */
export async function startPostgres({ dataFolder, lifetime, report = () => {} }: Options): Promise<Postgres> {
  if (!isMainThread) throw new Error('startPostgres: PostgreSQL would end with the thread that started it');
  if (process.platform !== 'linux') {
    throw new Error(
      'Chirograph has a PostgreSQL of its own on Linux only. Set DATABASE_URL to a PostgreSQL 18.',
    );
  }
  const folders = makeFolders(dataFolder);
  let told = false;
  for (;;) {
    const result = await withLock(folders.lock, report, () => startOrJoin(folders, lifetime, report));
    if ('connection' in result) return result;
    const { pid, owner } = result;
    if (!told) report(`Waiting for a Chirograph command to end (process ${owner?.pid}).`);
    told = true;
    while (findRunning(folders)?.pid === pid) await sleep(100);
  }
}

/** Returns what is running when it has to end first. */
async function startOrJoin(
  folders: Folders,
  lifetime: Lifetime,
  report: (line: string) => void,
): Promise<Postgres | Running> {
  const running = findRunning(folders);
  if (running !== null && running.owner === null) {
    await end(running.pid, () => findRunning(folders)?.pid !== running.pid);
  } else if (running?.owner) {
    if (lifetime === 'command') return (await join(running.owner.socket)) ?? running;
    if (running.owner.lifetime === 'command') return running;
    throw new Error(
      `Chirograph is already running on the data folder ${folders.data} (process ${running.owner.pid}). ` +
        'Stop it first, or set CHIROGRAPH_DATA to another folder.',
    );
  }
  const cluster = await startCluster(folders, report);
  writeOwner(folders, { pid: process.pid, lifetime, socket: cluster.socket });
  return started(folders, cluster, lifetime, report);
}

/** Joins by a connection held until `stop`, which tells the owner that somebody is there. Null: it is just ending. */
async function join(socket: string): Promise<Postgres | null> {
  const presence = await connect(socket).catch(() => null);
  return (
    presence && {
      connection: (role, database) => connectionTo(socket, role, database),
      joined: true,
      stop: () => presence.end(),
    }
  );
}

function started(
  folders: Folders,
  { child, socket }: Cluster,
  lifetime: Lifetime,
  report: (line: string) => void,
): Postgres {
  let stopping: Promise<void> | null = null;
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  child.once('exit', () => {
    if (stopping === null) report(`PostgreSQL stopped unexpectedly. Its log is ${folders.log}.`);
  });
  // A process that forgets to stop PostgreSQL may still end, and PostgreSQL with it.
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  const shutDown = async () => {
    child.ref();
    if (child.pid !== undefined) await end(child.pid, ended);
  };
  const stopCommand = async () => {
    // Under the lock, nobody joins meanwhile: who comes now starts a PostgreSQL of their own.
    await withLock(folders.lock, report, async () => {
      if (!ended()) await othersEnded(socket);
      await shutDown();
    });
  };
  return {
    connection: (role, database) => connectionTo(socket, role, database),
    joined: false,
    stop: () => (stopping ??= lifetime === 'command' ? stopCommand() : shutDown()),
  };
}

async function othersEnded(socket: string): Promise<void> {
  const client = await connect(socket);
  for (let waited = 0; waited < othersPatience && (await othersConnected(client)) > 0; waited += 100)
    await sleep(100);
  await client.end();
}
