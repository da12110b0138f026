import { describe, expect, test } from 'vitest';
import { diagnose, type Facts } from './doctor.ts';

const well: Facts = {
  mode: 'live',
  config: {
    host: '0.0.0.0',
    proxies: ['10.0.0.1'],
    databaseUrl: 'postgres://db/shared',
    dataFolder: '/srv/data',
  },
  now: '2026-11-23T10:00:00.000Z',
  node: '24.21.0',
  readable: [],
  sameDisk: false,
  lastBackup: '2026-11-23T02:00:00.000Z',
  waited: 0,
  skew: 0.01,
  database: { superuser: false, encrypted: true, remote: true },
  bodies: [{ slug: 'westmarch-police', administrators: 2, approvers: 2, withoutApp: [], trouble: null }],
};
const [body] = well.bodies;
const idsOf = (change: Partial<Facts>) =>
  diagnose({ ...well, ...change }).map(({ level, id }) => `${level} ${id}`);

describe('what the doctor says', () => {
  test('of an instance where all is well: nothing', () => {
    expect(diagnose(well)).toEqual([]);
  });

  test.each([
    ['the example', { mode: 'example' }, ['do example']],
    [
      'an address that others reach, with no proxy',
      { config: { ...well.config, proxies: [] } },
      ['do no-tls'],
    ],
    ['this machine only', { config: { ...well.config, host: '127.0.0.1', proxies: [] } }, ['know no-proxy']],
    ['nobody yet', { bodies: [] }, ['do empty']],
    ['a password alone', { bodies: [{ ...body, withoutApp: ['Ben Cole'] }] }, ['do no-second-factor']],
    ['a lone administrator', { bodies: [{ ...body, administrators: 1 }] }, ['do one-administrator']],
    ['a lone approver', { bodies: [{ ...body, approvers: 1 }] }, ['know one-approver']],
    ['no backup', { lastBackup: null }, ['do no-backup']],
    ['an old backup', { lastBackup: '2026-11-21T02:00:00.000Z' }, ['do no-backup']],
    ['its own database', { config: { ...well.config, databaseUrl: null } }, ['know keys-beside-data']],
    ['checkpoints on the same disk', { sameDisk: true }, ['know checkpoints-beside-data']],
    ['an open key', { readable: ['/srv/data/keys/master.key'] }, ['do readable']],
    ['an old Node', { node: '20.19.0' }, ['do node']],
    ['an odd Node', { node: '23.1.0' }, ['do node']],
    ['clocks apart', { skew: -4 }, ['do clock']],
    ['a ledger that waits', { waited: 11 }, ['do ledger-waits']],
    ['a superuser', { database: { ...well.database, superuser: true } }, ['do database-role']],
    ['no TLS to the database', { database: { ...well.database, encrypted: false } }, ['do database-tls']],
    ['no TLS to a database here', { database: { superuser: false, encrypted: false, remote: false } }, []],
  ] as [string, Partial<Facts>, string[]][])('of %s', (_, change, ids) => {
    expect(idsOf(change)).toEqual(ids);
  });

  test('each with what to do, in whole sentences', () => {
    const all = diagnose({
      ...well,
      bodies: [
        { slug: 'a', administrators: 0, approvers: 0, withoutApp: ['Ada', 'Ben', 'Cy'], trouble: null },
      ],
      readable: ['/x'],
      node: '18.0.0',
    });
    for (const { says, todo } of all) {
      expect(says).toMatch(/^\S.*\.$/);
      expect(todo.length).toBeGreaterThan(10);
    }
  });
});
