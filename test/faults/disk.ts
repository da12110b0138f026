import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ask, type Form, forms } from './acts.ts';
import {
  faultsOfFiles,
  faultsOfLogs,
  faultsOfOut,
  faultsOfProcesses,
  faultsOfReleases,
  faultsOfWords,
  readRecords,
} from './invariants.ts';
import { aMachine, isWell, type Machine, type Page, press, type Serving } from './machine.ts';
import type { Row } from './parts.ts';
import { input } from './world.ts';

// A process of its own in a mount namespace of its own (`unshare -m`), where small disks are made and filled. Says its
// rows as JSON. Used by disk-part.ts.

const [worldFolder = '', moments = '10'] = process.argv.slice(2);
const kib = 1024;

const tmpfs = (folder: string, size: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder]);

/** Puts a folder that is there on a disk of its own. */
function onOwnDisk(folder: string, size: string): void {
  renameSync(folder, `${folder}-before`);
  mkdirSync(folder, { mode: 0o700 });
  tmpfs(folder, size);
  execFileSync('cp', ['-a', `${folder}-before/.`, folder]);
  rmSync(`${folder}-before`, { recursive: true });
}

const filler = (folder: string) => join(folder, 'filler');

/** Fills a disk but for so many bytes. */
function fill(folder: string, left: number): void {
  rmSync(filler(folder), { force: true });
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(filler(folder), Buffer.alloc(Math.max(0, bavail * bsize - left)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const free = (folder: string) => rmSync(filler(folder), { force: true });

async function send(machine: Machine, service: Serving, form: Form, key: string): Promise<Page> {
  const { path, who, fields, file } = form;
  return press(service.url + path(machine.world), machine.world.sessions[who], key, fields, file);
}

/** A page that says no must say what to do; whether it says yes. */
function saysYes(page: Page, faults: string[]): boolean {
  if (page?.status === 303) return true;
  if (page === null || page.status !== 503) faults.push(`It was answered with ${page?.status}`);
  faults.push(...faultsOfWords(page?.body ?? ''));
  return false;
}

async function servesAgain(service: Serving): Promise<number> {
  const began = performance.now();
  while (!(await isWell(service.url)) && performance.now() - began < 300_000) await sleep(25);
  return Math.round(performance.now() - began);
}

async function lookAround(machine: Machine, service: Serving): Promise<string[]> {
  const records = await readRecords(machine);
  return [...faultsOfLogs(records), ...(await faultsOfReleases(machine, service, records))];
}

async function databaseDisk(): Promise<Row> {
  const machine = aMachine(worldFolder);
  const disk = join(machine.data, 'postgres');
  onOwnDisk(disk, '140m');
  const service = await machine.service();
  const faults: string[] = [];
  const keys: string[] = [];
  const acknowledged = new Set<string>();
  let refused = 0;

  const sendSome = async (enough: () => boolean) => {
    for (let tries = 0; tries < 400 && !enough(); tries += 1) {
      const key = randomUUID();
      keys.push(key);
      if (saysYes(await send(machine, service, ask, key), faults)) acknowledged.add(key);
      else refused += 1;
    }
  };
  fill(disk, 0);
  await sendSome(() => refused >= 10);
  if (refused === 0) faults.push('No form was refused on a full disk');
  free(disk);
  await servesAgain(service);
  await sendSome(() => acknowledged.size >= 10);

  // The log of the database itself finds no space: PostgreSQL stops, cannot start, and starts when there is some.
  fill(disk, 0);
  await switchLog(machine);
  await sendSome(() => refused >= 30);
  const wasAway = !(await isWell(service.url));
  free(disk);
  const back = await servesAgain(service);
  for (const key of keys) {
    if (saysYes(await send(machine, service, ask, key), faults)) acknowledged.add(key);
  }
  if (acknowledged.size !== keys.length)
    faults.push(`${keys.length - acknowledged.size} forms were never done`);
  const made = new Set((await readRecords(machine)).acts(ask.act, null).map(({ id }) => id)).size;
  faults.push(...(await lookAround(machine, service)));
  await service.stop();
  faults.push(...faultsOfFiles(machine), ...(await faultsOfProcesses(machine)));
  return {
    what: 'the disk of the database is full, then full in the middle of its own log',
    times: refused,
    faults,
    figures: `${refused} forms refused in words, all ${keys.length} done afterwards (${made} requests in all); ${wasAway ? 'PostgreSQL stopped, and ' : ''}it served ${back} ms after space was freed`,
  };
}

async function switchLog({ data }: Machine): Promise<void> {
  const client = new pg.Client({
    host: join(data, 'postgres/socket'),
    port: 5432,
    user: 'postgres',
    database: 'postgres',
  });
  client.on('error', () => {});
  await client.connect();
  for (let times = 0; times < 8; times += 1) {
    await client
      .query(`select pg_logical_emit_message(false, 'fill', repeat('x', 1000000)), pg_switch_wal()`)
      .catch(() => {});
  }
  await client.end().catch(() => {});
}

async function filesDisk(): Promise<Row> {
  const faults: string[] = [];
  let refused = 0;
  let times = 0;
  // A little more each time, so that it is full at another moment of the act.
  for (let moment = 0; moment < Number(moments); moment += 1) {
    const left = moment * 40;
    const machine = aMachine(worldFolder);
    for (const name of ['staging', 'packages', 'checkpoints'])
      mkdirSync(join(machine.data, name), { recursive: true });
    const aside = join(machine.folder, 'postgres');
    renameSync(join(machine.data, 'postgres'), aside);
    onOwnDisk(machine.data, '4m');
    mkdirSync(join(machine.data, 'postgres'));
    execFileSync('mount', ['--bind', aside, join(machine.data, 'postgres')]);
    const service = await machine.service();
    for (const form of [forms.prepare, forms.approve, forms.collect]) {
      times += 1;
      const key = randomUUID();
      fill(machine.data, left * kib);
      const page = await send(machine, service, form, key);
      if (!saysYes(page, faults)) refused += 1;
      const staged = readdirSync(join(machine.data, 'staging'));
      if (staged.length > 0) faults.push(`${staged.length} folders are left in staging`);
      free(machine.data);
      if (!saysYes(await send(machine, service, form, key), faults))
        faults.push('It was not done once there was space');
    }
    const out = join(machine.folder, 'out', 'shared');
    fill(machine.data, left * kib);
    const full = await share(machine, out);
    if (full.exit !== 0) faults.push(...faultsOfWords(full.err));
    free(machine.data);
    const again = await share(machine, `${out}-again`);
    if (again.exit !== 0) faults.push(`Sharing once there was space: ${again.err}`);
    faults.push(
      ...(await lookAround(machine, service)),
      ...(await faultsOfOut(out, machine)),
      ...(await faultsOfOut(`${out}-again`, machine)),
    );
    await service.stop();
    faults.push(...(await faultsOfProcesses(machine)), ...faultsOfFiles(machine));
  }
  return {
    what: 'the disk of staging and packages is full, at moments of preparing, approving, collecting and sharing',
    times,
    faults,
    figures: `${refused} of ${times} forms refused in words, all done once there was space`,
  };
}

/** Where a command writes is full: what it did is done, and said. */
async function callersDisk(): Promise<Row> {
  const machine = aMachine(worldFolder);
  const faults: string[] = [];
  const small = join(machine.folder, 'small');
  mkdirSync(small);
  tmpfs(small, '8k');
  const shared = await share(machine, join(small, 'shared'));
  if (shared.exit === 0 || !/is sent, and both logs say so.*copy it from there/.test(shared.err)) {
    faults.push(`Sharing into a full folder ended with ${shared.exit}: ${shared.err}`);
  }
  const collect = (out: string) =>
    machine.command('collect', machine.world.sent, '--as', 'westmarch-opcc', '--out', out).ended;
  const collected = await collect(join(small, 'collected'));
  if (collected.exit === 0 || !/is collected, and both logs say so/.test(collected.err)) {
    faults.push(`Collecting into a full folder ended with ${collected.exit}: ${collected.err}`);
  }
  if (readdirSync(small).length > 0) faults.push(`${readdirSync(small).join()} is left in the full folder`);
  const again = join(machine.folder, 'out', 'again');
  if ((await collect(again)).exit !== 0 || !existsSync(again)) faults.push('It could not be collected again');
  const service = await machine.service();
  faults.push(...(await lookAround(machine, service)));
  await service.stop();
  faults.push(...faultsOfFiles(machine), ...(await faultsOfProcesses(machine)));
  return {
    what: 'the disk that a command writes to is full',
    times: 2,
    faults,
    figures: 'what was done is said, and where it is',
  };
}

function share(machine: Machine, out: string) {
  return machine.command(
    ...['share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'],
    ...['--to', 'westmarch-opcc', '--purpose', 'hold-to-account', '--input', input, '--out', out],
  ).ended;
}

process.stdout.write(JSON.stringify([await databaseDisk(), await filesDisk(), await callersDisk()]));
