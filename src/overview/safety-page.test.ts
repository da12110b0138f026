import { expect, test } from 'vitest';
import type { Caller } from '../organisations/rules.ts';
import type { Facts } from './doctor.ts';
import { safetyPage } from './safety-page.ts';

const caller: Caller = {
  organisation: { id: 'o', slug: 'westmarch-police', name: 'Westmarch Police' },
  person: null,
};
const well: Facts = {
  mode: 'live',
  config: {
    host: '127.0.0.1',
    proxies: ['127.0.0.1'],
    databaseUrl: 'postgres://keeper@10.0.0.5/shared',
    dataFolder: '/srv/data',
  },
  now: '2026-11-23T10:00:00.000Z',
  node: '24.21.0',
  readable: [],
  sameDisk: false,
  lastBackup: '2026-11-23T02:00:00.000Z',
  waited: 0,
  skew: 0,
  database: { superuser: false, encrypted: true, remote: true },
  bodies: [{ slug: 'westmarch-police', administrators: 2, approvers: 2, withoutApp: [], trouble: null }],
};
const [body] = well.bodies;
if (!body) throw new Error('There is no body');

/** Everything that the doctor can find in a real instance, each once and some twice. */
const ill: Facts = {
  ...well,
  config: { ...well.config, host: '10.0.0.9', proxies: [], databaseUrl: null },
  node: '20.19.0',
  readable: ['/srv/data', '/srv/data/keys/master.key'],
  sameDisk: true,
  lastBackup: null,
  waited: 60,
  skew: 3,
  database: { superuser: true, encrypted: false, remote: true },
  bodies: [
    {
      slug: 'westmarch-police',
      administrators: 1,
      approvers: 0,
      withoutApp: ['Ada Byron', 'Ben Cole'],
      trouble: { kind: 'unreadable', origin: 'o', path: '/srv/data/checkpoints/x', fault: 'EACCES' },
    },
  ],
};

test('says that nothing has to be put right, where that is so', () => {
  expect(safetyPage(caller, well)).toMatchObject({ must: 0, weigh: 0, yours: [], operators: [] });
});

test('tells an administrator what is theirs to put right, by name, and what is for whoever runs the service', () => {
  const { yours, operators, must, verdict } = safetyPage(caller, ill);
  expect(yours.map((one) => one.title)).toEqual([
    '2 people have a password and no authenticator app',
    'Only one administrator can sign in',
    'Nobody approves releases',
  ]);
  expect(yours[0]?.says).toMatch(/^Ada Byron and Ben Cole\./);
  expect(operators.map((one) => one.title)).toContain('No backup is known of');
  expect(new Set(operators.map((one) => one.title)).size, 'each thing once').toBe(operators.length);
  const putRight = [...yours, ...operators].filter((one) => one.tag.text === 'Put right');
  expect([must, verdict]).toEqual([putRight.length, `${putRight.length} things to put right`]);
});

test('says what must be done first, and each thing in whole sentences with what to do', () => {
  const { operators, yours } = safetyPage(caller, ill);
  const tags = operators.map((one) => one.tag.text);
  expect(tags).toEqual([...tags].sort());
  for (const { says, todo } of [...operators, ...yours]) {
    expect(says).toMatch(/^[A-Z].*\.$/);
    expect(todo).toMatch(/^[A-Z].*\.$/);
  }
});

test('shows no path, address or setting, which are for who runs the service', () => {
  const shown = JSON.stringify([
    safetyPage(caller, ill),
    safetyPage(caller, { ...ill, config: well.config }),
  ]);
  for (const secret of [
    '/srv',
    '10.0.0',
    'postgres://',
    'keeper',
    'CHIROGRAPH_',
    'DATABASE_URL',
    'chmod',
    'EACCES',
  ])
    expect(shown).not.toContain(secret);
});
