import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

// Where bin/chirograph.js has Node keep what it compiled: a command starts in half the time.
const compiled = { NODE_COMPILE_CACHE: join(root, 'build/compiled') };

/** What a command answered. `signal` is set where it was killed. */
export type Answer = { exit: number | null; signal: string | null; out: string; err: string };

/** The real command line on a data folder of its own, in child processes. */
export type CommandLine = {
  dataFolder: string;
  /** A folder for what tests write, removed at the end. */
  folder: string;
  run(...args: string[]): Promise<Answer>;
  runWith(environment: Record<string, string>, ...args: string[]): Promise<Answer>;
  /** Starts a command and does not wait: the process, and its answer when it has ended. */
  start(...args: string[]): { child: ChildProcess; ended: Promise<Answer> };
  startWith(
    environment: Record<string, string>,
    ...args: string[]
  ): { child: ChildProcess; ended: Promise<Answer> };
  close(): void;
};

export function aCommandLine(): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-command-'));
  const dataFolder = join(folder, 'data');
  const start = (environment: Record<string, string>, args: string[]) => {
    const { DATABASE_URL: _, CHIROGRAPH_MODE: __, ...inherited } = process.env;
    const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
      cwd: root,
      env: { ...compiled, ...inherited, CHIROGRAPH_DATA: dataFolder, ...environment },
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
    const ended = new Promise<Answer>((resolve) => {
      child.on('close', (exit, signal) => resolve({ exit, signal, out, err }));
    });
    return { child, ended };
  };
  return {
    dataFolder,
    folder,
    run: (...args) => start({}, args).ended,
    runWith: (environment, ...args) => start(environment, args).ended,
    start: (...args) => start({}, args),
    startWith: (environment, ...args) => start(environment, args),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The numbers of the living processes that have to do with a folder: by command line, environment or where they stand. */
export function processesOn(folder: string): number[] {
  const names = (pid: string) => [
    () => readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    () => readFileSync(`/proc/${pid}/environ`, 'utf8'),
    () => readlinkSync(`/proc/${pid}/cwd`),
  ];
  const holds = (read: () => string) => {
    try {
      return read().includes(folder);
    } catch {
      return false; // it has just ended, or is somebody else's
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => names(pid).some(holds))
    .map(Number);
}
