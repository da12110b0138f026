import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { withStaging } from '../../src/platform/staging.ts';
import { sweep } from '../../src/releases/index.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';

// Staging may be shared by servers on several machines. Whose work is still going on is asked of the database that they
// share: process numbers of another machine, or of another container, say nothing here.

let world: TestInstance;
beforeAll(async () => {
  world = await anInstance('live');
});
afterAll(() => world.close());

const staged = () => readdirSync(world.instance.folders.staging);
const swept = async () => (await sweep(world.instance, instantOf(new Date()))).staging;

/** A process that cannot be seen from here, with people's data in staging for as long as it lives. */
async function aDistantServer() {
  const { host, database, port } = world.superuser;
  const connection = { host, database, port, user: 'chirograph_worker', ssl: false };
  const program = `
    const { openDatabase } = await import(${JSON.stringify(new URL('../../src/platform/database.ts', import.meta.url).href)});
    const { withStaging } = await import(${JSON.stringify(new URL('../../src/platform/staging.ts', import.meta.url).href)});
    const [connection, folders] = JSON.parse(process.argv[1]);
    const database = openDatabase({ app: connection, worker: connection });
    await withStaging({ database, folders }, async (folder) => {
      process.stdout.write(folder);
      await new Promise((done) => process.stdin.on('data', done));
    });
    await database.close();
    process.exit(0);`;
  const far = process.geteuid?.() === 0 ? ['--pid'] : ['--user', '--pid'];
  const node = [process.execPath, '--input-type=module', '-e', program];
  const told = JSON.stringify([connection, world.instance.folders]);
  const child = spawn('unshare', [...far, '--fork', '--kill-child', ...node, told], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [folder] = await once(child.stdout, 'data');
  return { child, folder: String(folder) };
}

test('work of a process that cannot be seen from here is left alone, and ends as it should', async () => {
  const { child, folder } = await aDistantServer();
  writeFileSync(join(folder, 'dropped.csv'), 'a person');
  expect(await swept()).toBe(0);
  expect(readdirSync(folder)).toEqual(['dropped.csv']);
  child.stdin.write('done');
  await once(child, 'exit');
  expect(staged()).toEqual([]);
});

test('what a process that was killed left behind is swept, wherever it ran', async () => {
  const { child, folder } = await aDistantServer();
  writeFileSync(join(folder, 'dropped.csv'), 'a person');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => swept().then(staged), { timeout: 20_000 }).toEqual([]);
});

test('a process whose connection broke is alive: nobody sweeps its work before it has taken its number again', async () => {
  const { instance, superuser } = world;
  await withStaging(instance, async (folder) => {
    const number = await instance.database.mark();
    const { rowCount } = await superuser.query(
      `select pg_terminate_backend(pid, 10000) from pg_locks
       where locktype = 'advisory' and objsubid = 2 and objid = $1`,
      [number],
    );
    expect(rowCount).toBe(1);
    expect(await swept()).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    expect(await instance.database.mark()).toBe(number);
  });
});

test('what nobody can have made is swept too', async () => {
  const { staging } = world.instance.folders;
  for (const name of ['unheard-of', '5f0c6c5e-0000-4000-8000-000000000000.swept'])
    mkdirSync(join(staging, name));
  expect(await swept()).toBe(2);
  expect(staged()).toEqual([]);
});
