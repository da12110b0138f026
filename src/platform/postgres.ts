import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type pg from 'pg';
import { step } from '../steps.ts';
import { type Cluster, startCluster } from './postgres/cluster.ts';
import { connect, connectionTo, othersConnected, type Role } from './postgres/connection.ts';
import { type Folders, makeFolders } from './postgres/folders.ts';
import { withLock } from './postgres/lock.ts';
import { end, findOwner, findRunning, type Lifetime, removeOwner, writeOwner } from './postgres/running.ts';

const othersPatience = 30_000; // ms a command waits for the commands that joined it
const servicePatience = 20_000; // ms a command waits for a service whose PostgreSQL is starting again
const pause = 1000; // ms between attempts to start PostgreSQL again

export type Postgres = {
  connection(role: Role, database: string): pg.ClientConfig;
  /** True when another process runs this PostgreSQL. */
  joined: boolean;
  stop(): Promise<void>;
};

type Options = { dataFolder: string; lifetime: Lifetime; report?: (line: string) => void };
type Report = (line: string) => void;

/**
 * Starts Chirograph's own PostgreSQL on a data folder, or joins the one another process runs there.
 * A command joins a service or another command. A service joins nobody: it waits for a command to end, and throws when
 * another service is there. PostgreSQL ends with the process that started it, however that process ends; where it ends by
 * itself, a service starts it again, as often as it takes.
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
  const found = await startOrJoin(folders, lifetime, report);
  step('postgres.started');
  return 'connection' in found ? found : keep(folders, found, lifetime, report);
}

/** Starts PostgreSQL, or joins it, as soon as whatever else is there allows. */
async function startOrJoin(
  folders: Folders,
  lifetime: Lifetime,
  report: Report,
): Promise<Cluster | Postgres> {
  let told = false;
  const giveUpAt = Date.now() + servicePatience;
  for (;;) {
    const result = await withLock(folders.lock, report, () => tryOnce(folders, lifetime, report));
    if (!('waitFor' in result)) return result;
    const { waitFor, says } = result;
    if (!told) report(says);
    told = true;
    if (lifetime === 'command' && Date.now() > giveUpAt) throw new Error(says);
    for (let waited = 0; waited < pause && waitFor(); waited += 100) await sleep(100);
  }
}

/** What has to end or to happen first: it still has while `waitFor` says so. */
type Waiting = { waitFor: () => boolean; says: string };

async function tryOnce(
  folders: Folders,
  lifetime: Lifetime,
  report: Report,
): Promise<Cluster | Postgres | Waiting> {
  const running = findRunning(folders);
  if (running !== null && running.owner === null) {
    await end(running.pid, () => findRunning(folders)?.pid !== running.pid);
  }
  const owner = running === null ? findOwner(folders) : running.owner;
  if (owner?.lifetime === 'service') {
    if (lifetime === 'service') {
      throw new Error(
        `Chirograph is already running on the data folder ${folders.data} (process ${owner.pid}). ` +
          'Stop it first, or set CHIROGRAPH_DATA to another folder.',
      );
    }
    const says = `PostgreSQL is not running, and Chirograph's service (process ${owner.pid}) is starting it again. If it does not come back, read what the service says and ${folders.log}.`;
    return (
      (await join(owner.socket)) ?? {
        waitFor: () => findOwner(folders) !== null && findRunning(folders) === null,
        says,
      }
    );
  }
  if (owner?.lifetime === 'command' && running !== null) {
    const joined = lifetime === 'command' ? await join(owner.socket) : null;
    const waitFor = () => findRunning(folders)?.pid === running.pid;
    return joined ?? { waitFor, says: `Waiting for a Chirograph command to end (process ${owner.pid}).` };
  }
  const cluster = await startCluster(folders, report);
  writeOwner(folders, { lifetime, socket: cluster.socket });
  return cluster;
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

/** Keeps a PostgreSQL that this process started, until it is stopped: a service starts it again whenever it ends. */
function keep(folders: Folders, cluster: Cluster, lifetime: Lifetime, report: Report): Postgres {
  const { socket } = cluster;
  let { child } = cluster;
  let stopping: Promise<void> | null = null;
  let starting: Promise<void> = Promise.resolve();
  const ended = () => child.exitCode !== null || child.signalCode !== null;

  const watch = () => {
    const gone = () => {
      if (stopping !== null) return;
      report(`PostgreSQL stopped unexpectedly. Its log is ${folders.log}.`);
      if (lifetime === 'service') starting = startAgain();
    };
    // A process that forgets to stop PostgreSQL may still end, and PostgreSQL with it.
    child.unref();
    if (child.stderr instanceof Socket) child.stderr.unref();
    if (ended()) gone();
    else child.once('exit', gone);
  };

  const startAgain = async () => {
    let last = '';
    while (stopping === null) {
      try {
        const found = await startOrJoin(folders, lifetime, report);
        if ('connection' in found) throw new Error('A service joins nobody');
        ({ child } = found);
        report('PostgreSQL is running again.');
        watch();
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== last) report(`${message}\nTrying again every second.`);
        last = message;
        await sleep(pause);
      }
    }
  };

  const shutDown = async () => {
    await starting;
    removeOwner(folders);
    child.ref();
    if (child.pid !== undefined) await end(child.pid, ended);
  };
  const stopCommand = async () => {
    // Under the lock, nobody joins meanwhile: who comes now starts a PostgreSQL of their own.
    await withLock(folders.lock, report, async () => {
      // Where PostgreSQL is gone, so is everybody on it.
      if (!ended()) await othersEnded(socket).catch(() => {});
      await shutDown();
    });
  };
  watch();
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
