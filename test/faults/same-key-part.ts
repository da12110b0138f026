import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Form, forms } from './acts.ts';
import { faultsOfLogs, faultsOfReleases, readRecords } from './invariants.ts';
import { aMachine, type Machine, makeWorld, press, type Serving, workFolder } from './machine.ts';
import type { Part, Row } from './parts.ts';

/** Sends each form 100 times at once with one key. Approving and withdrawing are of one release: each has its own machine. */
export const sameKeyPart: Part = async ({ say }) => {
  const folder = workFolder();
  try {
    makeWorld(folder);
    const rows: Row[] = [];
    for (const names of [Object.keys(forms).filter((name) => name !== 'withdraw'), ['withdraw']]) {
      const machine = aMachine(folder);
      const service = await machine.service();
      for (const name of names as (keyof typeof forms)[]) {
        rows.push(await oneKey(machine, service, name, 100));
        say(`${name} is done`);
      }
      await service.stop();
      machine.close();
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The row of one form with one key, so many times at once: one act, one answer. */
export async function oneKey(
  machine: Machine,
  service: Serving,
  name: keyof typeof forms,
  times: number,
): Promise<Row> {
  const form: Form = forms[name];
  const { world } = machine;
  const before = await countActs(machine, form.act);
  const packagesBefore = packages(machine);
  const key = randomUUID();
  const send = () =>
    press(service.url + form.path(world), world.sessions[form.who], key, form.fields, form.file);
  const pages = await Promise.all(Array.from({ length: times }, send));
  const answers = new Set(pages.map((page) => JSON.stringify(page)));
  const faults: string[] = [];
  if (answers.size !== 1)
    faults.push(`There were ${answers.size} answers: ${[...answers].join().slice(0, 600)}`);
  if (pages[0]?.status !== 303) faults.push(`The answer was ${pages[0]?.status}`);
  const acts = (await countActs(machine, form.act)) - before;
  if (acts !== 1) faults.push(`There were ${acts} acts`);
  const made = packages(machine) - packagesBefore;
  if (made !== (name === 'prepare' ? 1 : name === 'withdraw' ? -1 : 0))
    faults.push(`There were ${made} packages more`);
  const records = await readRecords(machine);
  faults.push(...faultsOfLogs(records), ...(await faultsOfReleases(machine, service, records)));
  return { what: `one key, sent at once: ${name}`, times, faults, figures: '1 act, 1 answer' };
}

async function countActs(machine: Machine, act: string): Promise<number> {
  return new Set((await readRecords(machine)).acts(act, null).map(({ id }) => id)).size;
}

const packages = ({ data }: Machine) => readdirSync(join(data, 'packages')).length;
