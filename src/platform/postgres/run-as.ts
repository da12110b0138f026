import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lchownSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type User = { name: string; uid: number; gid: number };

/**
 * How PostgreSQL's programs are run, because they refuse to run as root.
 * `prefix` goes in front of the command; `user` is who must own PostgreSQL's files, null for ourselves.
 */
export type RunAs = { prefix: string[]; user: User | null };

/** PostgreSQL gets SIGINT, its fast shutdown, when the thread that started it ends in any way. */
const endWithUs = ['--pdeathsig', 'INT'];
const ownNamespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];

/**
 * Chooses how to run PostgreSQL on the files in `cluster`. As root that is a user namespace, in which root's files
 * belong to user 1000; where namespaces are forbidden, it is the user `postgres` or `nobody`.
 */
export function chooseRunAs(cluster: string): RunAs {
  if (process.geteuid?.() !== 0) return { prefix: ['setpriv', ...endWithUs], user: null };
  const owner = existsSync(cluster) ? lstatSync(cluster).uid : 0;
  if (owner === 0 && spawnSync('unshare', [...ownNamespace.slice(1), 'true']).status === 0) {
    return { prefix: [...ownNamespace, 'setpriv', ...endWithUs], user: null };
  }
  const user = owner === 0 ? ordinaryUser() : userWith(({ uid }) => uid === owner);
  if (user === undefined) {
    throw new Error(
      'PostgreSQL does not run as root, and this computer has neither user namespaces nor a user called postgres or nobody. ' +
        'Run Chirograph as an ordinary user.',
    );
  }
  return { prefix: [...becoming(user), ...endWithUs], user };
}

const becoming = (user: User) => ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];

function ordinaryUser(): User | undefined {
  return userWith(({ name }) => name === 'postgres') ?? userWith(({ name }) => name === 'nobody');
}

function userWith(wanted: (user: User) => boolean): User | undefined {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .find(wanted);
}

/** Runs a command as another user; true when it succeeds. Only root may. */
export function asUser(user: User, command: string[]): boolean {
  const [program = '', ...args] = [...becoming(user), ...command];
  return spawnSync(program, args, { cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Makes `user` the owner of a folder and of everything in it. */
export function giveTo(folder: string, user: User): void {
  lchownSync(folder, user.uid, user.gid);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(folder, entry), user.uid, user.gid);
  }
}

/**
 * Lets `user` pass through our own folders (0710: it cannot list them), then makes sure it can reach them.
 * Throws an error that names the folder in the way.
 */
export function letThrough(folders: string[], user: User): void {
  for (const folder of folders) {
    chownSync(folder, 0, user.gid);
    chmodSync(folder, 0o710);
  }
  for (const folder of folders) {
    const blocking = [...parentsOf(folder), folder].find((path) => !asUser(user, ['test', '-x', path]));
    if (blocking === undefined) continue;
    throw new Error(
      `PostgreSQL has to run as the user ${user.name} here, and that user cannot pass through ${blocking}. ` +
        `Run "chmod o+x ${blocking}", or set CHIROGRAPH_DATA to a folder that user can reach.`,
    );
  }
}

function parentsOf(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [...parentsOf(parent), parent];
}
