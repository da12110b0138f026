import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { repeat } from './repeat.ts';

/** Work that meets some faults one time after another, then none; `times` is how often it was done. */
function meeting(...faults: unknown[][]) {
  const done = { times: 0, work: async () => faults[done.times++] ?? [] };
  return done;
}

describe('work that is done again and again', () => {
  test('has each fault reported once while it lasts, and again when it comes back', async () => {
    const away = () => new Error('the database is away');
    const stopped = new Error('the log is stopped');
    const done = meeting([away()], [away(), stopped], [away()], [], [away()]);
    const reported: string[] = [];
    const repeated = repeat({ pause: 1 }, done.work, (fault) => reported.push(String(fault)));
    await expect.poll(() => done.times, { timeout: 10_000 }).toBeGreaterThan(5);
    await repeated.stop();
    expect(reported).toEqual([away(), stopped, away()].map(String));
  });

  test('goes on after one that is thrown', async () => {
    const reported: unknown[] = [];
    let times = 0;
    const work = async () => {
      times += 1;
      if (times === 1) throw new Error('once');
      return [];
    };
    const repeated = repeat({ pause: 1 }, work, (fault) => reported.push(fault));
    await expect.poll(() => times, { timeout: 10_000 }).toBeGreaterThan(2);
    await repeated.stop();
    expect(reported).toEqual([new Error('once')]);
  });

  test('is told to stop, waited for, and not begun again', async () => {
    let [begun, ended] = [0, 0];
    const work = async (stopping: AbortSignal) => {
      begun += 1;
      while (!stopping.aborted) await sleep(1);
      ended += 1;
      return [];
    };
    const repeated = repeat({ pause: 1 }, work, () => {});
    await expect.poll(() => begun, { timeout: 10_000 }).toBe(1);
    await repeated.stop();
    expect([begun, ended]).toEqual([1, 1]);
  });

  test('is not begun at all where it is stopped before its first time', async () => {
    const done = meeting();
    await repeat({ first: 60_000, pause: 60_000 }, done.work, () => {}).stop();
    expect(done.times).toBe(0);
  });
});
