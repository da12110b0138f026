import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { auditLog } from '../src/ledger/audit-log.ts';
import { appendToLedger, integratePending, receiptFor, startIntegrator } from '../src/ledger/index.ts';
import { inclusionProof, merkleRoot, subtreesOf, verifyInclusion } from '../src/ledger/merkle.ts';
import { createOrganisation } from '../src/organisations/index.ts';
import type { Config } from '../src/platform/config.ts';
import { openDatabase } from '../src/platform/database.ts';
import { migrate } from '../src/platform/migrate.ts';
import { sha256 } from '../src/platform/pure/hash.ts';
import { newId } from '../src/platform/pure/ids.ts';
import { sealerOf } from '../src/platform/seal.ts';
import { findServer } from '../src/platform/server.ts';
import { madeBy } from './keep.ts';

// The ledger by itself: one process, on a PostgreSQL of its own as the service starts it (fsync on), the integrator running
// as it does there. Beside the appends, in the same rounds, what the machine can do at all: bare commits of one row, each one
// statement, over a pool of the same size. BENCH_SECONDS and BENCH_ENTRIES make it shorter.
const rounds = 3;
const seconds = Number(process.env['BENCH_SECONDS'] ?? 4);
const entries = Number(process.env['BENCH_ENTRIES'] ?? 1_000_000);
const poolSize = 20; // as in src/platform/database.ts

const data = mkdtempSync(join(tmpdir(), 'chirograph-bench-ledger-'));
const checkpoints = join(data, 'checkpoints');
mkdirSync(checkpoints);
const sealer = sealerOf(randomBytes(32));
const config: Config = {
  port: 0,
  host: 'localhost',
  proxies: [],
  witnesses: [],
  dataFolder: data,
  databaseUrl: null,
  mode: 'live',
  drainSeconds: 0,
  stopSeconds: 10,
};
const server = await findServer(config, 'command', sealer, () => {});
await migrate(server.administrator, server.passwords);
const database = openDatabase(server);
const ledger = { database, sealer, folders: { checkpoints } };
const superuser = new pg.Client(server.administrator);
await superuser.connect();

const now = () => new Date().toISOString();
const middle = (values: readonly number[], part = 0.5) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
const digits = (number: number, after = 0) =>
  number.toLocaleString('en-GB', { maximumFractionDigits: after, minimumFractionDigits: after });
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

/** A body with a log of its own. Its act is an ordinary one; the entry is as long as that of a release. */
async function aBody(slug: string) {
  const organisation = { id: newId(), slug, name: slug };
  await createOrganisation(database, sealer, organisation, [], now());
  await integratePending(ledger);
  const { id } = organisation;
  const detail = { manifest: `sha256:${'ab'.repeat(32)}`, signature: 'A'.repeat(190) };
  const subject = { type: 'organisation', id };
  const act = () =>
    database.write({ organisationId: id, personId: null }, (tx) =>
      appendToLedger(tx, {
        act: 'keys.exported',
        at: now(),
        by: id,
        subject,
        parties: [id],
        personId: null,
        detail,
      }),
    );
  return { id, act };
}

/** How many of something so many clients do in a second, each waiting for its own before the next. */
async function rateOf(clients: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const client = async () => {
    while (performance.now() < start + seconds * 1000) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return done / ((performance.now() - start) / 1000);
}

/** How long something takes, in ms. */
async function timeOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function appends(): Promise<string[]> {
  const { act } = await aBody('bench-appends');
  await superuser.query('create table bench_floor (entry text not null)');
  const pool = new pg.Pool({ ...server.administrator, max: poolSize });
  const bare = () => pool.query('insert into bench_floor values ($1)', ['x'.repeat(600)]);
  const lines: string[] = [];
  for (const [clients, wanted] of [
    [1, 400],
    [16, 4000],
    [256, 20_000],
  ] as const) {
    const appended: number[] = [];
    const committed: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      appended.push(await rateOf(clients, act));
      committed.push(await rateOf(clients, bare));
    }
    const what = `Durable appends a second, clients: ${clients}`;
    lines.push(row(what, digits(middle(appended)), `at least ${digits(wanted)}`));
    lines.push(row(`Bare commits a second, clients: ${clients}`, digits(middle(committed)), ''));
  }
  await pool.end();
  return lines;
}

async function receipts(): Promise<string[]> {
  const { id, act } = await aBody('bench-receipts');
  const times: number[] = [];
  for (let count = 0; count < 100; count += 1) {
    const taken = await timeOf(async () => {
      const made = await act();
      while (!(await receiptFor(ledger, id, made))) await sleep(2);
    });
    times.push(taken);
    await sleep(Math.random() * 200);
  }
  return [
    row('Append to receipt, p50', `${digits(middle(times))} ms`, ''),
    row('Append to receipt, p99', `${digits(middle(times, 0.99))} ms`, 'under 1,200 ms'),
  ];
}

async function proofs(): Promise<string[]> {
  const leaves = Array.from({ length: entries }, (_, at) => sha256(String(at)));
  const subtree = subtreesOf(leaves);
  const root = merkleRoot(leaves);
  const places = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % entries);
  const made: Buffer[][] = [];
  const making = await timeOf(() => {
    for (const at of places) made.push(inclusionProof(at, entries, subtree));
  });
  let right = 0;
  const verifying = await timeOf(() => {
    for (const [at, proof] of made.entries()) {
      const index = places[at] ?? 0;
      const claim = { index, size: entries, leaf: leaves[index] ?? root, proof, root };
      right += Number(verifyInclusion(claim));
    }
  });
  if (right !== places.length) throw new Error('A proof did not verify');
  const each = (ms: number) => `${digits((ms * 1000) / places.length, 1)} us`;
  const size = digits(entries);
  return [
    row(`Proof made, of ${size} entries`, each(making), ''),
    row(`Proof verified, of ${size} entries`, each(verifying), ''),
    row('Proof made and verified', each(making + verifying), 'under 50 us'),
  ];
}

async function audits(): Promise<string[]> {
  const { id, act } = await aBody('bench-audit');
  const template = await act();
  // The same act again and again, each with an id of its own, as if they had all been done and were waiting.
  await superuser.query(
    `insert into ledger_pending (organisation_id, act_id, entry)
     select organisation_id, made, replace(entry, $1, made::text)
     from ledger_pending, lateral (select gen_random_uuid() as made from generate_series(1, $2)) more
     where act_id = $1::uuid`,
    [template, entries - 2],
  );
  const waited = await timeOf(() => integratePending(ledger));
  await superuser.query('vacuum analyze');
  const times: number[] = [];
  let audited = { size: 0, checkpoints: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const taken = await timeOf(async () => {
      const { findings, ...log } = await database.work((tx) =>
        database.work((beside) => auditLog(tx, beside, { organisationId: id, log: 1 }, sealer)),
      );
      if (findings.length > 0) throw new Error(JSON.stringify(findings[0]));
      audited = log;
    });
    times.push(taken / 1000);
  }
  const { size, checkpoints: signed } = audited;
  return [
    row(`Integrated, entries a second, of ${digits(size)}`, digits((size / waited) * 1000), ''),
    row(
      `Audited: ${digits(size)} entries, their tiles and ${digits(signed)} checkpoints`,
      `${digits(middle(times), 2)} s`,
      'under 4 s',
    ),
  ];
}

try {
  const quick = await proofs();
  const audit = await audits();
  const integrator = startIntegrator(ledger, (fault) => process.stderr.write(`${fault}\n`));
  const receipt = await receipts();
  const append = await appends();
  await integrator.stop();
  const settings = await superuser.query<{ said: string }>(
    `select string_agg(format('%s %s', name, setting), ', ' order by name) as said from pg_settings
     where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
  );
  const text = [
    '# Results: the ledger',
    '',
    `${madeBy('node bench/ledger.ts')}, PostgreSQL on the same machine with`,
    `${settings.rows[0]?.said}. One process, ${poolSize} connections, median of ${rounds} rounds of ${seconds} s.`,
    '',
    '| What | Measured | Wanted |',
    '| --- | ---: | ---: |',
    ...append,
    ...receipt,
    ...quick,
    ...audit,
    '',
  ].join('\n');
  writeFileSync(join(import.meta.dirname, 'results-ledger.md'), text);
  process.stdout.write(text);
} finally {
  await superuser.end();
  await database.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
