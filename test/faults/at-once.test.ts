import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forms } from './acts.ts';
import { faultsOfLogs, faultsOfProcesses, readRecords } from './invariants.ts';
import { underLoad } from './load-part.ts';
import { aMachine, type Machine, makeWorld, type Serving, workFolder } from './machine.ts';
import { oneKey } from './same-key-part.ts';
import { input } from './world.ts';

let folder: string;
let machine: Machine;
let service: Serving;
beforeAll(async () => {
  folder = workFolder();
  makeWorld(folder);
  machine = aMachine(folder);
  service = await machine.service();
});
afterAll(async () => {
  await service.stop();
  const left = await faultsOfProcesses(machine);
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

const share = (out: string) =>
  machine.command(
    ...['share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'],
    ...['--to', 'westmarch-opcc', '--purpose', 'hold-to-account', '--input', input, '--out', out],
  ).ended;

describe('one key, sent many times at once, is one act and one answer', () => {
  // A file is prepared anew each time before its key is looked at, so fewer of those.
  const names = (Object.keys(forms) as (keyof typeof forms)[]).filter((name) => name !== 'withdraw');
  test.each(names)('%s', async (name) => {
    const row = await oneKey(machine, service, name, name === 'prepare' ? 8 : 100);
    expect(row.faults).toEqual([]);
  });
});

test('PostgreSQL is killed while people send forms: each is answered in the end, and done once', async () => {
  const row = await underLoad(machine, service, { kills: 3, minutes: 5, say: () => {} });
  expect(row).toMatchObject({ times: 3, faults: [] });
});

describe('several processes on one data folder', () => {
  test('a second service is refused, and told what to do', async () => {
    await expect(machine.service()).rejects.toThrow(
      /is already running on the data folder .*\. Stop it first, or set CHIROGRAPH_DATA to another folder/,
    );
  });

  test('commands at once beside a service, all sweeping and integrating, all share', async () => {
    const before = (await readRecords(machine)).acts('release.sent', null).length;
    const outs = ['one', 'two', 'three'].map((name) => `${machine.folder}/out/at-once-${name}`);
    const answers = await Promise.all(outs.map(share));
    expect(answers.map(({ exit, err }) => [exit, err])).toEqual(outs.map(() => [0, '']));
    const records = await readRecords(machine);
    expect(records.acts('release.sent', null).length - before).toBe(2 * outs.length);
    expect(faultsOfLogs(records)).toEqual([]);
  });

  test('commands at once with no service, all share', async () => {
    const alone = aMachine(folder);
    const outs = ['one', 'two'].map((name) => `${alone.folder}/out/${name}`);
    const answers = await Promise.all(
      outs.map(
        (out) =>
          alone.command(...['collect', alone.world.sent, '--as', 'westmarch-opcc', '--out', out]).ended,
      ),
    );
    expect(answers.map(({ exit, err }) => [exit, err])).toEqual(outs.map(() => [0, '']));
    expect(await faultsOfProcesses(alone)).toEqual([]);
    alone.close();
  });

  test('three times “chirograph example” at once on nothing make one example', async () => {
    const empty = aMachine(folder, true);
    const answers = await Promise.all([1, 2, 3].map(() => empty.command('example').ended));
    expect(answers.map(({ exit, out }) => [exit, out.split('\n')[0]])).toEqual(
      answers.map(() => [0, 'The example is ready.']),
    );
    const started = await empty.service();
    expect(faultsOfLogs(await readRecords(empty))).toEqual([]);
    expect((await readRecords(empty)).acts('organisation.created', null)).toHaveLength(3);
    await started.stop();
    empty.close();
  });
});
