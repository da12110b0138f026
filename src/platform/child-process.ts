import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withoutNetwork } from './no-network.ts';

/**
 * Starts a module of ours as a process for work on a file that may be hostile: no secret to inherit, no output that could hold a value, no
 * network where the system allows that, so many megabytes for JavaScript, and no file but our code and one folder (absolute path).
 */
export function startChild(module: URL, folder: string, megabytes: number): ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const [command, ...rest] = [
    ...withoutNetwork(),
    process.execPath,
    `--max-old-space-size=${megabytes}`,
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
