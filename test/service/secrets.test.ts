import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCluster, type Cluster, password, type Server } from '../support/cluster.ts';
import { files } from '../support/example.ts';
import { agree, ask, signIn } from '../support/people.ts';
import { aVisitor, formOn, type Shown, type Visitor } from '../support/visitor.ts';

// A whole thread in a real instance, with things that go wrong on the way; then everything that it wrote is searched for what
// must never be written: who people are, what they typed, what opens a door, and what is in the data.

const words = {
  reasons: 'Zephyrine said in confidence that it is needed.',
  method: 'Shredded by Zephyrine in the basement.',
  wrongPassword: 'incorrect zeppelin basement',
  notAnAddress: 'quillfeather@nowhere.example',
};
/** A value that nobody else's file has, in a column that leaves and in one that does not. */
const cells = { leaving: 'Quibblesworth warning', staying: 'Zanzibar Operation' };
const column = { leaving: 'Outcome', staying: 'Policing operation' };

let cluster: Cluster;
let server: Server;
const addresses: string[] = [];
const secrets = new Map<string, string>();

/** A visitor whose addresses are kept, and whose cookies are secrets. */
function watched(visitor: Visitor, name: string): Visitor {
  const keep = (url: string, shown: Shown) => {
    addresses.push(url, shown.location ?? '');
    for (const cookie of visitor.cookies().split('; ')) {
      const [about = '', value = ''] = cookie.split('=');
      if (value.length > 20 && !about.includes('notice')) secrets.set(`${about} of ${name}`, value);
    }
    return shown;
  };
  return {
    ...visitor,
    get: async (url) => keep(url, await visitor.get(url)),
    post: async (url, form, file) => keep(url, await visitor.post(url, form, file)),
  };
}

const at = (path: string) => `${server.url}${path}`;

async function send(visitor: Visitor, page: string, action: string, fields: Record<string, string> = {}) {
  const form = formOn(await visitor.get(at(page)), action);
  const answer = await visitor.post(at(action), { ...form, ...fields });
  expect(answer.status, answer.body).toBe(303);
  return answer.location ?? '';
}

/** January's stop and searches with one value of ours in two columns. */
function input(): Blob {
  const [header = '', ...rows] = readFileSync(files.stopAndSearch, 'utf8').trim().split(/\r?\n/);
  const place = (name: string) => header.replaceAll('"', '').split(',').indexOf(name);
  const marked = rows.map((row, index) => {
    const values = row.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    if (index < 200) values[place(column.leaving)] = cells.leaving;
    values[place(column.staying)] = cells.staying;
    return values.join(',');
  });
  return new Blob([[header, ...marked].join('\n')]);
}

beforeAll(async () => {
  cluster = await aCluster();
  server = await cluster.start();
  await cluster.settle();
  const amina = watched(await signIn(at, 'Amina'), 'Amina');
  const tom = watched(await signIn(at, 'Tom'), 'Tom');
  const dan = watched(await signIn(at, 'Dan'), 'Dan');

  // What goes wrong: a wrong password, an address that nobody has, a page that is not there, a file that cannot be read.
  const nobody = watched(aVisitor(), 'nobody');
  for (const [email, secret] of [
    ['tom.reyes@westmarch-police.example', words.wrongPassword],
    [words.notAnAddress, password],
  ] as const) {
    const form = formOn(await nobody.get(at('/sign-in')), '/sign-in');
    await nobody.post(at('/sign-in'), { ...form, email, password: secret });
  }
  await nobody.get(at('/nothing/here'));
  const request = await ask(at, amina);
  await tom.get(at(request));
  await agree(at, tom, request);
  const prepare = `${request}/prepare`;
  const form = formOn(await dan.get(at(prepare)), prepare);
  const bad = new Blob([`Type,Date\n"${cells.leaving},2024\n`]);
  await dan.post(at(prepare), form, { name: `${words.reasons}.csv`, data: bad });
  const again = formOn(await dan.get(at(prepare)), prepare);
  const prepared = await dan.post(at(prepare), again, { name: 'searches.csv', data: input() });
  const release = prepared.location ?? '';
  expect(release, prepared.body).toMatch(/^\/releases\/REL-/);
  const looked = await tom.get(at(release));
  expect(looked.body).toContain(cells.leaving);
  await send(tom, release, `${release}/approve`);
  await send(amina, release, `${release}/collect`);
  await amina.get(at(`${release}/files/stop-and-search.csv`));
  await send(amina, `${release}/destroy`, `${release}/destroy`, { method: words.method, certain: 'yes' });
  await dan.get(at('/ledger'));
  await tom.get(at('/people'));

  // And beneath: the service's role breaks a rule of the database while it handles people's values.
  const { rows: people } = await cluster.superuser.query<{ id: string; name: string; email: string }>(
    'select id, name, email from people where name is not null',
  );
  await cluster.superuser
    .query('insert into people select * from people where email = $1', ['tom.reyes@westmarch-police.example'])
    .catch(() => {});
  for (const { id, name, email } of people) {
    secrets.set(`name ${id}`, name);
    secrets.set(`address ${id}`, email);
  }
  const { rows: hashes } = await cluster.superuser.query<{ password_hash: string }>(
    'select password_hash from people where password_hash is not null limit 1',
  );
  secrets.set('a password’s hash', hashes[0]?.password_hash ?? '');
  secrets.set('the password', password);
  for (const [name, text] of Object.entries({ ...words, ...cells })) secrets.set(name, text);
  const master = readFileSync(join(cluster.dataFolder, 'keys/master.key'));
  secrets.set('the master key', master.toString('utf8').trim());
  secrets.set('the master key in hex', master.toString('hex'));
  secrets.set('an age identity', 'AGE-SECRET-KEY-');
  secrets.set('a private key', 'PRIVATE KEY');
}, 300_000);
afterAll(() => cluster?.close());

/** The names of the secrets that a text holds, also where it is escaped or encoded as an address is. */
function found(text: string): string[] {
  const plain = text.toLowerCase();
  return [...secrets]
    .filter(([, secret]) =>
      [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].some(
        (form) => form !== '' && plain.includes(form.toLowerCase()),
      ),
    )
    .map(([name]) => name);
}

test('there is something to look for, and the search finds it', () => {
  expect(secrets.size).toBeGreaterThan(20);
  expect([...secrets.keys()].filter((name) => name.startsWith('__Host-chirograph of')).length).toBe(3);
  expect(found('x tom.reyes%40westmarch-police.example x')).toHaveLength(1);
});

test('the console and log of the service', () => {
  const lines = server.said().split('\n');
  expect(lines.filter((line) => line.startsWith('{')).length).toBeGreaterThan(30);
  expect(found(server.said())).toEqual([]);
});

test('PostgreSQL’s log', () => {
  const logs = readdirSync(dirname(cluster.dataFolder), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /postgres\/log(\.1)?$/.test(name),
  );
  const text = logs.map((name) => readFileSync(join(dirname(cluster.dataFolder), name), 'utf8')).join('\n');
  // What a statement was refused for can name values, so refusals are not in it.
  expect(text).toContain('ready to accept connections');
  expect(text).not.toContain('duplicate key');
  expect(found(text)).toEqual([]);
});

test('addresses of pages, and where they lead', () => {
  expect(addresses.length).toBeGreaterThan(40);
  expect(found(addresses.join('\n'))).toEqual([]);
});

describe('the ledger', () => {
  test.each(['ledger_entries', 'ledger_pending', 'ledger_checkpoints', 'answers'])('%s', async (table) => {
    const { rows } = await cluster.superuser.query<{ row: string }>(`select t::text as row from ${table} t`);
    expect(found(rows.map(({ row }) => row).join('\n'))).toEqual([]);
  });
});

test('every file in the data folder but the keys themselves', () => {
  const names = readdirSync(cluster.dataFolder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith(`keys${sep}`) && statSync(join(cluster.dataFolder, name)).isFile(),
  );
  expect(names.some((name) => name.endsWith('manifest.json'))).toBe(true);
  for (const name of names) {
    expect([name, found(readFileSync(join(cluster.dataFolder, name), 'latin1'))]).toEqual([name, []]);
  }
});
