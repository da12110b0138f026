import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeWorld, workFolder } from './machine.ts';
import type { Part, Row } from './parts.ts';

/** Whether this machine lets us make small disks: as root, in a mount namespace of our own. */
export const canMount = process.geteuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

/** Fills small disks: the database's, that of staging and packages, and the one a command writes to. */
export const diskPart: Part = async () => (canMount ? fillDisks(10) : []);

/** The same, at so many moments. */
export async function fillDisks(moments: number): Promise<Row[]> {
  const folder = workFolder();
  try {
    makeWorld(folder);
    const program = [process.execPath, join(import.meta.dirname, 'disk.ts'), folder, `${moments}`];
    const { stdout } = await promisify(execFile)('unshare', ['-m', ...program], { maxBuffer: 1e8 });
    return JSON.parse(stdout) as Row[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
