import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { madeBy, tell } from '../keep.ts';
import { type Kind, type Seen, signIn, type Visitor, visit } from './people.ts';
import { growth, type Sample, sampleOf } from './sample.ts';

// Fifty people at once on a seeded instance: node bench/load/run.ts FOLDER [--seconds 30] [--think 5] [--people 50] [--keep]
// A person opens a page about every five seconds while they work through a list; 1 s is a day of panic.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    think: { type: 'string', default: '5' },
    people: { type: 'string', default: '50' },
    keep: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined || !existsSync(join(folder, 'seeded.json')))
  throw new Error(
    'Say which seeded folder: node bench/load/run.ts FOLDER (make one with bench/load/seed.ts)',
  );
const dataFolder = resolve(folder);
const seconds = Number(values.seconds);
const thinkMs = Number(values.think) * 1000;
const people = Number(values.people);
const root = join(import.meta.dirname, '../..');
const warmUp = 5_000;
const port = 20_000 + Math.floor(Math.random() * 20_000);

const service = await startService();
try {
  const visitors = await visitorsOf();
  const seen: Seen[] = [];
  const samples: Sample[] = [];
  const from = Date.now() + warmUp;
  const until = from + seconds * 1000;
  const watching = setInterval(() => samples.push(sampleOf(service.pid ?? 0)), 1000);
  await Promise.all(
    visitors.map((visitor, number) =>
      visit({ port, number }, visitor, { thinkMs, until }, (one) => {
        if (Date.now() >= from) seen.push(one);
      }),
    ),
  );
  clearInterval(watching);
  const text = report(
    seen,
    samples.filter((one) => one.at >= from),
  );
  tell(text, values.keep);
  if (seen.some((one) => one.wrong !== null)) process.exitCode = 1;
} finally {
  service.kill('SIGTERM');
  await once(service, 'exit');
}

/** The service as it runs for real, with its log thrown away. */
async function startService(): Promise<ChildProcess> {
  const env = {
    ...process.env,
    CHIROGRAPH_MODE: 'live',
    CHIROGRAPH_DATA: dataFolder,
    HOST: '127.0.0.1',
    PORT: String(port),
  };
  const profile = process.env['LOAD_PROFILE']
    ? ['--cpu-prof', `--cpu-prof-dir=${process.env['LOAD_PROFILE']}`]
    : [];
  const child = spawn(process.execPath, [...profile, 'src/main/server.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  await new Promise<void>((ready, failed) => {
    child.stdout?.on('data', (text: Buffer) => {
      if (said.length < 10_000) said += text.toString();
      if (said.includes('Chirograph is at')) ready();
    });
    child.on('exit', (code) => failed(new Error(`The service ended with ${code}:\n${said}`)));
  });
  await sleep(500);
  return child;
}

/** People of the busiest body, three in five, and of the others; each goes round the pages with addresses of their own. */
async function visitorsOf(): Promise<Visitor[]> {
  const database = new pg.Client({
    host: join(dataFolder, 'postgres/socket'),
    user: 'postgres',
    database: 'chirograph',
  });
  await database.connect();
  try {
    const { rows } = await database.query<{ id: string; organisation: string; heavy: boolean }>(
      `with heavy as (select sender_id as id from releases group by 1 order by count(*) desc limit 1)
       select p.id, p.organisation_id as organisation, p.organisation_id = heavy.id as heavy from people p, heavy
       where p.erased_at is null order by p.id`,
    );
    const heavy = rows.filter((one) => one.heavy);
    const others = rows.filter((one) => !one.heavy);
    const visitors: Visitor[] = [];
    const kinds = new Map<string, Kind[]>();
    for (let number = 0; number < people; number += 1) {
      const among = number % 5 < 3 ? heavy : others;
      const person = among[(number * 7) % among.length];
      if (!person) throw new Error('Nobody can sign in: seed the folder again');
      const known = kinds.get(person.organisation) ?? (await kindsFor(database, person.organisation));
      kinds.set(person.organisation, known);
      visitors.push({ token: await signIn(database, person), kinds: known });
    }
    return visitors;
  } finally {
    await database.end();
  }
}

/** The pages that a person of a body goes round. Things to open are out of all of two years; the lists have their later pages too. */
async function kindsFor(database: pg.Client, body: string): Promise<Kind[]> {
  const urls = async (path: string, query: string) =>
    (await database.query<{ reference: string }>(query, [body])).rows.map(
      (row) => `${path}/${row.reference}`,
    );
  const requests = await urls(
    '/requests',
    'select reference from requests where holder_id = $1 or recipient_id = $1 order by md5(id::text) limit 200',
  );
  const waiting = await urls(
    '/requests',
    `select reference from requests where holder_id = $1 and state = 'waiting' order by md5(id::text) limit 100`,
  );
  const releases = await urls(
    '/releases',
    `select reference from releases where (sender_id = $1 or recipient_id = $1)
       and state in ('sent', 'collected', 'destroyed') order by md5(id::text) limit 200`,
  );
  const agreements = await urls(
    '/agreements',
    'select reference from agreements where parties @> array[$1::uuid] order by md5(id::text) limit 200',
  );
  const { rows } = await database.query<{ size: number }>(
    'select max(size)::int as size from ledger_checkpoints where organisation_id = $1',
    [body],
  );
  const size = rows[0]?.size ?? 0;
  const ledger = Array.from(
    { length: 20 },
    (_, at) => `/ledger?before=${Math.floor((size * (at + 1)) / 20)}`,
  );
  const kinds: Kind[] = [
    { page: 'Today', heading: /^Today$/, urls: ['/'] },
    {
      page: 'Requests',
      heading: /^Requests$/,
      urls: ['/requests', '/requests', '/requests?list=ours', '/requests?list=answered'],
    },
    { page: 'A request', heading: /\S/, urls: [...requests, ...waiting, ...waiting] },
    { page: 'Agreements', heading: /^Agreements$/, urls: ['/agreements', '/agreements?list=current'] },
    { page: 'An agreement', heading: /^Information sharing agreement/, urls: agreements },
    {
      page: 'Releases',
      heading: /^Releases$/,
      urls: ['/releases', '/releases', '/releases?list=kept', '/releases?list=closed'],
    },
    { page: 'A release', heading: /\S/, urls: releases },
    { page: 'Ledger', heading: /^Ledger$/, urls: ['/ledger', ...ledger] },
    {
      page: 'Register',
      heading: /^How we share data$/,
      public: true,
      urls: ['/register', '/register?after=ISA-5000~1'],
    },
  ];
  return kinds.filter((kind) => kind.urls.length > 0);
}

function report(seen: readonly Seen[], samples: readonly Sample[]): string {
  const line = (name: string, all: readonly Seen[]) => {
    const times = all.map((one) => one.ms).sort((one, other) => one - other);
    const at = (share: number) =>
      (times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] ?? 0).toFixed(0);
    const wrong = all.filter((one) => one.wrong !== null).length;
    const kilobytes = all.reduce((sum, one) => sum + one.bytes, 0) / Math.max(1, all.length) / 1024;
    return `| ${name} | ${all.length} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${at(1)} | ${wrong} | ${kilobytes.toFixed(0)} |`;
  };
  const pages = [...new Set(seen.map((one) => one.page))];
  const wrong = [...new Set(seen.flatMap((one) => one.wrong ?? []))];
  const [first, last] = [samples[0], samples.at(-1)];
  const span = first && last ? (last.at - first.at) / 1000 : 1;
  // The caches of a process that just started fill: what grows after the first fifth would go on growing.
  const settled = samples.slice(Math.floor(samples.length / 5));
  const most = (of: (sample: Sample) => number) => Math.max(...samples.map(of)).toFixed(0);
  const share = (of: (sample: Sample) => number) =>
    first && last ? `${(((of(last) - of(first)) / span) * 100).toFixed(0)}% of a core` : '';
  const memory = (name: string, of: (sample: Sample) => number, cpu: (sample: Sample) => number) =>
    `| ${name} | ${(first ? of(first) : 0).toFixed(0)} | ${(last ? of(last) : 0).toFixed(0)} | ${most(of)} | ${growth(settled, of).toFixed(2)} | ${share(cpu)} |`;
  const about = JSON.parse(readFileSync(join(dataFolder, 'seeded.json'), 'utf8'));
  const made = madeBy(
    `node bench/load/run.ts FOLDER --people ${people} --think ${thinkMs / 1000} --seconds ${seconds} --keep`,
  );
  return [
    `## ${people} people, a page every ${thinkMs / 1000} s each, for ${seconds} s`,
    '',
    `${made}, the people on the same machine.`,
    `Behind the pages: ${about.entries.toLocaleString('en-GB')} entries, ${about.agreements.toLocaleString('en-GB')} agreements, ${about.releases.toLocaleString('en-GB')} releases; 30 of the people are of the body that is a party to four fifths of it. ${(seen.length / seconds).toFixed(1)} pages a second.`,
    '',
    '| Page | Visits | p50 ms | p95 ms | p99 ms | Longest ms | Wrong | KB |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    line('**All**', seen),
    ...pages.map((page) =>
      line(
        page,
        seen.filter((one) => one.page === page),
      ),
    ),
    '',
    '| Memory | First MB | Last MB | Most MB | MB a minute, after the first fifth | CPU |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    memory(
      'the service',
      (one) => one.service,
      (one) => one.serviceCpu,
    ),
    memory(
      'PostgreSQL',
      (one) => one.postgres,
      (one) => one.postgresCpu,
    ),
    '',
    ...(wrong.length > 0 ? [`Wrong: ${wrong.slice(0, 10).join('; ')}`, ''] : []),
  ].join('\n');
}
