import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { User } from './run-as.ts';

/** PostgreSQL's places in a data folder. All but `cluster` are written by us, never by PostgreSQL. */
export type Folders = {
  data: string;
  postgres: string;
  cluster: string;
  owner: string;
  lock: string;
  log: string;
};

const socketName = '.s.PGSQL.5432';
const longestSocketPath = 107; // bytes: sockaddr_un has 108, the last one a zero

/** Makes the data folder and PostgreSQL's folder in it, 0700. Throws where they belong to somebody else. */
export function makeFolders(dataFolder: string): Folders {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const data = realpathSync(dataFolder);
  const postgres = join(data, 'postgres');
  mkdirSync(postgres, { recursive: true, mode: 0o700 });
  if (lstatSync(postgres).uid !== process.geteuid?.()) {
    throw new Error(
      `The data folder ${data} belongs to another user. Run Chirograph as that user, or set CHIROGRAPH_DATA to a folder of your own.`,
    );
  }
  return {
    data,
    postgres,
    cluster: join(postgres, 'cluster'),
    owner: join(postgres, 'owner.json'),
    lock: join(postgres, 'lock'),
    log: join(postgres, 'log'),
  };
}

/**
 * Makes the 0700 folder for the socket: in the data folder, or under the system's temporary folder where the socket's
 * path would be too long for the kernel. Throws when another user got there first.
 */
export function makeSocketFolder(folders: Folders, user: User | null): string {
  const folder = socketFolder(folders);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const mine = [process.geteuid?.(), user?.uid].includes(found.uid);
  if (!mine || !found.isDirectory()) {
    throw new Error(
      `The folder ${folder} belongs to another user. Remove it, or set TMPDIR to a folder of your own.`,
    );
  }
  if (user !== null) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  return folder;
}

function socketFolder({ data, postgres }: Folders): string {
  const inside = join(postgres, 'socket');
  if (fits(inside)) return inside;
  const outside = join(
    tmpdir(),
    `chirograph-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`,
  );
  if (fits(outside)) return outside;
  throw new Error(
    `The path of the temporary folder ${tmpdir()} is too long for a socket. Set TMPDIR to a shorter one.`,
  );
}

const fits = (folder: string) => Buffer.byteLength(join(folder, socketName)) <= longestSocketPath;
