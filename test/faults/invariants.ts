import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openCheckpoint } from '../../src/ledger/index.ts';
import { leafHash, merkleRoot } from '../../src/ledger/merkle.ts';
import { verifyPath } from '../../src/overview/verify.ts';
import { paths } from '../../src/paths.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { processesOn } from '../support/command.ts';
import { look, type Machine, type Serving } from './machine.ts';

// What must be so after any fault. Each finding is a sentence; none is what we want.

type Entry = {
  act: string;
  id: string;
  parties: string[];
  subject: { id: string };
  detail: { reference?: string };
};
type Release = { id: string; reference: string; state: string };
type Log = { id: string; vkey: string; note: string; entries: string[] };

/** What the database holds, past every wall. */
export type Records = { logs: Log[]; releases: Release[]; acts(act: string, about: string | null): Entry[] };

/** Reads the records of a service that runs, once all that waits is in the logs. */
export async function readRecords({ data }: Pick<Machine, 'data'>): Promise<Records> {
  const client = await connectTo(join(data, 'postgres/socket'));
  try {
    for (let tries = 0; tries < 300; tries += 1) {
      const { rows } = await client.query('select 1 from ledger_pending limit 1');
      if (rows.length === 0) break;
      await sleep(50);
    }
    const { rows: logs } = await client.query<Log>(
      `select l.organisation_id as id, l.vkey,
         (select note from ledger_checkpoints c where c.organisation_id = l.organisation_id order by size desc limit 1) as note,
         (select coalesce(array_agg(entry order by index), '{}') from ledger_entries e where e.organisation_id = l.organisation_id) as entries
       from ledger_logs l`,
    );
    const { rows: releases } = await client.query<Release>('select id, reference, state from releases');
    return {
      logs,
      releases,
      acts: (act, about) =>
        logs
          .flatMap((log) => log.entries.map((text): Entry => JSON.parse(text)))
          .filter((entry) => entry.act === act && (about === null || entry.detail.reference === about)),
    };
  } finally {
    await client.end();
  }
}

// A backend of a PostgreSQL that was killed may answer the service, which calls itself well, a moment longer than anybody
// else is let in: whoever comes then waits for the next PostgreSQL, as commands do.
async function connectTo(host: string): Promise<pg.Client> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'chirograph' });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries === 400) throw error;
      await sleep(50);
    }
  }
}

/** Every log is whole: signed over exactly its entries, and what two bodies did is in both, byte for byte. */
export function faultsOfLogs({ logs }: Records): string[] {
  return logs.flatMap((log) => {
    const opened = openCheckpoint(Buffer.from(log.note ?? ''), log.vkey);
    if (!opened.ok) return [`A log has no checkpoint that opens: ${opened.reason}`];
    const { size, root } = opened.checkpoint;
    const faults: string[] = [];
    const leaves = log.entries.map((entry) => leafHash(Buffer.from(entry)));
    if (size !== leaves.length || !merkleRoot(leaves).equals(root)) {
      faults.push(`A checkpoint of ${size} is not over the ${leaves.length} entries of its log`);
    }
    for (const text of log.entries) {
      const { act, parties }: Entry = JSON.parse(text);
      for (const party of parties) {
        const copies = logs.find(({ id }) => id === party)?.entries.filter((one) => one === text).length;
        if (copies !== 1) faults.push(`${act} is ${copies ?? 0} times in the log of one of its parties`);
      }
    }
    return faults;
  });
}

// What the logs say of a release in each state, to both of its parties.
const happened: Record<string, string[]> = {
  sent: ['release.sent'],
  collected: ['release.sent', 'release.collected'],
  destroyed: ['release.sent', 'release.collected', 'release.destroyed'],
};

/** Every release that left has its halves and a package that anybody can verify; what did not leave has neither. */
export async function faultsOfReleases(
  machine: Machine,
  service: Serving,
  records: Records,
): Promise<string[]> {
  const faults: string[] = [];
  const say = (fault: string) => faults.push(fault);
  for (const { id, reference, state } of records.releases) {
    const expected = happened[state] ?? [];
    for (const act of Object.values(happened).flat()) {
      const halves = records.acts(act, reference).length;
      if (halves !== (expected.includes(act) ? 2 : 0))
        say(`${reference} is ${state}: ${halves} halves of ${act}`);
    }
    const folder = join(machine.data, 'packages', id);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const hasData = names.some((name) => name.endsWith('.age'));
    if (!hasData && keepsData.has(state))
      say(`${reference} is ${state}, and its encrypted file is not there`);
    if (state !== 'sent' && state !== 'collected') continue;
    const page = await look(service.url + paths.release(reference), machine.world.sessions['Tom Reyes']);
    if (page?.status !== 200) say(`The page of ${reference} answers ${page?.status}`);
    const verified = await verifyPath(folder, null);
    for (const check of verified?.checks ?? []) {
      if (!check.ok && !check.advisory) say(`The package of ${reference}: ${check.name}: ${check.detail}`);
    }
  }
  return faults;
}

const keepsData = new Set(['prepared', 'sent', 'collected']);

/** After a sweep: every package is a release's, and none holds data that was withdrawn or destroyed. */
export function faultsOfPackages({ data }: Pick<Machine, 'data'>, { releases }: Records): string[] {
  const states = new Map(releases.map(({ id, state }) => [id, state]));
  return readdirSync(join(data, 'packages')).flatMap((id) => {
    const state = states.get(id);
    if (state === undefined) return ['There is a package of no release'];
    const hasData = readdirSync(join(data, 'packages', id)).some((name) => name.endsWith('.age'));
    return hasData && !keepsData.has(state) ? [`A release is ${state}, and its encrypted file is there`] : [];
  });
}

/** Nothing lies in staging, nothing is half written, and people's data is nowhere in clear. */
export function faultsOfFiles({ data, folder, world }: Machine): string[] {
  const faults: string[] = [];
  const left = readdirSync(join(data, 'staging'));
  if (left.length > 0) faults.push(`${left.length} folders are left in staging`);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.(tmp|unfinished)$/.test(name)) faults.push(`${name} was left half written`);
  }
  for (const secret of world.secrets) {
    const found = grep(secret, data);
    if (found !== '') faults.push(`People's data is in clear in ${found}`);
  }
  return faults;
}

/** What a command was to write is not there, or is there whole. */
export async function faultsOfOut(out: string, { data }: Pick<Machine, 'data'>): Promise<string[]> {
  const names = existsSync(out) ? readdirSync(out) : [];
  if (names.length === 0) return [];
  // What was made again is no package: it is the data of one, to the byte.
  if (!names.includes('manifest.json')) {
    const manifests = readdirSync(join(data, 'packages'))
      .map((id) => join(data, 'packages', id, 'manifest.json'))
      .filter(existsSync)
      .map((path) => readFileSync(path, 'utf8'));
    return names
      .map((name) => sha256Hex(readFileSync(join(out, name))))
      .filter((hash) => !manifests.some((text) => text.includes(hash)))
      .map((hash) => `${out} is there, and ${hash} is in no manifest`);
  }
  const verified = await verifyPath(out, null);
  return (verified?.checks ?? [])
    .filter((check) => !check.ok && !check.advisory)
    .map((check) => `${out} is there and not whole: ${check.name}`);
}

/** No process is left that has to do with the folder. */
export async function faultsOfProcesses({ folder }: Machine): Promise<string[]> {
  for (let waited = 0; waited < 15_000 && processesOn(folder).length > 0; waited += 100) await sleep(100);
  return processesOn(folder).map((pid) => `Process ${pid} is left`);
}

/** Makes what was just written eleven minutes old, so that a sweep knows that nobody works on it any more. */
export function age(data: string): void {
  const then = Date.now() / 1000 - 660;
  for (const folder of ['packages', 'checkpoints'].map((name) => join(data, name)).filter(existsSync)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      utimesSync(join(folder, name), then, then);
    }
  }
}

/** Whether words tell a person what to do: no trace of where in the program it was, and something to try. */
export function faultsOfWords(words: string): string[] {
  const text = words.replace(/<[^>]*>/g, ' ');
  if (/^\s+at .*[:(]\d+/m.test(text)) return [`It showed a stack trace: ${text.slice(0, 600)}`];
  return /\b(again|free some space|make room|give a new folder)\b/i.test(text)
    ? []
    : [`It does not say what to do: ${text.slice(0, 300)}`];
}

function grep(secret: string, folder: string): string {
  try {
    return execFileSync('grep', ['-rlaF', '--exclude-dir=staging', '--', secret, folder], {
      encoding: 'utf8',
    });
  } catch (error) {
    const { status } = error as { status?: number };
    if (status === 1) return '';
    throw error;
  }
}
