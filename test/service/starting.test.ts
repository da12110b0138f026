import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCluster, type Cluster } from '../support/cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await aCluster();
  await cluster.settle();
});
afterAll(() => cluster?.close());

const anyPort = { host: '127.0.0.1', port: 0 };

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((done) => {
    server.listen(anyPort, () => done((server.address() as AddressInfo).port));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

test('a witness is asked before anybody is served, and one that does not answer keeps nobody from the service for long', async () => {
  const port = await freePort();
  const found: (number | string)[] = [];
  const witness = createServer(async (_request, response) => {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    found.push(ready?.status ?? 'nobody was there');
    if (found.length > 1) response.writeHead(503).end(); // the first time it says nothing
  });
  const url = `http://127.0.0.1:${await listening(witness)}`;
  const server = await cluster.start({
    PORT: String(port),
    CHIROGRAPH_WITNESSES: `${url} witness.example+ed0a65a5+BMUgg/XlH6lp5HZVyLGnCy1Pg0KxeaJeCgIdQyzS4lui`,
  });
  await expect.poll(() => found.length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(found[0]).toBe('nobody was there');
  witness.closeAllConnections();
  server.child.kill('SIGTERM');
  expect(await server.ended, server.said()).toBe(0);
  witness.close();
});
