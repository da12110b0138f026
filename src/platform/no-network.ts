import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const unshare = '/usr/bin/unshare';
let found: readonly string[] | null = null;

/**
 * The command to put before another so that it runs without a network (Linux: a network namespace of its own,
 * with nothing in it). Empty where the operating system does not let us; tried once.
 */
export function withoutNetwork(): readonly string[] {
  found ??=
    candidates().find(([command = '', ...rest]) => spawnSync(command, [...rest, '/bin/true']).status === 0) ??
    [];
  return found;
}

// Root needs no user namespace, and would lose its right to read other users' files in one.
function candidates(): string[][] {
  if (process.platform !== 'linux' || !existsSync(unshare)) return [];
  return process.getuid?.() === 0 ? [[unshare, '--net']] : [[unshare, '--user', '--net']];
}
