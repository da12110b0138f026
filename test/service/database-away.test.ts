import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCluster, type Cluster, type Server } from '../support/cluster.ts';
import { ask, signIn } from '../support/people.ts';
import { formOn, type Visitor } from '../support/visitor.ts';

// A PostgreSQL of DATABASE_URL is not the service's to start again: it waits for it, says so, and goes on by itself.

const asked = {
  offer: 'ISA-2026-001 stop-and-search',
  purpose: 'complaint-reviews',
  need: 'To review one.',
};

let cluster: Cluster;
let server: Server;
let amina: Visitor;

beforeAll(async () => {
  cluster = await aCluster();
  server = await cluster.start();
  await cluster.settle();
  amina = await signIn(at, 'Amina');
});
afterAll(() => cluster?.close());

const at = (path: string) => `${server.url}${path}`;
const ready = async () => {
  const answer = await fetch(at('/readyz'));
  return { status: answer.status, says: await answer.json() };
};

test('PostgreSQL is killed and comes back, again and again: it is said, and nothing that was answered is lost', async () => {
  const acknowledged: string[] = [];
  for (let time = 0; time < 3; time += 1) {
    acknowledged.push(await ask(at, amina));
    const form = formOn(await amina.get(at('/requests/new')), '/requests/check');
    const checked = await amina.post(at('/requests/check'), { ...form, ...asked });
    const send = () => amina.post(at('/requests'), { ...formOn(checked, '/requests'), ...asked });

    const startAgain = cluster.killPostgres();
    const midway = send(); // at this very moment: done or not, it may be sent again
    expect([303, 503]).toContain((await midway).status);
    await expect.poll(async () => (await ready()).status, { timeout: 60_000 }).toBe(503);
    expect((await ready()).says).toEqual({ status: 'unready', because: 'database' });
    expect((await fetch(at('/healthz'))).status).toBe(503);
    const away = await send();
    expect(away.status).toBe(503);
    expect(away.body).toContain('Try again');
    expect(away.body).not.toMatch(/ECONN|terminat|postgres/i);
    expect(server.child.exitCode, 'it goes on running').toBeNull();

    await startAgain();
    await expect.poll(async () => (await ready()).status, { timeout: 120_000 }).toBe(200);
    const [one, other] = [await send(), await send()];
    expect([one.status, other.location]).toEqual([303, one.location]);
    acknowledged.push(one.location ?? '');
  }
  await expect.poll(async () => (await fetch(at('/healthz'))).status, { timeout: 60_000 }).toBe(200);

  expect(new Set(acknowledged).size).toBe(6);
  const superuser = new pg.Client({
    host: cluster.superuser.host,
    port: cluster.superuser.port,
    database: 'shared',
    user: 'postgres',
  });
  await superuser.connect();
  const halves = async () => {
    const { rows } = await superuser.query<{ reference: string; halves: number }>(
      `select reference, (select count(*)::int from ledger_entries where entry like '%' || r.id || '%') as halves
       from requests r order by reference`,
    );
    return rows.map((row) => [`/requests/${row.reference}`, row.halves]);
  };
  const expected = acknowledged.toSorted().map((path) => [path, 2]);
  await expect.poll(halves, { timeout: 60_000 }).toEqual(expected);
  await superuser.end();
  expect(server.said()).toMatch(/"route":"\/requests","status":503,.*"fault":{/);
});
