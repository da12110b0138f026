import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempt, goByCommand, goByPage, type JourneyName, journeys } from './journeys.ts';
import { runChain } from './kill.ts';
import { lineOf } from './kill-part.ts';
import { aMachine, makeWorld, workFolder } from './machine.ts';
import type { Plan } from './preload.ts';
import { chainsOf } from './runs.ts';

// The short form of `npm run faults`: see docs/reliability.md.

let folder: string;
beforeAll(() => {
  folder = workFolder();
  makeWorld(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never: Plan = { step: 'never', nth: 1, victim: 'itself' };

describe('the steps of a journey', () => {
  test.each(Object.keys(journeys) as JourneyName[])(
    '%s: each one listed is passed, and no other',
    async (name) => {
      const machine = aMachine(folder, journeys[name].by === 'start');
      try {
        const trial = attempt(machine, name);
        if (trial.journey.by === 'command') {
          machine.plan('command', never);
          expect(await goByCommand(machine, trial)).toMatchObject({ acknowledged: true });
        } else {
          if (trial.journey.by === 'start') machine.plan('service', never);
          const service = await machine.service();
          if (trial.journey.by === 'page') {
            machine.plan('service', never);
            expect(await goByPage(machine, service, trial)).toMatchObject({ status: 303 });
            // The integrator comes after the answer.
            await expect.poll(() => machine.passed(), { timeout: 30_000 }).toContain('ledger.integrated');
          }
          await service.stop();
        }
        const passed = Map.groupBy(machine.passed(), (step) => step);
        expect([...passed.keys()].sort()).toEqual(Object.keys(trial.journey.steps).sort());
        for (const [step, times] of Object.entries(trial.journey.steps)) {
          expect(passed.get(step)?.length, step).toBeGreaterThanOrEqual(times);
        }
      } finally {
        machine.close();
      }
    },
  );
});

// The same places each time: what a colleague changed is what fails. `npm run faults` tries others.
const seed = 20779;

describe(`kill -9 in 30 places (npm run faults -- --seed ${seed} --run N)`, () => {
  test.concurrent.each(chainsOf(seed, 30))('run $number and after', async (chain) => {
    const results = await runChain(folder, chain);
    const wrong = results.filter(({ faults }) => faults.length > 0);
    expect(wrong.map(lineOf)).toEqual([]);
  });
});
