import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whether Go is not here: what is tested with other people's Go is then skipped, and says so. */
export const goIsMissing = spawnSync('go', ['version']).status !== 0;

/** For the name of a test that needs Go. */
export const unlessMissing = goIsMissing ? ': skipped, Go is not installed' : '';

/** Builds a program of `test/` that is written in Go, into a folder; gives its path. */
export async function buildGo(name: 'go-verify' | 'go-witness', folder: string): Promise<string> {
  const cwd = join(import.meta.dirname, '../../test', name);
  await promisify(execFile)('go', ['build', '-o', join(folder, name), '.'], { cwd });
  return join(folder, name);
}
