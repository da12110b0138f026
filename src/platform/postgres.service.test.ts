import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startPostgres } from './postgres.ts';

let folder: string;
let processes: ChildProcess[];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'chirograph-postgres-')));
  processes = [];
});

afterEach(async () => {
  // Listen to all of them before any ends: one that ends by itself meanwhile is not waited for in vain.
  const ended = processes.filter(running).map((child) => once(child, 'exit'));
  for (const child of processes) child.kill('SIGKILL');
  await Promise.all(ended);
  await expect.poll(() => postgresIn(folder), { timeout: 15_000 }).toEqual([]);
  rmSync(folder, { recursive: true });
});

const running = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

const program = `
  import { startPostgres } from ${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)};
  const [dataFolder, lifetime] = process.argv.slice(1);
  const say = (line) => console.log(JSON.stringify(line));
  process.stdin.resume();
  const stopped = new Promise((resolve) => process.stdin.once('end', resolve));
  try {
    const postgres = await startPostgres({ dataFolder, lifetime, report: (report) => say({ report }) });
    say({ started: true, joined: postgres.joined, connection: postgres.connection('postgres', 'postgres') });
    await stopped;
    await postgres.stop();
    say({ stopped: true });
  } catch (error) {
    say({ error: error.message });
  }
  process.exit();
`;

type Said = {
  report?: string;
  started?: boolean;
  joined?: boolean;
  connection?: pg.ClientConfig;
  stopped?: boolean;
  error?: string;
};
type Process = { child: ChildProcess; next(): Promise<Said>; stop(): void };

/** Another process that starts PostgreSQL, says what happens line by line, and stops when told. */
function start(
  lifetime: 'service' | 'command',
  environment: Record<string, string> = {},
  dataFolder = folder,
): Process {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', dataFolder, lifetime], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  processes.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    next: async () => JSON.parse((await lines.next()).value ?? '{}'),
    stop: () => child.stdin.end(),
  };
}

async function startedBy(process: Process): Promise<Said> {
  for (;;) {
    const said = await process.next();
    if (said.report === undefined) return said;
  }
}

/** Process ids that work in a folder: every PostgreSQL process works in its cluster's. */
function postgresIn(place: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(place);
      } catch {
        return false;
      }
    })
    .map(Number);
}

const postmaster = () =>
  Number(readFileSync(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

async function ask(connection: pg.ClientConfig | undefined, query: string): Promise<unknown> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query({ text: query, rowMode: 'array' });
  await client.end();
  return rows[0]?.[0];
}

describe('one process', () => {
  test('starts on an empty folder, keeps what was written, and leaves nothing running', async () => {
    const first = await startPostgres({ dataFolder: folder, lifetime: 'service' });
    expect(await ask(first.connection('postgres', 'postgres'), 'show data_checksums')).toBe('on');
    expect(await ask(first.connection('postgres', 'postgres'), 'show fsync')).toBe('on');
    expect(await ask(first.connection('postgres', 'postgres'), 'show listen_addresses')).toBe('');
    await ask(first.connection('postgres', 'postgres'), 'create database kept');
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(postgresIn(folder)).toEqual([]);

    const second = await startPostgres({ dataFolder: folder, lifetime: 'command' });
    expect(await ask(second.connection('postgres', 'kept'), 'select 1')).toBe(1);
    await second.stop();
    expect(postgresIn(folder)).toEqual([]);
  });

  test('keeps its files and its socket from other users', async () => {
    const postgres = await startPostgres({ dataFolder: folder, lifetime: 'service' });
    for (const place of [folder, join(folder, 'postgres'), postgres.connection('postgres', 'x').host ?? '']) {
      expect(lstatSync(place).mode & 0o077).toBe(0);
    }
    await postgres.stop();
  });

  test('writes no data, no statement and no parameter to its log', async () => {
    const postgres = await startPostgres({ dataFolder: folder, lifetime: 'service' });
    const client = new pg.Client(postgres.connection('postgres', 'postgres'));
    await client.connect();
    await client.query('create table person (name text primary key)');
    await client.query('insert into person values ($1)', ['Ada Wren']);
    await expect(client.query('insert into person values ($1)', ['Ada Wren'])).rejects.toThrow('duplicate');
    await expect(client.query('select $1::uuid', ['Ada Wren'])).rejects.toThrow('invalid input syntax');
    await client.end();
    await postgres.stop();
    const log = readFileSync(join(folder, 'postgres/log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('Ada');
    expect(log).not.toContain('person');
  });

  test('puts the socket under the temporary folder where its path would be too long', async () => {
    const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60));
    const postgres = await startPostgres({ dataFolder: deep, lifetime: 'service' });
    const { host = '' } = postgres.connection('postgres', 'postgres');
    expect(host.startsWith(join(tmpdir(), 'chirograph-'))).toBe(true);
    expect(lstatSync(host).mode & 0o777).toBe(0o700);
    expect(await ask(postgres.connection('postgres', 'postgres'), 'select 1')).toBe(1);
    await postgres.stop();
    rmSync(host, { recursive: true });
  });
});

test.runIf(process.geteuid?.() === 0)('refuses a socket folder that another user made first', async () => {
  const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60));
  const first = await startPostgres({ dataFolder: deep, lifetime: 'service' });
  const { host = '' } = first.connection('postgres', 'postgres');
  await first.stop();
  chownSync(host, 65534, 65534);
  await expect(startPostgres({ dataFolder: deep, lifetime: 'service' })).rejects.toThrow(
    `The folder ${host} belongs to another user.`,
  );
  rmSync(host, { recursive: true });
});

describe('several processes on one data folder', () => {
  test('of commands that start at the same moment, one starts PostgreSQL and the others join', async () => {
    const commands = [start('command'), start('command'), start('command')];
    const said = await Promise.all(commands.map(startedBy));
    expect(said.map(({ joined }) => joined).sort()).toEqual([false, true, true]);
    for (const { connection } of said) expect(await ask(connection, 'select 1')).toBe(1);
    for (const command of commands) command.stop();
    for (const command of commands) expect(await command.next()).toEqual({ stopped: true });
  });

  test('a command joins a service', async () => {
    const service = start('service');
    await startedBy(service);
    const command = start('command');
    expect(await startedBy(command)).toMatchObject({ joined: true });
    command.stop();
    expect(await command.next()).toEqual({ stopped: true });
    service.stop();
    expect(await service.next()).toEqual({ stopped: true });
  });

  test('a command that started PostgreSQL stops it only when the commands that joined have ended', async () => {
    const first = start('command');
    await startedBy(first);
    const second = start('command');
    const { connection } = await startedBy(second);
    first.stop();
    await sleep(1000);
    expect(await ask(connection, 'select 1')).toBe(1);
    second.stop();
    expect(await second.next()).toEqual({ stopped: true });
    expect(await first.next()).toEqual({ stopped: true });
  });

  test('a service waits for a command to end, then starts its own', async () => {
    const command = start('command');
    await startedBy(command);
    const service = start('service');
    expect((await service.next()).report).toBe(
      `Waiting for a Chirograph command to end (process ${command.child.pid}).`,
    );
    command.stop();
    expect(await startedBy(service)).toMatchObject({ started: true, joined: false });
  });

  test('a second service is refused', async () => {
    const first = start('service');
    await startedBy(first);
    expect((await startedBy(start('service'))).error).toBe(
      `Chirograph is already running on the data folder ${folder} (process ${first.child.pid}). ` +
        'Stop it first, or set CHIROGRAPH_DATA to another folder.',
    );
  });
});

describe('after a crash', () => {
  test('PostgreSQL ends with a process that was killed, and starts again', async () => {
    const killed = start('service');
    await startedBy(killed);
    killed.child.kill('SIGKILL');
    expect(await startedBy(start('service'))).toMatchObject({ started: true, joined: false });
  });

  test('starts again when PostgreSQL itself was killed', async () => {
    const service = start('service');
    const { connection } = await startedBy(service);
    await ask(connection, 'create table kept as select 7 as number');
    process.kill(postmaster(), 'SIGKILL');
    expect((await service.next()).report).toContain('PostgreSQL stopped unexpectedly');
    const next = await startedBy(start('command'));
    expect(await ask(next.connection, 'select number from kept')).toBe(7);
  });

  test('is not misled by a lock file whose process id another program has now', async () => {
    await (await startPostgres({ dataFolder: folder, lifetime: 'service' })).stop();
    const other = spawn('sleep', ['60']);
    processes.push(other);
    const cluster = join(folder, 'postgres/cluster');
    writeFileSync(join(cluster, 'postmaster.pid'), [other.pid, cluster, 1, 5432, '', '', ''].join('\n'));
    const postgres = await startPostgres({ dataFolder: folder, lifetime: 'service' });
    await postgres.stop();
  });
});

describe.runIf(process.geteuid?.() === 0)('as root where user namespaces are forbidden', () => {
  /** A PATH on which `unshare` fails as it does in such containers. */
  function forbidden(): Record<string, string> {
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { PATH } = process.env;
    return { PATH: `${programs}:${PATH}` };
  }

  test('runs as an ordinary user, which cannot list the data folder, and goes on doing so', async () => {
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    const service = start('service', forbidden(), data);
    const { connection } = await startedBy(service);
    expect(await ask(connection, 'select 1')).toBe(1);
    const owner = lstatSync(join(data, 'postgres/cluster')).uid;
    expect(owner).not.toBe(0);
    expect(lstatSync(data).mode & 0o777).toBe(0o710);
    service.stop();
    expect(await service.next()).toEqual({ stopped: true });

    const later = start('service', {}, data);
    expect((await startedBy(later)).started).toBe(true);
    expect(lstatSync(join(data, 'postgres/cluster')).uid).toBe(owner);
    later.child.kill('SIGKILL');
    await expect.poll(() => postgresIn(folder), { timeout: 10_000 }).toEqual([]);
  });

  test('takes over files made in a user namespace', async () => {
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    const before = await startPostgres({ dataFolder: data, lifetime: 'command' });
    await ask(before.connection('postgres', 'postgres'), 'create table kept as select 7 as number');
    await before.stop();
    const { connection } = await startedBy(start('service', forbidden(), data));
    expect(await ask(connection, 'select number from kept')).toBe(7);
  });

  test('names the folder that is in the way and what to do', async () => {
    const { error } = await startedBy(start('service', forbidden(), join(folder, 'data')));
    expect(error).toMatch(
      new RegExp(
        `has to run as the user \\w+ here, and that user cannot pass through ${folder}\\. Run "chmod o\\+x ${folder}"`,
      ),
    );
    expect(existsSync(join(folder, 'data/postgres/cluster'))).toBe(false);
  });
});
