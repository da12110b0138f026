import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withoutNetwork } from './no-network.ts';

/**
 * Starts a module of ours as a process for work on a file that may be hostile: no secret to inherit, no output that could hold a value, no
 * network where the system allows that, and no file but our code and one folder (absolute path). `heap`: megabytes for JavaScript; `all`: for
 * everything, where the system can hold it to that.
 */
export function startChild(
  module: URL,
  folder: string,
  { heap, all }: { heap: number; all?: number },
): ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const [command, ...rest] = [
    ...withoutNetwork(),
    ...(all === undefined ? [] : withNoMoreThan(all)),
    process.execPath,
    `--max-old-space-size=${heap}`,
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${project}`,
    `--allow-fs-read=${folder}/`,
    `--allow-fs-write=${folder}/`,
  ];
  return fork(module, [], {
    cwd: folder,
    env: {},
    execPath: command,
    execArgv: rest,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

// What a file unpacks to lies outside of JavaScript's heap, which its own limit does not see. Node needs 600 MB of address space to start.
function withNoMoreThan(megabytes: number): string[] {
  const prlimit = '/usr/bin/prlimit';
  const allowed = process.platform === 'linux' && existsSync(prlimit);
  return allowed ? [prlimit, `--data=${(megabytes + 600) * 1_000_000}`] : [];
}
