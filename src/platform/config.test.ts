import { describe, expect, test } from 'vitest';
import { isLoopback, readConfig } from './config.ts';

describe('the environment', () => {
  test('says nothing: the example’s port and address, and data in the folder', () => {
    const nothing = {
      port: 3000,
      host: 'localhost',
      dataFolder: '/srv/data',
      databaseUrl: null,
      proxies: [],
      witnesses: [],
      mode: null,
      drainSeconds: 0,
      stopSeconds: 30,
    };
    expect(readConfig({}, '/srv')).toEqual(nothing);
    const empty = { PORT: '', HOST: '', CHIROGRAPH_DATA: '', CHIROGRAPH_MODE: '', DATABASE_URL: '' };
    expect(readConfig(empty, '/srv')).toEqual(nothing);
  });

  test('says everything', () => {
    const env = {
      PORT: '8080',
      HOST: '0.0.0.0',
      CHIROGRAPH_DATA: '../kept',
      CHIROGRAPH_MODE: 'live',
      DATABASE_URL: 'postgresql://keeper@db/shared',
      CHIROGRAPH_DRAIN_SECONDS: '5',
      CHIROGRAPH_STOP_SECONDS: '60',
      CHIROGRAPH_PROXY: '127.0.0.1, 10.1.0.0/16,::1',
      CHIROGRAPH_WITNESSES:
        'https://witness.example w.example+0011aabb+BAAB, http://10.0.0.9:7380/a/ b+00000000+BA==',
    };
    expect(readConfig(env, '/srv/app')).toEqual({
      port: 8080,
      host: '0.0.0.0',
      dataFolder: '/srv/kept',
      databaseUrl: 'postgresql://keeper@db/shared',
      mode: 'live',
      drainSeconds: 5,
      stopSeconds: 60,
      proxies: ['127.0.0.1', '10.1.0.0/16', '::1'],
      witnesses: [
        { url: 'https://witness.example/', vkey: 'w.example+0011aabb+BAAB' },
        { url: 'http://10.0.0.9:7380/a/', vkey: 'b+00000000+BA==' },
      ],
    });
  });

  test('has several faults: all are said at once, each with what to do', () => {
    const faults = ['PORT is "eighty"', 'CHIROGRAPH_MODE is "test"', 'DATABASE_URL does not start with'];
    const read = readConfig({ PORT: 'eighty', CHIROGRAPH_MODE: 'test', DATABASE_URL: 'mysql://db' }, '/srv');
    expect(read).toEqual({ faults: faults.map((fault) => expect.stringContaining(fault)) });
    expect(read).toEqual({ faults: expect.arrayContaining([expect.stringContaining('such as 3000')]) });
  });

  test.each(['-1', '65536', '0x50', '1e3', '80.5', ' ', '80 '])('PORT=%j is no port', (PORT) => {
    expect(readConfig({ PORT }, '/srv')).toEqual({ faults: [expect.stringContaining('PORT')] });
  });

  test.each(['-1', '301', '1.5', 'soon'])('CHIROGRAPH_STOP_SECONDS=%j is no time to wait', (text) => {
    const faults = [expect.stringContaining('CHIROGRAPH_STOP_SECONDS')];
    expect(readConfig({ CHIROGRAPH_STOP_SECONDS: text }, '/srv')).toEqual({ faults });
  });

  test.each(['true', '1', 'proxy.internal', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.1/', '10.0.0.1/8/8'])(
    'CHIROGRAPH_PROXY=%j is no address of a proxy',
    (CHIROGRAPH_PROXY) => {
      expect(readConfig({ CHIROGRAPH_PROXY }, '/srv')).toEqual({
        faults: [expect.stringContaining('CHIROGRAPH_PROXY')],
      });
    },
  );

  test('asks for the example on a PostgreSQL of the user’s: refused, with what to do', () => {
    const env = { CHIROGRAPH_MODE: 'example', DATABASE_URL: 'postgres://db/shared' };
    expect(readConfig(env, '/srv')).toEqual({ faults: [expect.stringContaining('Unset it')] });
  });
});

test('only this machine’s own addresses are loopback', () => {
  for (const host of ['localhost', '127.0.0.1', '::1']) expect(isLoopback(host), host).toBe(true);
  for (const host of ['0.0.0.0', '::', '192.168.1.4', 'localhost.example.org', '127.0.0.1.example.org', '']) {
    expect(isLoopback(host), host).toBe(false);
  }
});
