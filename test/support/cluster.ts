import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createExample } from '../../src/main/example.ts';
import { hashPassword } from '../../src/organisations/passwords.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openInstance } from '../../src/platform/instance.ts';
import { startPostgres } from '../../src/platform/postgres.ts';

const root = join(import.meta.dirname, '../..');

/** What everybody of a cluster signs in with. */
export const password = 'correct horse battery staple';

/** One server of several, as a process of its own. */
export type Server = {
  child: ChildProcess;
  url: string;
  /** What it has said on its console. */
  said(): string;
  /** Its exit code, or the signal that killed it, once it has ended. */
  ended: Promise<number | string | null>;
};

/** A PostgreSQL with one database for several servers, and one data folder that they share: a real instance. */
export type Cluster = {
  dataFolder: string;
  /** A connection that no wall holds. */
  superuser: pg.Client;
  /** Starts a server on a free port, and waits until it serves. */
  start(more?: Record<string, string>): Promise<Server>;
  /** Ends PostgreSQL with SIGKILL, which nobody here starts again; call what it gives to start it. */
  killPostgres(): () => Promise<void>;
  /** The example's bodies and people, who all sign in with `password`. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** Makes an empty cluster. `close` ends its servers and removes everything. */
export async function aCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-cluster-'));
  const dataFolder = join(folder, 'shared');
  const theirs = { dataFolder: join(folder, 'theirs'), lifetime: 'command' } as const;
  let postgres = await startPostgres(theirs);
  const admin = new pg.Client(postgres.connection('postgres', 'postgres'));
  await admin.connect();
  await admin.query('create role keeper login createrole');
  await admin.query('create database shared owner keeper');
  await admin.end();
  const superuser = new pg.Client(postgres.connection('postgres', 'shared'));
  superuser.on('error', () => {}); // where PostgreSQL is killed
  await superuser.connect();
  const url = `postgres://keeper@/shared?host=${superuser.host}`;
  const environment = { CHIROGRAPH_DATA: dataFolder, DATABASE_URL: url, CHIROGRAPH_MODE: 'live' };
  const servers: Server[] = [];

  const start = async (more: Record<string, string> = {}): Promise<Server> => {
    const env = { ...process.env, ...environment, HOST: '127.0.0.1', PORT: '0', ...more };
    const child = spawn(process.execPath, ['src/main/server.ts'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let heard = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        heard += text.toString();
      });
    }
    const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
    const address = new Promise<string>((resolve) => {
      child.stdout.on('data', () => {
        const [, found] = /Chirograph is at (\S+)/.exec(heard) ?? [];
        if (found) resolve(found);
      });
    });
    const failed = ended.then((code) => {
      throw new Error(`The server ended with ${code}:\n${heard}`);
    });
    const server = { child, url: await Promise.race([address, failed]), said: () => heard, ended };
    failed.catch(() => {});
    servers.push(server);
    return server;
  };
  return {
    dataFolder,
    superuser,
    start,
    killPostgres() {
      const file = join(theirs.dataFolder, 'postgres/cluster/postmaster.pid');
      process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL');
      return async () => {
        await postgres.stop();
        postgres = await startPostgres(theirs);
      };
    },
    async settle() {
      const config = readConfig(environment, root);
      if ('faults' in config) throw new Error(config.faults.join());
      const instance = await openInstance(config, 'command');
      await createExample(instance);
      await instance.close();
      await superuser.query('update people set password_hash = $1', [await hashPassword(password)]);
    },
    async close() {
      for (const { child, ended } of servers) {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        await ended;
      }
      await superuser.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
