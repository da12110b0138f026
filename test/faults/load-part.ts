import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './acts.ts';
import { faultsOfLogs, faultsOfReleases, faultsOfWords, readRecords } from './invariants.ts';
import { servedAgain } from './kill-part.ts';
import { aMachine, isWell, type Machine, makeWorld, press, type Serving, workFolder } from './machine.ts';
import type { Part, Row } from './parts.ts';

const clients = 8;

/** Kills PostgreSQL under a service that people are using, and lets them send every form again until it is answered. */
export const loadPart: Part = async ({ minutes, count, say }) => {
  const folder = workFolder();
  makeWorld(folder);
  const machine = aMachine(folder);
  const service = await machine.service();
  try {
    return [await underLoad(machine, service, { kills: Math.min(count, 100), minutes, say })];
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

type Bounds = { kills: number; minutes: number; say: (line: string) => void };

/** The row of so many kills: everything acknowledged is there once, and nothing else is. */
export async function underLoad(
  machine: Machine,
  service: Serving,
  { kills, minutes, say }: Bounds,
): Promise<Row> {
  const faults: string[] = [];
  const acknowledged: string[] = [];
  const back: number[] = [];
  const before = (await readRecords(machine)).acts(ask.act, null).length;
  const until = Date.now() + minutes * 60_000;
  let ended = false;
  const client = async () => {
    while (!ended) acknowledged.push(await askUntilAnswered(machine, service, faults));
  };
  const working = Array.from({ length: clients }, client);
  while (back.length < kills && Date.now() < until && faults.length < 20) {
    await sleep(Math.random() * 500);
    // Every other time its other processes too, as when the machine has no memory left.
    endPostgres(machine, back.length % 2 === 1);
    const began = performance.now();
    await sleep(10);
    while (!(await isWell(service.url)) && performance.now() - began < 300_000) await sleep(10);
    back.push(performance.now() - began);
    say(
      `${back.length}: served again after ${Math.round(back.at(-1) ?? 0)} ms, ${acknowledged.length} answered so far`,
    );
  }
  ended = true;
  await Promise.all(working);
  const records = await readRecords(machine);
  const made = records.acts(ask.act, null).map(({ detail }) => detail.reference ?? '');
  for (const reference of acknowledged) {
    const halves = made.filter((one) => one === reference).length;
    if (halves !== 2) faults.push(`${reference} was acknowledged and has ${halves} halves`);
  }
  if (made.length - before !== 2 * acknowledged.length) {
    faults.push(`${acknowledged.length} were acknowledged, and the logs have ${made.length - before} halves`);
  }
  faults.push(...faultsOfLogs(records), ...(await faultsOfReleases(machine, service, records)));
  return {
    what: `PostgreSQL killed while ${clients} people send forms without a pause`,
    times: back.length,
    faults,
    figures: `${acknowledged.length} acts acknowledged, none lost; ${servedAgain(back)}`,
  };
}

/** Sends one form, with one key, until it is answered: the reference that it made. */
async function askUntilAnswered(machine: Machine, service: Serving, faults: string[]): Promise<string> {
  const key = randomUUID();
  for (;;) {
    const page = await press(
      service.url + ask.path(machine.world),
      machine.world.sessions[ask.who],
      key,
      ask.fields,
    );
    if (page?.status === 303) return page.location?.split('/').at(-1) ?? '';
    if (page !== null && page.status !== 503) faults.push(`A form was answered with ${page.status}`);
    if (page !== null) faults.push(...faultsOfWords(page.body));
    await sleep(50);
  }
}

function endPostgres({ data }: Machine, all: boolean): void {
  const cluster = join(data, 'postgres/cluster');
  const [postmaster = ''] = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  const others = all ? readdirSync('/proc').filter((pid) => worksIn(pid, cluster)) : [];
  for (const pid of new Set([postmaster, ...others])) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}

function worksIn(pid: string, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}
