import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { RestoreStep } from '../../src/steps.ts';
import { faultsOfFiles, faultsOfLogs, faultsOfProcesses, faultsOfWords, readRecords } from './invariants.ts';
import { aMachine, type Machine, makeWorld, workFolder } from './machine.ts';
import type { Part, Row } from './parts.ts';
import type { Plan } from './preload.ts';

/** Every step of a restore, in order. */
export const restoreSteps: readonly RestoreStep[] = [
  'restore.begun',
  'restore.loaded',
  'restore.placed',
  'restore.committed',
  'restore.proved',
  'restore.done',
];

/** The world with a backup of it: `restore` begins one on a machine that has nothing. */
export async function aBackup(folder: string) {
  const at = (name: string) => join(folder, name);
  const identity = await generateX25519Identity();
  writeFileSync(at('identity'), `${identity}\n`);
  const machine = aMachine(folder);
  const to = await identityToRecipient(identity);
  for (const [file, ...words] of [
    ['backup.age', 'backup'],
    ['keys.age', 'keys', 'backup'],
  ] as const) {
    const made = await machine.command(...words, '--to', at(file), '--recipient', to).ended;
    if (made.exit !== 0) throw new Error(made.err);
  }
  machine.close();
  const args = ['restore', at('backup.age'), '--identity', at('identity'), '--keys', at('keys.age')];
  return { restore: (machine: Machine) => machine.command(...args).ended };
}
export type Backup = Awaited<ReturnType<typeof aBackup>>;

/** Cuts a restore off at a step, and does it again: what is there then is the whole of the backup, or it was before. */
export async function cutOff(folder: string, { restore }: Backup, plan: Plan): Promise<Row> {
  const machine = aMachine(folder, true);
  const faults: string[] = [];
  try {
    machine.plan('command', plan);
    const first = await restore(machine);
    if (!machine.struck()) faults.push('It was not reached');
    machine.plan('command', null);
    // What is told, where there is still somebody to tell it.
    if (first.signal === null && first.exit !== 0) faults.push(...faultsOfWords(first.err));
    // Whole already, where the command went on with another PostgreSQL, or all was done when it ended.
    const done = first.exit === 0 || plan.step === 'restore.done';
    const half = existsSync(join(machine.data, 'restoring'));
    const opened = await machine.command('ledger', 'audit').ended;
    if (opened.exit === 0 && !done) faults.push('Half a restore could be opened');
    if (half && !opened.err.includes('Run the same "chirograph restore" again'))
      faults.push(`It said: ${opened.err}`);
    const again = await restore(machine);
    if (again.exit !== (done ? 5 : 0)) faults.push(`Doing it again ended with ${again.exit}: ${again.err}`);
    const audited = await machine.command('ledger', 'audit').ended;
    if (audited.exit !== 0) faults.push(`The audit found: ${audited.out}${audited.err}`);
    const service = await machine.service();
    faults.push(...faultsOfLogs(await readRecords(machine)));
    await service.stop();
    for (const left of ['restoring', 'packages.restoring'])
      if (existsSync(join(machine.data, left))) faults.push(`${left} is left`);
    faults.push(...(await faultsOfProcesses(machine)), ...faultsOfFiles(machine));
  } finally {
    machine.close();
  }
  return { what: `a restore is cut off: ${plan.victim} at ${plan.step}`, times: 1, faults, figures: '' };
}

/** A restore cut off at each step, by the end of the command and of PostgreSQL under it. */
export const restorePart: Part = async ({ say }) => {
  const folder = workFolder();
  try {
    makeWorld(folder);
    const backup = await aBackup(folder);
    const rows: Row[] = [];
    for (const victim of ['itself', 'postgres'] as const) {
      // Ended after the last of its work, PostgreSQL has nothing left to lose.
      for (const step of restoreSteps.filter((one) => victim === 'itself' || one !== 'restore.done')) {
        rows.push(await cutOff(folder, backup, { step, nth: 1, victim }));
        say(`${victim} at ${step}`);
      }
    }
    const faults = rows.flatMap((row) => row.faults.map((fault) => `${row.what}: ${fault}`));
    const figures = 'each done again whole, and nothing of half a one opened';
    return [{ what: 'a restore is cut off at each of its steps', times: rows.length, faults, figures }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
