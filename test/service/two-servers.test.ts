import { mkdtempSync, openAsBlob, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPackage } from '../../src/releases/index.ts';
import { aCluster, type Cluster, type Server } from '../support/cluster.ts';
import { files } from '../support/example.ts';
import { agree, ask, signIn } from '../support/people.ts';
import { type Form, formOn, type Shown, type Visitor } from '../support/visitor.ts';

// Two servers on one PostgreSQL and one data folder are one service: every step of a journey goes to the other server than
// the step before, so whatever a step needs and only one process has in its memory is missed here.

let cluster: Cluster;
let servers: [Server, Server];
let turns = 0;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chirograph-two-'));
  cluster = await aCluster();
  servers = await Promise.all([cluster.start(), cluster.start()]); // on an empty database, at the same moment
  await cluster.settle();
});
afterAll(async () => {
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An address at the server whose turn it is not. */
function elsewhere(path: string): string {
  turns += 1;
  return `${servers[turns % 2]?.url}${path}`;
}

const both = (path: string) => servers.map(({ url }) => `${url}${path}`);

/** Opens a page at one server and sends its form at the other; what the page that follows says, at the first again. */
async function send(visitor: Visitor, page: string, action: string, fields: Form = {}): Promise<Shown> {
  const shown = await visitor.get(elsewhere(page));
  const answer = await visitor.post(elsewhere(action), { ...formOn(shown, action), ...fields });
  expect(answer.status, answer.body).toBe(303);
  const next = await visitor.get(elsewhere(answer.location ?? ''));
  return { ...next, location: answer.location };
}

describe('one journey, each step at the other server', () => {
  let amina: Visitor;
  let tom: Visitor;
  let dan: Visitor;
  let request: string;
  let release: string;

  test('two people at one server, one at the other: all sign in', async () => {
    amina = await signIn(elsewhere, 'Amina');
    tom = await signIn(elsewhere, 'Tom');
    dan = await signIn(elsewhere, 'Dan');
    for (const url of both('/'))
      for (const one of [amina, tom, dan]) expect((await one.get(url)).status).toBe(200);
  });

  test('a request is asked, checked and sent, and its notice is shown once, by whichever server is next', async () => {
    request = await ask(elsewhere, amina);
    expect((await amina.get(elsewhere(request))).body).toContain('is sent. Both logs record it');
    expect((await amina.get(elsewhere(request))).body).not.toContain('is sent. Both logs record it');
  });

  test('it is decided', async () => {
    await agree(elsewhere, tom, request);
    expect((await tom.get(elsewhere(request))).body).toContain('is agreed. Both logs record it');
  });

  test('a file is uploaded to the server that did not show the form', async () => {
    const path = `${request}/prepare`;
    const form = formOn(await dan.get(elsewhere(path)), path);
    const file = { name: 'searches.csv', data: await openAsBlob(files.stopAndSearch) };
    const prepared = await dan.post(elsewhere(path), form, file);
    release = prepared.location ?? '';
    expect(release).toMatch(/^\/releases\/REL-/);
  });

  test('what would leave is looked at, and the form is sent to both servers at once: one release, one answer', async () => {
    const looked = await tom.get(elsewhere(release));
    expect(looked.body).toContain('276');
    const form = formOn(looked, `${release}/approve`);
    const [one, other] = both(`${release}/approve`) as [string, string];
    const answers = await Promise.all([tom.post(one, form), tom.twin().post(other, form)]);
    expect(answers.map(({ status, location }) => [status, location])).toEqual([
      [303, release],
      [303, release],
    ]);
    const { rows } = await cluster.superuser.query(
      `select (select count(*)::int from releases where state = 'sent') as releases,
         (select count(*)::int from ledger_entries where entry like '%"act":"release.sent"%')
         + (select count(*)::int from ledger_pending where entry like '%"act":"release.sent"%') as halves`,
    );
    expect(rows).toEqual([{ releases: 1, halves: 2 }]);
  });

  test('it is collected, and everything that is offered comes from either server, to the byte', async () => {
    const collected = await send(amina, release, `${release}/collect`);
    expect(collected.body).toContain('is yours. Both logs say that you collected it');
    const offered = [...collected.body.matchAll(/href="(\/releases\/[^"]+\/files\/([^"]+))"/g)];
    // The record to date is offered beside the files, and is none of the package.
    const names = offered.filter(([, , name]) => name !== 'data-movement-to-date.txt');
    expect(new Set(names.map(([, , name]) => name)).size).toBe(8);
    for (const [, path = '', name = ''] of names) {
      const [one, other] = await Promise.all(both(path).map((url) => amina.get(url)));
      expect([one?.status, other?.status], name).toEqual([200, 200]);
      // A proof from the recipient's log is made when it is asked for, against the checkpoint of that moment.
      if (!/half|collected/.test(name))
        expect(one?.bytes.equals(other?.bytes ?? Buffer.of()), name).toBe(true);
      writeFileSync(join(folder, name), (turns++ % 2 ? one : other)?.bytes ?? '');
    }
    const { checks } = await verifyPackage(folder, null);
    // Whose the keys are cannot be known here; a cosignature, where it came in time, is by a key that is not held either.
    const unsure = checks.filter((check) => !check.ok);
    expect(unsure.filter((check) => !check.advisory)).toEqual([]);
    expect(unsure.map(({ name }) => name)).toContain('keys-trusted');
  });

  test('its destruction is certified, and the data is gone from both', async () => {
    const fields = { method: 'Deleted from every drive.', certain: 'yes' };
    const done = await send(amina, `${release}/destroy`, `${release}/destroy`, fields);
    expect(done.body).toContain('is certified. Both logs record it');
    for (const url of both(`${release}/files/stop-and-search.csv`))
      expect((await amina.get(url)).status).toBe(404);
  });

  test('signing out at one server holds at the other, at once', async () => {
    const twin = amina.twin();
    const form = formOn(await amina.get(elsewhere('/')), '/sign-out');
    expect((await amina.post(elsewhere('/sign-out'), form)).status).toBe(303);
    for (const url of both('/'))
      expect(await twin.get(url)).toMatchObject({
        status: 303,
        location: expect.stringContaining('/sign-in'),
      });
  });

  test('nothing is left in staging', () => {
    expect(readdirSync(join(cluster.dataFolder, 'staging'))).toEqual([]);
  });
});

test('one server goes on when the other is killed, and both serve again', async () => {
  const [one, other] = servers;
  one.child.kill('SIGKILL');
  await one.ended;
  expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
  const again = await cluster.start();
  expect(await (await fetch(`${again.url}/readyz`)).json()).toEqual({ status: 'ready' });
  servers = [again, other];
});
