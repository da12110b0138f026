import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const notInAClone = ['.git', 'build', 'data', 'node_modules'];

/** A new folder under the system's temporary folder, 0700. */
export const temporaryFolder = () => realpathSync(mkdtempSync(join(tmpdir(), 'chirograph-install-')));

/** Removes a folder that another process may still be leaving. */
export const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/** Copies this checkout to a folder, its installed packages as hard links where the disk allows. */
export function copyCheckout(clone: string): void {
  mkdirSync(clone, { recursive: true });
  cpSync(root, clone, {
    recursive: true,
    filter: (path) => !notInAClone.includes(basename(path)) || dirname(path) !== root.replace(/\/$/, ''),
  });
  const from = join(root, 'node_modules');
  if (spawnSync('cp', ['-al', from, clone], { stdio: 'ignore' }).status === 0) return;
  remove(join(clone, 'node_modules'));
  spawnSync('cp', ['-a', from, clone], { stdio: 'inherit' });
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A started program: `ended` resolves to its exit code and all it wrote. */
export type Program = {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
};

/** Starts a program that leads a process group of its own, as a shell does at a terminal. */
export function startProgram(command: string[], options: SpawnOptions): Program {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const written = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...written }));
  });
  return { child, ended };
}

/** A process that has to do with a data folder: it works in it, or has it in its command line or environment. */
export type Survivor = { pid: number; command: string };

/** All of them, this process apart. Only root sees other users' processes. */
export function survivorsOf(dataFolder: string): Survivor[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid: Number(pid), command: read(pid, 'cmdline'), environment: read(pid, 'environ') }))
    .filter(({ pid, command, environment }) =>
      [command, environment, workingFolder(pid)].some((text) => text.includes(dataFolder)),
    )
    .map(({ pid, command }) => ({ pid, command: command.replaceAll('\0', ' ').trim() }));
}

function read(pid: string, what: string): string {
  try {
    return readFileSync(join('/proc', pid, what), 'utf8');
  } catch {
    return '';
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
