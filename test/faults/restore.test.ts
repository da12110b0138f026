import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aMachine, makeWorld, workFolder } from './machine.ts';
import { aBackup, type Backup, cutOff, restoreSteps } from './restore-part.ts';

// The short form of `npm run faults -- --only restore`.

let folder: string;
let backup: Backup;
beforeAll(async () => {
  folder = workFolder();
  makeWorld(folder);
  backup = await aBackup(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a restore passes each of its steps once, in order', async () => {
  const machine = aMachine(folder, true);
  machine.plan('command', { step: 'never', nth: 1, victim: 'itself' });
  expect(await backup.restore(machine)).toMatchObject({ exit: 0 });
  expect(machine.passed().filter((step) => step.startsWith('restore.'))).toEqual(restoreSteps);
  machine.close();
});

test.each([
  ['restore.placed', 'itself'],
  ['restore.committed', 'postgres'],
] as const)(
  'killed at %s (%s), it is done again whole, and half of it is opened by nobody',
  async (step, victim) => {
    expect((await cutOff(folder, backup, { step, nth: 1, victim })).faults).toEqual([]);
  },
);
