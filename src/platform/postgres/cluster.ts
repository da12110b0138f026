import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './connection.ts';
import { type Folders, makeSocketFolder } from './folders.ts';
import { type Log, openLog } from './log.ts';
import { postgresPrograms } from './programs.ts';
import { chooseRunAs, giveTo, letThrough, type RunAs } from './run-as.ts';
import { removeStaleLock } from './running.ts';

const lockPatience = 10_000; // ms: the lock file of a crashed PostgreSQL can stay for seconds
const startPatience = 120_000; // ms: recovery after a crash reads the log written since the last checkpoint
const stillLocked = /lock file "[^"]*" already exists|pre-existing shared memory block/;

/** A PostgreSQL this process started. */
export type Cluster = { child: ChildProcess; socket: string };

/** Makes the database cluster if there is none, starts PostgreSQL on it and waits until it answers. */
export async function startCluster(folders: Folders, report: (line: string) => void): Promise<Cluster> {
  const runAs = chooseRunAs(folders.cluster);
  if (runAs.user !== null) letThrough([folders.data, folders.postgres], runAs.user);
  const programs = postgresPrograms(folders.postgres, runAs.user);
  const log = openLog(folders.log);
  removeUnfinished(folders);
  if (!existsSync(folders.cluster)) {
    report(`Creating the database in ${folders.data}. This takes a few seconds.`);
    await initialise(folders, programs, runAs, log);
  }
  if (runAs.user !== null && lstatSync(folders.cluster).uid !== runAs.user.uid)
    giveTo(folders.cluster, runAs.user);
  const socket = makeSocketFolder(folders, runAs.user);
  const command = [join(programs, 'bin', 'postgres'), '-D', folders.cluster, '-k', socket, ...settings()];
  const giveUpAt = Date.now() + lockPatience;
  for (;;) {
    removeStaleLock(folders);
    const child = run([...runAs.prefix, ...command], log);
    if (await ready(child, socket)) return { child, socket };
    if (!stillLocked.test(log.lastLines()) || Date.now() > giveUpAt) throw failure('start', folders, log);
    await sleep(200);
  }
}

async function initialise(folders: Folders, programs: string, runAs: RunAs, log: Log): Promise<void> {
  const unfinished = mkdtempSync(unfinishedPath(folders));
  if (runAs.user !== null) giveTo(unfinished, runAs.user);
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--data-checksums'];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const initdb = run(
    [...runAs.prefix, join(programs, 'bin', 'initdb'), '-D', unfinished, ...options, ...locale],
    log,
  );
  const [code] = await once(initdb, 'close');
  if (code !== 0) throw failure('create its files', folders, log);
  renameSync(unfinished, folders.cluster);
}

const unfinishedPath = ({ cluster }: Folders): string => `${cluster}.unfinished-`;

/**
 * Removes what makers of a cluster left that were killed. Their `initdb` can outlive them for seconds, writes on, and
 * empties its folder when it fails: so each has a folder of its own, and what cannot be removed now is removed next time.
 */
function removeUnfinished(folders: Folders): void {
  for (const name of readdirSync(folders.postgres)) {
    if (!name.startsWith(basename(unfinishedPath(folders)))) continue;
    try {
      rmSync(join(folders.postgres, name), { recursive: true, force: true });
    } catch {}
  }
}

/**
 * Detached, so that Ctrl-C at a terminal reaches the process that uses PostgreSQL and not PostgreSQL itself. Its
 * environment is empty of ours: it may hold secrets.
 */
function run([program = '', ...args]: string[], log: Log): ChildProcess {
  const { PATH } = process.env;
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { PATH, TZ: 'UTC', LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.append(text));
  child.on('error', (error) => log.append(`${error.message}\n`));
  return child;
}

async function ready(child: ChildProcess, socket: string): Promise<boolean> {
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  for (let waited = 0; waited < startPatience && !closed; waited += 20) {
    if (await answers(socket)) return true;
    await sleep(20);
  }
  child.kill('SIGQUIT');
  return false;
}

function settings(): string[] {
  return Object.entries({
    listen_addresses: '',
    unix_socket_permissions: '0700',
    max_connections: '200',
    shared_buffers: '128MB',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors go to the client alone: their text, detail and statements can hold personal data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_checkpoints: 'off',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function failure(what: string, folders: Folders, log: Log): Error {
  return new Error(`PostgreSQL could not ${what}. Its log (${folders.log}) ends:\n${log.lastLines()}`);
}
