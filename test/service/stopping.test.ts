import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCluster, type Cluster, type Server } from '../support/cluster.ts';
import { processesOn } from '../support/command.ts';
import { files } from '../support/example.ts';
import { heldChild, runsProgram } from '../support/held-child.ts';
import { agree, ask, signIn } from '../support/people.ts';
import { type Form, formOn, type Visitor } from '../support/visitor.ts';

// A service that is told to stop finishes what people have under way, or says clearly that it did not; it leaves no
// process and no data behind, and exits with 0.

let cluster: Cluster;
let dan: Visitor;
let path: string;

const staging = () => readdirSync(join(cluster.dataFolder, 'staging'));
const text = readFileSync(files.stopAndSearch);

beforeAll(async () => {
  cluster = await aCluster();
  await cluster.settle();
  const { url, child, ended } = await cluster.start();
  const at = (page: string) => url + page;
  const request = await ask(at, await signIn(at, 'Amina'));
  await agree(at, await signIn(at, 'Tom'), request);
  dan = await signIn(at, 'Dan');
  path = `${request}/prepare`;
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
afterAll(() => cluster?.close());

const formAt = async ({ url }: Server): Promise<Form> => formOn(await dan.get(url + path), path);

type Answer = { status: number | undefined; headers: IncomingMessage['headers']; body: string };

/** An upload over a connection of its own: what was sent so far, the rest, and the answer. */
function upload({ url }: Server, form: Form) {
  const edge = 'edge-of-a-part';
  const parts = Object.entries(form).map(
    ([name, value]) => `--${edge}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `${parts.join('')}--${edge}\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`;
  const request = httpRequest(url + path, {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: { cookie: dan.cookies(), 'content-type': `multipart/form-data; boundary=${edge}` },
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
    });
  });
  answer.catch(() => {});
  const half = Math.floor(text.length / 2);
  request.write(head);
  request.write(text.subarray(0, half));
  const finish = () => request.end(Buffer.concat([text.subarray(half), Buffer.from(`\r\n--${edge}--\r\n`)]));
  return { finish, answer };
}

/** Waits until so many files are being received, or have been. */
const receiving = (files = 1) => {
  const sizes = () =>
    staging().map((name) => sizeOf(join(cluster.dataFolder, 'staging', name, 'dropped.csv')));
  const isThere = () => sizes().filter((size) => size > 0).length >= files;
  return expect.poll(isThere, { timeout: 20_000 }).toBe(true);
};

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

async function refusesConnections({ url }: Server): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(`${url}/healthz`).then(
          () => 'served',
          () => 'refused',
        ),
      { timeout: 20_000 },
    )
    .toBe('refused');
}

const releases = async () =>
  (await cluster.superuser.query<{ reference: string }>('select reference from releases')).rows.length;

async function endedCleanly(server: Server): Promise<void> {
  expect(await server.ended, server.said()).toBe(0);
  expect(staging()).toEqual([]);
  const ours = processesOn(cluster.dataFolder).filter((pid) => runsProgram(pid, /server\.ts|child\.ts/));
  expect(ours).toEqual([]);
}

test('a balancer is told before the door is shut, and connections that are kept open end', async () => {
  const server = await cluster.start({ CHIROGRAPH_DRAIN_SECONDS: '2' });
  const before = await fetch(`${server.url}/readyz`);
  expect([before.status, await before.json(), before.headers.get('connection')]).toEqual([
    200,
    { status: 'ready' },
    'keep-alive',
  ]);
  server.child.kill('SIGTERM');
  await expect.poll(() => fetch(`${server.url}/readyz`).then(({ status }) => status)).toBe(503);
  const after = await fetch(`${server.url}/readyz`);
  expect(await after.json()).toEqual({ status: 'unready', because: 'stopping' });
  const page = await fetch(`${server.url}/help`);
  expect([page.status, page.headers.get('connection')]).toEqual([200, 'close']);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await refusesConnections(server);
  await endedCleanly(server);
});

test('a slow upload that is under way is taken to its end', async () => {
  const server = await cluster.start();
  const before = await releases();
  const { finish, answer } = upload(server, await formAt(server));
  await receiving();
  server.child.kill('SIGTERM');
  await refusesConnections(server);
  await sleep(500);
  finish();
  const { status, headers } = await answer;
  expect([status, headers.connection, headers.location?.startsWith('/releases/REL-')]).toEqual([
    303,
    'close',
    true,
  ]);
  await endedCleanly(server);
  expect(await releases()).toBe(before + 1);
});

test('a file that is being worked on is worked on to its end', async () => {
  const server = await cluster.start();
  const before = await releases();
  const { finish, answer } = upload(server, await formAt(server));
  finish();
  const child = await heldChild(cluster.dataFolder);
  server.child.kill('SIGTERM');
  await refusesConnections(server);
  process.kill(child, 'SIGCONT');
  expect(await answer).toMatchObject({ status: 303 });
  await endedCleanly(server);
  expect(await releases()).toBe(before + 1);
});

test.each([
  ['its time is up', { CHIROGRAPH_STOP_SECONDS: '1' }, false],
  ['a second signal says now', {}, true],
])(
  'when %s, what is under way ends with a page that says so, and the same form can be sent again',
  async (_, more, second) => {
    const server = await cluster.start(more);
    const before = await releases();
    const form = await formAt(server);
    const working = upload(server, form);
    working.finish();
    await heldChild(cluster.dataFolder);
    const slow = upload(server, await formAt(server));
    await receiving(2);
    await sleep(300); // what was sent is all read: an answer to what was not would be lost with the connection
    server.child.kill('SIGTERM');
    if (second) {
      await sleep(1500);
      server.child.kill('SIGTERM');
    }
    for (const { answer } of [working, slow]) {
      const { status, headers, body } = await answer;
      expect([status, headers['retry-after'], headers.connection]).toEqual([503, '5', 'close']);
      expect(body).toContain('The service is restarting');
      expect(body).toContain('send it once more');
    }
    await endedCleanly(server);
    expect(await releases()).toBe(before);
    expect(server.said()).not.toContain('"fault"');

    const again = await cluster.start();
    for (const _time of [1, 2]) {
      const { finish, answer } = upload(again, form);
      finish();
      expect(await answer).toMatchObject({ status: 303 });
    }
    expect(await releases()).toBe(before + 1);
    again.child.kill('SIGTERM');
    await endedCleanly(again);
  },
);

test('Ctrl-C, which comes twice at once, is one signal', async () => {
  const server = await cluster.start();
  const { finish, answer } = upload(server, await formAt(server));
  await receiving();
  server.child.kill('SIGINT');
  server.child.kill('SIGINT');
  await refusesConnections(server);
  finish();
  expect(await answer).toMatchObject({ status: 303 });
  await endedCleanly(server);
});

test('a server that cannot be reached by its database says so, is not ready, and is again when it is back', async () => {
  const server = await cluster.start();
  await cluster.superuser.query('alter role chirograph_app connection limit 0');
  await cluster.superuser.query('alter role chirograph_worker connection limit 0');
  await cluster.superuser.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename in ('chirograph_app', 'chirograph_worker')`,
  );
  const unready = await fetch(`${server.url}/readyz`);
  expect([unready.status, await unready.json()]).toEqual([503, { status: 'unready', because: 'database' }]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
  for (const role of ['chirograph_app', 'chirograph_worker']) {
    await cluster.superuser.query(`alter role ${role} connection limit -1`);
  }
  await expect
    .poll(() => fetch(`${server.url}/readyz`).then(({ status }) => status), { timeout: 20_000 })
    .toBe(200);
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  await endedCleanly(server);
});
