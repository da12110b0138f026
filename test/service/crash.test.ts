import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../../src/platform/postgres.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { aCommandLine, type CommandLine, processesOn } from '../support/command.ts';
import { failing } from '../support/evidence.ts';

// A share that is killed outright leaves no data lying about, and never half a release.

const input = join(import.meta.dirname, '../../examples/data/2024-01-bedfordshire-stop-and-search.csv');

let line: CommandLine;
let tries = 0;

beforeAll(async () => {
  line = aCommandLine();
  expect(await line.run('example')).toMatchObject({ exit: 0 });
});
afterAll(() => line.close());

const staging = () => readdirSync(join(line.dataFolder, 'staging'));
const stagedFiles = () =>
  staging().flatMap((name) => {
    const folder = join(line.dataFolder, 'staging', name);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
const packages = () => readdirSync(join(line.dataFolder, 'packages'));

const share = (out: string) =>
  line.start(
    ...['share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'],
    ...['--to', 'westmarch-opcc', '--purpose', 'hold-to-account', '--input', input, '--out', out, '--json'],
  );

/** Starts to share and kills it with SIGKILL at a moment; whether it was killed before it ended. */
async function killedAt(moment: (started: number, before: number) => boolean): Promise<boolean> {
  tries += 1;
  const out = join(line.folder, `killed-${tries}`);
  const before = packages().length;
  const started = performance.now();
  const { child, ended } = share(out);
  while (child.exitCode === null && !moment(started, before)) await sleep(1);
  if (child.exitCode === null) expect(processesOn(line.dataFolder)).toContain(child.pid);
  child.kill('SIGKILL');
  const { signal } = await ended;
  return signal === 'SIGKILL';
}

/** Runs the next command, which finds no such release, and sees that nothing lies in staging then or later. */
async function nextCommand(): Promise<void> {
  const args = ['collect', 'REL-1999-0001', '--as', 'westmarch-opcc', '--out', join(line.folder, 'none')];
  expect(await line.run(...args)).toMatchObject({ exit: 4 });
  expect(staging()).toEqual([]);
  await sleep(500);
  expect(staging(), 'by what was still running').toEqual([]);
}

async function noProcessLeft(): Promise<void> {
  for (let waited = 0; waited < 10_000 && processesOn(line.dataFolder).length > 0; waited += 100)
    await sleep(100);
  expect(processesOn(line.dataFolder)).toEqual([]);
}

type Row = { id: string; reference: string; state: string };
type Half = { slug: string; entry: string };

/** The releases, and what the logs of both bodies say was sent, past every wall. */
async function records(): Promise<{ releases: Row[]; halves: Half[] }> {
  const postgres = await startPostgres({ dataFolder: line.dataFolder, lifetime: 'command' });
  const client = new pg.Client(postgres.connection('postgres', 'chirograph'));
  await client.connect();
  try {
    const releases = await client.query<Row>('select id, reference, state from releases order by reference');
    const halves = await client.query<Half>(
      `select o.slug, e.entry from ledger_entries e join organisations o on o.id = e.organisation_id
       where e.entry like '%"act":"release.sent"%'`,
    );
    return { releases: releases.rows, halves: halves.rows };
  } finally {
    await client.end();
    await postgres.stop();
  }
}

describe('a share that is killed', () => {
  test.each<[string, (started: number, before: number) => boolean]>([
    ['when its staging folder appears', () => staging().length > 0],
    ['when files are in it', () => stagedFiles().length > 0],
    ['when the package is in it', () => stagedFiles().includes('package')],
    ['when the package folder appears', (_, before) => packages().length > before],
  ])('%s leaves nothing in staging after the next command, and no process', async (_, moment) => {
    expect(await killedAt(moment), 'killed in time').toBe(true);
    await nextCommand();
    await noProcessLeft();
  });

  test('at any moment leaves nothing in staging after the next command, and no process', async () => {
    for (let time = 0; time < 3; time += 1) {
      const after = 300 + Math.random() * 900;
      await killedAt((started) => performance.now() - started > after);
      await nextCommand();
      await noProcessLeft();
    }
  });

  test('leaves no package without a release for longer than it could still be recorded', async () => {
    const known = new Set((await records()).releases.map(({ id }) => id));
    const path = (id: string) => join(line.dataFolder, 'packages', id);
    const old = newId();
    mkdirSync(path(old));
    const elevenMinutesAgo = Date.now() / 1000 - 660;
    for (const id of packages()) utimesSync(path(id), elevenMinutesAgo, elevenMinutesAgo);
    const young = newId();
    mkdirSync(path(young));
    await nextCommand();
    expect(packages().sort()).toEqual([...known, young].sort());
    rmSync(path(young), { recursive: true });
  });

  test('[R31] leaves a release whole or not there: in both logs, and one that can be collected', async () => {
    expect(await share(join(line.folder, 'whole')).ended).toMatchObject({ exit: 0 });
    const { releases, halves } = await records();
    expect(releases.length).toBeGreaterThan(0);
    for (const { id, reference, state } of releases) {
      expect(state).toBe('sent');
      const own = halves.filter(({ entry }) => entry.includes(id));
      expect(own.map(({ slug }) => slug).sort()).toEqual(['westmarch-opcc', 'westmarch-police']);
      expect(own[0]?.entry).toBe(own[1]?.entry);
      const out = join(line.folder, reference);
      expect(await line.run('collect', id, '--as', 'westmarch-opcc', '--out', out)).toMatchObject({
        exit: 0,
      });
      expect(await failing(out)).toEqual([]);
      expect(await failing(join(line.dataFolder, 'packages', id))).toEqual([]);
    }
    expect(halves).toHaveLength(2 * releases.length);
    for (const slug of ['westmarch-police', 'westmarch-opcc']) {
      const log = join(line.folder, `log-${slug}`);
      expect(await line.run('ledger', 'export', '--as', slug, '--out', log)).toMatchObject({ exit: 0 });
      expect(await failing(log)).toEqual([]);
    }
    await noProcessLeft();
  });
});

test('killed while it creates the database: the next command does, whatever initdb still writes, and removes what was left', async () => {
  const on = { CHIROGRAPH_DATA: join(line.folder, 'new') };
  const postgres = join(on.CHIROGRAPH_DATA, 'postgres');
  const unfinished = () =>
    existsSync(postgres) ? readdirSync(postgres).filter((name) => name.includes('unfinished')) : [];
  for (const written of ['', 'PG_VERSION', 'global/pg_control', 'base/1/PG_VERSION']) {
    const { child, ended } = line.startWith(on, 'example');
    const made = () => unfinished().some((name) => existsSync(join(postgres, name, written)));
    while (child.exitCode === null && !made()) await sleep(1);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  }
  const said = await line.runWith(on, 'example');
  expect(said, said.err).toMatchObject({ exit: 0 });
  await expect.poll(() => processesOn(postgres), { timeout: 20_000 }).toEqual([]);
  expect(await line.runWith(on, 'keys', 'show', '--as', 'westmarch-police')).toMatchObject({ exit: 0 });
  expect(unfinished()).toEqual([]);
});
