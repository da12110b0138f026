import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findOrganisation } from '../../src/organisations/index.ts';
import { diagnose } from '../../src/overview/doctor.ts';
import { factsFor, factsOf } from '../../src/overview/doctor-facts.ts';
import { readConfig } from '../../src/platform/config.ts';
import { aCommandLine, type CommandLine } from '../support/command.ts';
import { aLiveInstance, emailOf, type Live } from '../support/live.ts';

let live: Live;
let commands: CommandLine;
beforeAll(async () => {
  live = await aLiveInstance();
  commands = aCommandLine();
});
afterAll(async () => {
  await live?.close();
  commands?.close();
});

async function found(environment: Record<string, string> = {}): Promise<string[]> {
  const config = readConfig(environment, live.instance.folders.data);
  if ('faults' in config) throw new Error(config.faults.join());
  const facts = await factsOf(live.instance, config, new Date().toISOString());
  return diagnose(facts).map(({ level, id }) => `${level} ${id}`);
}

test('the doctor of a real instance sees its people, its folders and its backups', async () => {
  const keys = join(live.instance.folders.data, 'keys');
  writeFileSync(join(keys, 'master.key'), 'x', { mode: 0o600 });
  const usual = ['do no-backup', 'know keys-beside-data', 'know checkpoints-beside-data'];
  const behind = { CHIROGRAPH_PROXY: '127.0.0.1' };
  expect(await found(behind)).toEqual(['do one-administrator', 'know one-approver', ...usual]);

  await live.join('Ada Byron', ['administrator', 'siro']);
  await live.join('Ben Cole', ['chief-executive']);
  await live.superuser.query(
    'delete from second_factors where person_id = (select id from people where email = $1)',
    [emailOf('Ben Cole')],
  );
  expect(await found(behind)).toEqual(['do no-second-factor', ...usual]);
  expect(await found({ HOST: '0.0.0.0' })).toEqual(['do no-tls', 'do no-second-factor', ...usual]);

  chmodSync(join(keys, 'master.key'), 0o644);
  const written = {
    madeAt: new Date().toISOString(),
    file: '/x',
    sha256: 'x',
    bytes: 1,
    rows: 1,
    logs: [],
    missing: 0,
  };
  writeFileSync(join(live.instance.folders.data, 'last-backup.json'), JSON.stringify(written));
  expect(await found(behind)).toEqual([
    'do no-second-factor',
    'know keys-beside-data',
    'know checkpoints-beside-data',
    'do readable',
  ]);
});

test('the doctor of the example says that it is one, and exits with 11', async () => {
  expect((await commands.run('example')).exit).toBe(0);
  const { exit, out } = await commands.run('doctor', '--json');
  expect(exit).toBe(11);
  expect(JSON.parse(out)).toMatchObject({ ok: false, findings: [{ id: 'example', level: 'do' }] });
  const told = await commands.run('doctor');
  expect(told.out).toContain('Put no real data in it');
  expect(told.out).toContain('One thing must be done.');
});

test('the page of it is for administrators and the data protection officer, and about their own body alone', async () => {
  const { instance, superuser, administrator } = live;
  await superuser.query(
    `insert into organisations (id, slug, name, created_at, parties) values ($1, 'elsewhere', 'Elsewhere Council', now(), array[$1]::uuid[])`,
    ['019b0000-0000-7000-8000-0000000000ee'],
  );
  const shown = await live.get('/safety', administrator);
  expect(shown.status).toBe(200);
  expect(shown.body).toMatch(/id="verdict">\d things to put right</);
  expect(shown.body).toContain('1 person has a password and no authenticator app');
  expect(shown.body).toContain('Ben Cole. Whoever learns');
  expect(shown.body).toContain('Others on the machine can read what only the service should');
  expect(shown.body).not.toContain('Elsewhere');
  expect(shown.body).not.toContain(instance.folders.data);

  const officer = await live.join('Priya Shah', ['dpo']);
  expect((await live.get('/safety', officer.session)).status).toBe(200);
  const { session } = await live.join('Dan Okafor', ['practitioner', 'auditor']);
  const refused = await live.get('/safety', session);
  expect(refused.status).toBe(403);
  expect(refused.body).not.toContain('Ben Cole');
  for (const [page, whose] of [
    ['/people', administrator],
    ['/', officer.session],
  ] as const) {
    expect((await live.get(page, whose)).body).toContain('href="/safety"');
    expect((await live.get(page, session)).body).not.toContain('href="/safety"');
  }
});

test('whose role signs in to somebody else’s PostgreSQL is told without the owner’s connection', async () => {
  const organisation = await live.instance.database.read(null, (db) =>
    findOrganisation(db, 'westmarch-police'),
  );
  if (!organisation) throw new Error('There is no such body');
  const setting = { host: 'localhost', proxies: [], databaseUrl: 'postgres://keeper@db/shared' };
  const mayNot = { ...live.instance, asOwner: () => Promise.reject(new Error('It was done as the owner')) };
  const facts = await factsFor(mayNot, setting, { organisation, person: null }, new Date().toISOString());
  expect(facts.database).toMatchObject({ superuser: true, encrypted: false });
  expect(facts.bodies.map((body) => body.slug)).toEqual(['westmarch-police']);
  expect(Math.abs(facts.skew)).toBeLessThan(60);
});
