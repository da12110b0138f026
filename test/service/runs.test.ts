import { openAsBlob, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { aCluster, type Cluster, type Server } from '../support/cluster.ts';
import { processesOn } from '../support/command.ts';
import { files } from '../support/example.ts';
import { heldChild, runsProgram } from '../support/held-child.ts';
import { agree, ask, signIn } from '../support/people.ts';
import { type Form, formOn, type Visitor } from '../support/visitor.ts';

// A dropped file is something that one can watch and cancel at any server, and that survives none of them half: the servers
// here share one PostgreSQL and one data folder, and die in the middle of it.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let cluster: Cluster;
let servers: [Server, Server];
let amina: Visitor;
let dan: Visitor;
let tom: Visitor;
let request: string;

const staging = () => readdirSync(join(cluster.dataFolder, 'staging'));
const children = () =>
  processesOn(cluster.dataFolder).filter((pid) => runsProgram(pid, /pipeline\/child\.ts/));
const nothingLeft = () => expect.poll(() => [staging(), children()], { timeout: 30_000 }).toEqual([[], []]);
const releases = async () =>
  (await cluster.superuser.query<{ reference: string }>('select reference from releases')).rows.length;

beforeAll(async () => {
  cluster = await aCluster();
  await cluster.settle();
  servers = [await cluster.start({ CHIROGRAPH_STOP_SECONDS: '1' }), await cluster.start()];
  const at = (page: string) => servers[1].url + page;
  amina = await signIn(at, 'Amina');
  dan = await signIn(at, 'Dan');
  tom = await signIn(at, 'Tom');
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  const at = (page: string) => servers[1].url + page;
  request = await ask(at, amina);
  await agree(at, tom, request);
});

const formAt = async ({ url }: Server): Promise<Form> =>
  formOn(await dan.get(`${url}${request}/prepare`), `${request}/runs`);

/** Drops January's stop and searches; the address of the run. */
async function drop({ url }: Server, form: Form): Promise<string> {
  const file = { name: 'searches.csv', data: await openAsBlob(files.stopAndSearch) };
  const answer = await dan.post(`${url}${request}/runs`, form, file);
  expect(answer.location, answer.body).toMatch(/^\/runs\//);
  return answer.location ?? '';
}

type Watched = { state: string; cancelling: boolean; step: string | null; next: string | null };
async function watch({ url }: Server, run: string): Promise<Watched> {
  return JSON.parse((await dan.get(`${url}${run}.json`)).body);
}

const becomes = (server: Server, run: string, state: string) =>
  expect.poll(async () => (await watch(server, run)).state, { timeout: 60_000 }).toBe(state);

async function cancel({ url }: Server, run: string): Promise<void> {
  const form = formOn(await tom.get(url + run), `${run}/cancel`);
  expect((await tom.post(`${url}${run}/cancel`, form)).location).toBe(run);
}

describe('a file that is dropped at one server', () => {
  test('is watched at the other, and leads to what would leave', async () => {
    const [here, there] = servers;
    const run = await drop(here, await formAt(there));
    await becomes(there, run, 'done');
    const { next } = await watch(there, run);
    expect(next).toMatch(/^\/releases\/REL-.*\/quality$/);
    expect((await dan.get(there.url + run)).location).toBe(next);
    expect((await dan.get(there.url + (next ?? ''))).body).toContain('See exactly what leaves');
    await nothingLeft();
  });

  test('is cancelled at the other by a colleague: its process ends, and nothing of it is left', async () => {
    const [here, there] = servers;
    const before = await releases();
    const run = await drop(here, await formAt(here));
    await heldChild(cluster.dataFolder);
    expect((await dan.get(`${there.url}${request}/prepare`)).body).toContain(`href="${run}"`);
    await cancel(there, run);
    await becomes(there, run, 'cancelled');
    expect([staging(), children()]).toEqual([[], []]);
    expect((await dan.get(there.url + run)).body).toContain('Nothing of the file was kept');
    expect((await dan.get(`${there.url}${request}/prepare`)).body).not.toContain(run);
    expect(await releases()).toBe(before);
  });

  test('sent twice with one form is one run, and another while it goes on is not kept', async () => {
    const [here, there] = servers;
    const form = await formAt(here);
    const file = { name: 'searches.csv', data: await openAsBlob(files.stopAndSearch) };
    const both = await Promise.all(
      [here, there].map(({ url }) => dan.twin().post(`${url}${request}/runs`, form, file)),
    );
    const [one, other] = both.map(({ location }) => location ?? '');
    expect(one).toBe(other);
    await becomes(there, one ?? '', 'done');

    const run = await drop(here, await formAt(here));
    await heldChild(cluster.dataFolder);
    expect(await drop(there, await formAt(there))).toBe(run);
    await cancel(here, run);
    await becomes(here, run, 'cancelled');
    await nothingLeft();
  });

  test('and was prepared when its server died before saying so, leads to what would leave all the same', async () => {
    const [here, there] = servers;
    const run = await drop(here, await formAt(here));
    await becomes(here, run, 'done');
    const { next } = await watch(here, run);
    const dead = `update runs set state = 'running', release = null, process = 1 where id = $1`;
    await cluster.superuser.query(dead, [run.split('/').at(-1)]);
    expect(await watch(there, run)).toMatchObject({ state: 'done', next });
  });

  test('cannot be cancelled once it has ended', async () => {
    const [here] = servers;
    const run = await drop(here, await formAt(here));
    const form = formOn(await dan.get(here.url + run), `${run}/cancel`);
    await becomes(here, run, 'done');
    await dan.post(`${here.url}${run}/cancel`, form);
    expect(await watch(here, run)).toMatchObject({ state: 'done', cancelling: false });
  });
});

describe('a server that ends in the middle of a run', () => {
  test('by SIGTERM gives it up, says so to whoever watches, and leaves nothing', async () => {
    const [here, there] = servers;
    const before = await releases();
    const run = await drop(here, await formAt(here));
    await heldChild(cluster.dataFolder);
    here.child.kill('SIGTERM');
    expect(await here.ended, here.said()).toBe(0);
    expect([staging(), children()]).toEqual([[], []]);
    await becomes(there, run, 'lost');
    expect((await dan.get(there.url + run)).body).toContain('The service was restarted');
    expect(here.said()).not.toContain('"fault"');
    expect(await releases()).toBe(before);
    servers[0] = await cluster.start({ CHIROGRAPH_STOP_SECONDS: '1' });
  });

  test('by kill -9 loses it, and the next start sweeps what it left', async () => {
    const [here, there] = servers;
    const before = await releases();
    const run = await drop(here, await formAt(here));
    const child = await heldChild(cluster.dataFolder);
    here.child.kill('SIGKILL');
    await here.ended;
    process.kill(child, 'SIGCONT');
    await becomes(there, run, 'lost');
    expect((await dan.get(there.url + run)).body).toContain('Drop the file again');
    servers[0] = await cluster.start({ CHIROGRAPH_STOP_SECONDS: '1' });
    await nothingLeft();
    expect(await releases()).toBe(before);
    await becomes(servers[0], await drop(servers[0], await formAt(servers[0])), 'done');
  });
});
