import { setTimeout as sleep } from 'node:timers/promises';
import {
  age,
  faultsOfFiles,
  faultsOfLogs,
  faultsOfOut,
  faultsOfPackages,
  faultsOfProcesses,
  faultsOfReleases,
  faultsOfWords,
  readRecords,
} from './invariants.ts';
import { type Attempt, attempt, goByCommand, goByPage, journeys, type Told, toldBy } from './journeys.ts';
import { aMachine, isWell, type Machine, type Serving } from './machine.ts';
import type { Chain, Run } from './runs.ts';

/** What came of a run. `back`: ms until the service served again; null where none ran. */
export type Result = Run & {
  number: number;
  struck: boolean;
  acknowledged: boolean;
  back: number | null;
  faults: string[];
};

/**
 * Goes through the journeys of a chain on one data folder, ends in each what its run says at its step, and looks each time
 * at everything that must be so afterwards; then does it again, and looks again. The last result has what is found at the
 * end: after another start, and after everything was stopped.
 */
export async function runChain(worldFolder: string, chain: Chain): Promise<Result[]> {
  const isStart = chain.runs.some(({ journey }) => journeys[journey].by === 'start');
  const machine = aMachine(worldFolder, isStart);
  const results: Result[] = [];
  let service: Serving | null = null;
  const atTheEnd: string[] = [];
  try {
    if (!chain.runs.some(({ alone }) => alone)) service = await machine.service();
    for (const [at, run] of chain.runs.entries()) {
      const tried = await tryOnce(machine, service, run);
      service = tried.service;
      results.push({ ...run, number: chain.number + at, ...tried.result });
    }
    if (!isStart) {
      await service?.stop();
      service = await startAgain(machine);
      const records = await readRecords(machine);
      atTheEnd.push(...(await faultsOfRecords(machine, service)), ...faultsOfPackages(machine, records));
    }
  } catch (error) {
    atTheEnd.push(String(error));
  } finally {
    await service?.stop();
    atTheEnd.push(...(await faultsOfProcesses(machine)), ...faultsOfFiles(machine));
    machine.close();
  }
  results.at(-1)?.faults.push(...atTheEnd);
  return results;
}

type Tried = { service: Serving | null; result: Omit<Result, keyof Run | 'number'> };

async function tryOnce(machine: Machine, running: Serving | null, run: Run): Promise<Tried> {
  const trial = attempt(machine, run.journey);
  const { by } = trial.journey;
  const who = by === 'command' ? 'command' : 'service';
  let service = running;
  let told: Told = { acknowledged: false, refused: false, words: '' };
  let back: number | null = null;
  const faults: string[] = [];

  machine.plan(who, run);
  if (by === 'start')
    await machine.service().then(
      (started) => started.stop(),
      () => {},
    );
  if (by === 'command') told = await goByCommand(machine, trial);
  if (by === 'page' && service) told = toldBy(await goByPage(machine, service, trial));
  // What comes after the answer may be where it ends.
  for (let waited = 0; by === 'page' && waited < 3000 && !machine.struck(); waited += 25) await sleep(25);
  const struck = machine.struck();
  machine.plan(who, null);

  if (by === 'start' || (by === 'page' && run.victim === 'itself' && struck)) {
    await service?.ended;
    service = await startAgain(machine);
    back = service.after;
  } else if (service) back = await untilWell(service);
  if (struck && run.victim !== 'itself' && !told.acknowledged && by !== 'start') {
    faults.push(...faultsOfWords(told.words));
  }
  if (service) faults.push(...(await faultsOfRecords(machine, service)));
  faults.push(...(await faultsOfOut(trial.out, machine)));
  if (by !== 'start') faults.push(...(await doAgain(machine, service, trial, told)));
  return { service, result: { struck, acknowledged: told.acknowledged, back, faults } };
}

async function startAgain(machine: Machine): Promise<Serving> {
  age(machine.data);
  return machine.service();
}

async function untilWell({ url }: Serving): Promise<number> {
  const began = performance.now();
  while (!(await isWell(url)) && performance.now() - began < 300_000) await sleep(25);
  return performance.now() - began;
}

async function faultsOfRecords(machine: Machine, service: Serving): Promise<string[]> {
  const records = await readRecords(machine);
  return [...faultsOfLogs(records), ...(await faultsOfReleases(machine, service, records))];
}

/** Does it once more, with the same key: it is answered, and it was done once in all, or once for each share. */
async function doAgain(
  machine: Machine,
  service: Serving | null,
  trial: Attempt,
  before: Told,
): Promise<string[]> {
  const faults: string[] = [];
  const { act, about, by } = trial.journey;
  const done = async () => (service ? (await readRecords(machine)).acts(act, about(machine.world)) : null);
  if (before.acknowledged && (await done())?.length === 0)
    faults.push('What was acknowledged is not in the logs');
  const again =
    by === 'page' && service
      ? toldBy(await goByPage(machine, service, trial))
      : await goByCommand(machine, { ...trial, out: `${trial.out}-again` });
  if (!again.acknowledged && !again.refused) {
    faults.push(`Doing it again was answered: ${again.words.slice(0, 500)}`);
  }
  if (service) faults.push(...(await faultsOfRecords(machine, service)));
  const times = new Set((await done())?.map(({ id }) => id)).size;
  if (service && about(machine.world) !== null && times !== 1) faults.push(`${act} happened ${times} times`);
  return faults;
}
