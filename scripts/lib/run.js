import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { onPath } from './on-path.js';

const signals = /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']);

/**
 * For a program whose output is news for a person and not the result: our stdout stays clean.
 * @type {import('node:child_process').StdioOptions}
 */
export const toStderr = ['ignore', 2, 2];

/**
 * Runs a program to its end and resolves to its exit code (128 and more: it was killed by a signal).
 *
 * SIGTERM, SIGINT and SIGHUP go on to the program, which is killed if it has not ended `patience` ms later. Ctrl-C reaches
 * it twice, from the terminal and from here. On Linux it gets a SIGTERM if this process is killed; and where npm, which
 * started us, is gone, that counts as a SIGTERM too.
 * @param {string[]} command
 * @param {import('node:child_process').SpawnOptions & { patience?: number }} options
 * @returns {Promise<number>}
 */
export function run(command, { patience = 9000, ...options } = {}) {
  const setpriv = process.platform === 'linux' ? onPath('setpriv') : undefined;
  const [program = '', ...args] = setpriv ? [setpriv, '--pdeathsig', 'TERM', ...command] : command;
  const child = spawn(program, args, { stdio: 'inherit', ...options });

  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), patience).unref();
  };
  for (const signal of signals) process.on(signal, passOn);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return;
    clearInterval(watch);
    passOn('SIGTERM');
  }, 500);

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, passOn);
  });
}
