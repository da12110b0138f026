import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formToken } from '../../src/platform/http/csrf.ts';
import type { Plan } from './preload.ts';
import type { World } from './world.ts';

const root = join(import.meta.dirname, '../..');
const preload = join(import.meta.dirname, 'preload.ts');
const patience = 300_000; // ms for anything on a machine that is busy with other things
const stopPatience = 60_000;

/** A process of ours: what it has said, and how it ended. */
type Started = {
  child: ChildProcess;
  said(): string;
  ended: Promise<{ exit: number | null; signal: string | null; out: string; err: string }>;
};

/** A service that answers: its address, and how long that took from when it was started (ms). */
export type Serving = Started & { url: string; after: number; stop(): Promise<void> };

/** What came back from a page; null where the connection broke, so nothing was acknowledged. */
export type Page = { status: number; location: string | null; body: string } | null;

/** Who follows a plan. */
type Who = 'service' | 'command';

/** One data folder, and what is run on it. */
export type Machine = {
  folder: string;
  data: string;
  world: World;
  /** Gives the service, or commands, a plan to follow from now on; null, and it runs as anywhere else. */
  plan(who: Who, plan: Plan | null): void;
  /** Whether the last plan was carried out. */
  struck(): boolean;
  /** The steps that were passed since the last plan was given. */
  passed(): string[];
  command(...args: string[]): Started;
  service(environment?: Record<string, string>): Promise<Serving>;
  close(): void;
};

/** A folder for all that a suite makes: in memory where there is room, because ending a process tests no disk. */
export function workFolder(): string {
  const memory = '/dev/shm';
  const room = existsSync(memory) ? statfsSync(memory) : null;
  const roomy = room !== null && room.bavail * room.bsize > 2 ** 30;
  return mkdtempSync(join(roomy ? memory : tmpdir(), 'chirograph-faults-'));
}

/** Makes the world that runs copy. */
export function makeWorld(folder: string): void {
  execFileSync(process.execPath, [join(import.meta.dirname, 'world.ts'), folder], { stdio: 'inherit' });
}

/** A copy of the world of its own; with `empty`, a folder with nothing in it. */
export function aMachine(worldFolder: string, empty = false): Machine {
  const folder = mkdtempSync(join(worldFolder, 'run-'));
  const data = join(folder, 'data');
  const planOf = (who: Who) => join(folder, `plan-${who}.json`);
  const recordFile = join(folder, 'steps');
  const world: World = JSON.parse(readFileSync(join(worldFolder, 'world.json'), 'utf8'));
  if (!empty) execFileSync('cp', ['-a', '--reflink=auto', join(worldFolder, 'data'), data]);
  const run = (who: Who, file: string, args: string[], environment: Record<string, string> = {}) =>
    start(['--import', preload, join(root, file), ...args], {
      CHIROGRAPH_DATA: data,
      NODE_COMPILE_CACHE: join(worldFolder, 'compiled'),
      FAULTS_PLAN: planOf(who),
      FAULTS_RECORD: recordFile,
      ...environment,
    });
  mkdirSync(join(folder, 'out'));
  return {
    folder,
    data,
    world,
    plan(who, plan) {
      if (plan === null) return rmSync(planOf(who), { force: true });
      rmSync(recordFile, { force: true });
      for (const one of ['service', 'command'] as const) rmSync(`${planOf(one)}.struck`, { force: true });
      writeFileSync(planOf(who), JSON.stringify(plan));
    },
    struck: () => existsSync(`${planOf('service')}.struck`) || existsSync(`${planOf('command')}.struck`),
    passed: () =>
      existsSync(recordFile) ? readFileSync(recordFile, 'utf8').split('\n').filter(Boolean) : [],
    command: (...args) => run('command', 'src/main/cli.ts', args),
    service: async (environment = {}) => {
      const port = await freePort();
      const began = performance.now();
      const started = run('service', 'src/main/server.ts', [], {
        PORT: `${port}`,
        HOST: '127.0.0.1',
        ...environment,
      });
      const url = `http://127.0.0.1:${port}`;
      await serving(url, started).catch(async (error) => {
        started.child.kill('SIGKILL');
        await started.ended;
        throw error;
      });
      const stop = async () => {
        started.child.kill('SIGTERM');
        const late = setTimeout(() => started.child.kill('SIGKILL'), stopPatience);
        await started.ended;
        clearTimeout(late);
      };
      return { ...started, url, after: performance.now() - began, stop };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function start(args: string[], environment: Record<string, string>): Started {
  const { DATABASE_URL: _, CHIROGRAPH_MODE: __, NODE_OPTIONS: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text.toString();
  });
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('close', (exit, signal) => resolve({ exit, signal, out, err }));
  });
  return { child, said: () => out + err, ended };
}

/** Waits until a service says that it is well; throws when it ends first, or never does. */
async function serving(url: string, { child, said }: Pick<Started, 'child' | 'said'>): Promise<void> {
  for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt; await sleep(25)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await isWell(url)) return;
  }
  throw new Error(`The service does not serve. It said:\n${said()}`);
}

/** Whether a service says that it is well. */
export async function isWell(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** What somebody who is signed in sees. */
export async function look(url: string, session: string): Promise<Page> {
  return answer(fetch(url, { headers: { cookie: cookie(session) }, redirect: 'manual' }));
}

/** Sends a form as our pages do; with a file, as an upload. */
export async function press(
  url: string,
  session: string,
  key: string,
  fields: Record<string, string> = {},
  file?: string,
): Promise<Page> {
  const all = { _csrf: formToken(session), _key: key, ...fields };
  const body = file === undefined ? new URLSearchParams(all) : upload(all, file);
  return answer(
    fetch(url, { method: 'POST', headers: { cookie: cookie(session) }, body, redirect: 'manual' }),
  );
}

function upload(fields: Record<string, string>, file: string): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([readFileSync(file)], { type: 'text/csv' }), 'file.csv');
  return form;
}

const cookie = (session: string) => `__Host-chirograph=${session}`;

async function answer(asked: Promise<Response>): Promise<Page> {
  try {
    const response = await asked;
    const { status, headers } = response;
    return { status, location: headers.get('location'), body: await response.text() };
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
