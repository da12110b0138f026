import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { appendToLedger, integratePending } from '../src/ledger/index.ts';
import { createExample } from '../src/main/example.ts';
import { findOrganisation } from '../src/organisations/index.ts';
import { readConfig } from '../src/platform/config.ts';
import { type Instance, openInstance } from '../src/platform/instance.ts';
import { instantOf } from '../src/platform/pure/dates.ts';
import { newId } from '../src/platform/pure/ids.ts';

// How long a backup and a restore take, by command, of an instance of some size: so many entries in one log, so many
// megabytes of packages; how much memory; and what the people notice who act meanwhile. node bench/backup.ts [ENTRIES] [MB]
const entries = Number(process.argv[2] ?? 200_000);
const megabytes = Number(process.argv[3] ?? 1000);
const perFile = 20; // MB: a year's extract
const actors = 4;
const quiet = 10_000; // ms of acting without a backup, to compare with

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'chirograph-bench-backup-'));
const at = (name: string) => join(work, name);
const config = readConfig({ CHIROGRAPH_DATA: at('data') }, work);
if ('faults' in config) throw new Error(config.faults.join());

const busyBefore = loadavg()[0] ?? 0;

type Ran = { seconds: number; busy: number; megabytes: number };

/** Runs a command to its end: how long it took, how long a processor worked on it, and the most memory that it held. */
async function run(folder: string, ...args: string[]): Promise<Ran> {
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
    env: { ...process.env, CHIROGRAPH_DATA: at(folder) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  let busy = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, mostHeld(child));
    busy = Math.max(busy, worked(child));
  }, 100);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(looking);
  if (code !== 0) throw new Error(`chirograph ${args[0]} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, busy, megabytes: peak };
}

function mostHeld({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has just ended
  }
}

function worked({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100; // proc(5): user and system time, in hundredths
  } catch {
    return 0;
  }
}

async function organisation(instance: Instance): Promise<string> {
  const found = await instance.database.read(null, (db) => findOrganisation(db, 'westmarch-police'));
  if (!found) throw new Error('No police');
  return found.id;
}

/** Entries of the usual size, as acts leave them, integrated. */
async function fillLog(instance: Instance, organisationId: string): Promise<void> {
  await instance.asOwner(({ client }) =>
    client.query(
      `insert into ledger_pending (organisation_id, act_id, entry)
       select $1, uuidv7(), rpad(format('{"act":"bench","at":"%s","n":%s,"detail":"', now(), n), 600, md5(n::text)) || '"}'
       from generate_series(1, $2::int) n`,
      [organisationId, entries],
    ),
  );
  await integratePending(instance);
}

/** Releases that are prepared, each with its encrypted file. */
async function fillPackages(instance: Instance): Promise<void> {
  const bytes = randomBytes(perFile * 1e6);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const encrypted = { file: 'data.csv.age', sha256, bytes: bytes.length };
  await instance.asOwner(async ({ client }) => {
    for (let n = 0; n < megabytes / perFile; n += 1) {
      const [request, release] = [newId(), newId()];
      await client.query(
        `insert into requests (id, reference, agreement_id, holder_id, recipient_id, data_set, purpose, need, state,
           raised_by_organisation, raised_at, parties)
         select $1, $2, a.id, parties[1], parties[2], 'x', 'x', 'x', 'agreed', parties[2], now(), parties from agreements a limit 1`,
        [request, `REQ-BENCH-${n}`],
      );
      await client.query(
        `insert into releases (id, reference, request_id, agreement_id, sender_id, recipient_id, data_set, purpose, state, rulebook,
           facts_hash, prepared_at, parties)
         select $1, $2, id, agreement_id, holder_id, recipient_id, 'x', 'x', 'prepared', 'x', 'x', now(), array[holder_id]
         from requests where id = $3`,
        [release, `REL-BENCH-${n}`, request],
      );
      await client.query(
        `insert into release_workings (release_id, report, findings, encrypted, parties)
         select id, '{}', '[]', $2, parties from releases where id = $1`,
        [release, JSON.stringify(encrypted)],
      );
      mkdirSync(join(instance.folders.packages, release), { mode: 0o700 });
      writeFileSync(join(instance.folders.packages, release, encrypted.file), bytes);
    }
  });
}

/** Acts, as fast as a few people's commits go, while something runs; how many a second. */
async function actWhile(
  instance: Instance,
  organisationId: string,
  something: Promise<unknown>,
): Promise<number> {
  let going = true;
  let acts = 0;
  const start = performance.now();
  const act = async () => {
    while (going) {
      await instance.database.write({ organisationId, personId: null }, (tx) =>
        appendToLedger(tx, {
          act: 'keys.exported',
          at: instantOf(new Date()),
          by: organisationId,
          parties: [organisationId],
          personId: null,
          subject: { type: 'organisation', id: organisationId },
          detail: { key: 'bench' },
        }),
      );
      acts += 1;
    }
  };
  const acting = Array.from({ length: actors }, act);
  await something;
  going = false;
  await Promise.all(acting);
  return acts / ((performance.now() - start) / 1000);
}

try {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  writeFileSync(at('identity'), `${identity}\n`);
  const instance = await openInstance(config, 'creating command');
  const rows: [string, string][] = [];
  const backUp = (name: string) => run('data', 'backup', '--to', at(name), '--recipient', recipient);
  try {
    await createExample(instance);
    const organisationId = await organisation(instance);
    await fillLog(instance, organisationId);
    await fillPackages(instance);
    await run('data', 'keys', 'backup', '--to', at('keys'), '--recipient', recipient);
    const alone = await backUp('alone');
    const size = statSync(at('alone')).size / 1e6;
    const calm = await actWhile(instance, organisationId, new Promise((done) => setTimeout(done, quiet)));
    let during: Ran = alone;
    const meanwhile = await actWhile(
      instance,
      organisationId,
      backUp('during').then((ran) => {
        during = ran;
      }),
    );
    rows.push(
      ['size of the backup', `${size.toFixed(0)} MB`],
      ['backup, nobody acting', `${alone.seconds.toFixed(1)} s, ${(size / alone.seconds).toFixed(0)} MB/s`],
      ['of which a processor worked on it', `${alone.busy.toFixed(1)} s`],
      ['memory of the backup, at most', `${alone.megabytes.toFixed(0)} MB`],
      [`backup while ${actors} act without pause`, `${during.seconds.toFixed(1)} s`],
      ['acts committed, no backup running', `${calm.toFixed(0)}/s`],
      ['acts committed, while it runs', `${meanwhile.toFixed(0)}/s`],
    );
  } finally {
    await instance.close();
  }
  const restored = await run(
    'next',
    'restore',
    at('alone'),
    '--identity',
    at('identity'),
    '--keys',
    at('keys'),
  );
  rows.push(
    ['restore, logs proved and ready to serve', `${restored.seconds.toFixed(1)} s`],
    ['of which a processor worked on it', `${restored.busy.toFixed(1)} s`],
    ['memory of the restore, at most', `${restored.megabytes.toFixed(0)} MB`],
  );
  const load = busyBefore.toFixed(0);
  const machine = `${cpus().length} cores (load average ${load} before it began), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const text = [
    '# Backup and restore',
    '',
    `Made by \`node bench/backup.ts ${entries} ${megabytes}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}. Whole commands, one run:`,
    `${entries.toLocaleString('en-GB')} entries in a log, ${megabytes} MB of packages in files of ${perFile} MB.`,
    '',
    '| What | |',
    '| --- | ---: |',
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    '',
  ].join('\n');
  writeFileSync(join(root, 'bench/results-backup.md'), text);
  process.stdout.write(text);
} finally {
  rmSync(work, { recursive: true, force: true });
}
