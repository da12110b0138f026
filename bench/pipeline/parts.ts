import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { DataSet } from '../../src/pipeline/data-set.ts';
import { type Engine, openEngine } from '../../src/pipeline/engine.ts';
import { planRelease } from '../../src/pipeline/plan.ts';
import { pseudonymParts, pseudonymsWith } from '../../src/pipeline/pseudonym.ts';
import { compileRelease, csvSource } from '../../src/pipeline/sql.ts';
import { readTermsFile } from '../../src/pipeline/terms-file.ts';
import { madeBy, median, tell } from '../keep.ts';
import { columns, writeCrimes } from './crimes.ts';

// The parts of the pipeline by themselves, beside what the machine and others do, interleaved, the median of the runs:
// npm run bench:parts -- [--rows 10000000] [--runs 3] [--keep]
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const runs = Number(values.runs);
const root = join(import.meta.dirname, '../..');
const adult = join(root, 'test/vectors/adult');
const work = mkdtempSync(join(tmpdir(), 'chirograph-bench-parts-'));
const today = '2026-11-22';

async function timed(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await job();
  return performance.now() - start;
}

const attributes = {
  sex: 2,
  age: 5,
  race: 2,
  'marital-status': 3,
  education: 4,
  'native-country': 3,
  workclass: 3,
  occupation: 3,
  'salary-class': 2,
};

/** The file of terms for Adult, all nine fields telling people apart. */
function adultTerms(limit: number): string {
  const path = join(work, `adult-${limit}.json`);
  const fields = Object.keys(attributes).map((name) => ({
    name,
    type: 'string',
    role: 'quasi-identifier',
    use: 'generalise',
    hierarchy: join(adult, `adult_hierarchy_${name}.csv`),
  }));
  const protection = { k: 5, suppressionLimit: limit };
  const datasets = [{ id: 'adult', format: { type: 'csv', delimiter: ';' }, fields, protection }];
  writeFileSync(path, JSON.stringify({ chirograph: 'terms/1', datasets }));
  return path;
}

const uses: Record<string, unknown> = {
  age: { to: 'age-band-10' },
  postcode: { to: 'postcode-district' },
  note: 'drop',
};

/** A quality check of each kind that reads rows, over all 14 columns, and a plan of the classes of five fields as they would leave. */
const checked = DataSet.parse({
  id: 'crimes',
  format: { type: 'csv', delimiter: ',' },
  fields: columns.map((name) => ({
    name,
    type: name === 'reported_on' ? 'date' : name === 'age' ? 'integer' : 'string',
    role: ['age', 'gender', 'ethnicity', 'postcode', 'force'].includes(name) ? 'quasi-identifier' : 'other',
    use: uses[name] ?? 'keep',
    ...(name !== 'outcome' && name !== 'note' && { required: true }),
    ...(name === 'age' && { range: { from: 10, to: 110 } }),
    ...(name === 'gender' && { values: ['Female', 'Male', 'Other'] }),
    ...(name === 'nhs_number' && { pattern: '[0-9]{10}' }),
    ...(name === 'reported_on' && { range: { from: '2000-01-01', to: today } }),
  })),
  protection: { k: 5, suppressionLimit: 1 },
  checks: [
    { check: 'requires', field: 'forename', other: 'surname' },
    { check: 'age', field: 'reported_on', most: 'P1Y', severity: 'warning' },
    { check: 'row-count', least: 1 },
  ],
});

async function inEngine<T>(job: (engine: Engine, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(work, 'engine-'));
  const engine = await openEngine(folder);
  try {
    return await job(engine, folder);
  } finally {
    engine.close();
    rmSync(folder, { recursive: true });
  }
}

/** ms of: parsing every column; taking the file in and checking its quality; the classes of five fields after that. */
async function overFile(input: string): Promise<{ parse: number; quality: number; classes: number }> {
  return inEngine(async (engine, folder) => {
    execFileSync('cp', ['--reflink=auto', input, join(folder, 'input')]);
    const source = csvSource(join(folder, 'input'), ',', columns.length);
    const planned = planRelease(checked, [...columns], today);
    if (!planned.ok) throw new Error('The terms do not fit the file.');
    const paths = {
      taken: join(folder, 'taken'),
      path: join(folder, 'output'),
      form: 'csv' as const,
      neutralise: false,
    };
    const sql = compileRelease(planned.plan, { source, firstRow: 2, rows }, paths);
    const parse = await timed(() =>
      engine.rows(
        `select ${columns.map((_, at) => `sum(length(c${at + 1})) as n${at}`).join(', ')} from ${source}`,
      ),
    );
    const quality = await timed(async () => {
      for (const statement of [sql.take, sql.input]) await engine.run(statement);
      await engine.rows(sql.count);
    });
    await engine.run(sql.minimised);
    await engine.run(sql.generalised);
    await engine.run(sql.found([]));
    const classes = await timed(() => engine.run(sql.classes));
    return { parse, quality, classes };
  });
}

/** Millions of HMACs a second: by OpenSSL's own speed test (10 bytes, one core), and ours through the engine, for each core it took. */
async function hmacs(): Promise<{ openssl: number; ours: number }> {
  const said = execFileSync('openssl', ['speed', '-seconds', '2', '-bytes', '10', '-hmac', 'sha256'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const openssl = Number(/hmac\(sha256\)\s+([\d.]+)k/.exec(said.toString())?.[1]) / 10 / 1000;
  const count = 2_000_000;
  return inEngine(async (engine) => {
    await engine.run(
      `create table numbers as select (4000000000 + range * 7919)::varchar as value from range(${count})`,
    );
    engine.define('pseudonym', pseudonymParts, pseudonymsWith(Buffer.alloc(32, 1)));
    const before = process.cpuUsage();
    await engine.rows('select max(pseudonym(encode(value))) from numbers');
    const { user, system } = process.cpuUsage(before);
    return { openssl, ours: count / (user + system) };
  });
}

/** ms of the search alone, in a process of its own, cold. */
function search(limit: number): number {
  const folder = mkdtempSync(join(work, 'search-'));
  execFileSync('cp', [join(work, 'adult.csv'), folder]);
  const said = execFileSync(process.execPath, [
    join(import.meta.dirname, 'search.ts'),
    ...[adultTerms(limit), folder],
  ]);
  return Number(said.toString());
}

/** The people of Adult a hundred times, each time with other ages and occupations: a million cells and more. */
function threeMillionPeople(): { path: string; rows: number } {
  const path = join(work, 'people.csv');
  const [header = '', ...lines] = readFileSync(join(work, 'adult.csv'), 'utf8').trimEnd().split(/\r?\n/);
  const people = lines.map((line) => line.split(';'));
  const other = (at: number, column: number) => people[at % people.length]?.[column] ?? '';
  writeFileSync(path, `${header}\n`);
  for (let time = 0; time < 100; time += 1) {
    const mixed = people.map((values, at) =>
      values
        .with(1, other(at + time * 7919, 1))
        .with(7, other(at + time * 104_729, 7))
        .join(';'),
    );
    writeFileSync(path, `${mixed.join('\n')}\n`, { flag: 'a' });
  }
  return { path, rows: people.length * 100 };
}

/** ms of the whole command over them. */
function threeMillion(input: string): Promise<number> {
  const out = join(work, 'three-million-out.csv');
  const command = [
    join(root, 'bin/chirograph.js'),
    ...['data', 'protect', input, '--terms', adultTerms(0.05), '--dataset', 'adult', '--out', out],
  ];
  return timed(async () => execFileSync(process.execPath, command, { stdio: 'ignore' }));
}

try {
  const input = join(work, 'crimes.csv');
  await writeCrimes(input, rows);
  writeFileSync(join(work, 'adult.csv'), gunzipSync(readFileSync(join(adult, 'adult.csv.gz'))));
  const people = threeMillionPeople();
  if ((await readTermsFile(adultTerms(0)))?.ok !== true) throw new Error('The terms for Adult do not stand.');

  const files: Awaited<ReturnType<typeof overFile>>[] = [];
  const keyed: Awaited<ReturnType<typeof hmacs>>[] = [];
  const searches: { none: number; some: number; all: number }[] = [];
  for (let run = 0; run < runs; run += 1) {
    files.push(await overFile(input));
    keyed.push(await hmacs());
    searches.push({ none: search(0), some: search(0.05), all: await threeMillion(people.path) });
  }
  const parse = median(files.map((file) => file.parse));
  const quality = median(files.map((file) => file.quality));
  const classes = median(files.map((file) => file.classes));
  const ours = median(keyed.map((each) => each.ours));
  const openssl = median(keyed.map((each) => each.openssl));
  const of = (key: 'none' | 'some' | 'all') => Math.round(median(searches.map((each) => each[key])));
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const made = madeBy(`npm run bench:parts -- --rows ${rows} --keep`);
  const text = [
    '## The parts of the pipeline',
    '',
    `${made}, a file of ${rows.toLocaleString('en-GB')} rows, interleaved, median of ${runs}.`,
    '',
    '| What | Took | Beside |',
    '| --- | ---: | ---: |',
    `| parsing every column (the engine) | ${seconds(parse)} | |`,
    `| taking the file in and checking its types and quality | ${seconds(quality)} | ${(quality / parse).toFixed(2)} x parsing |`,
    `| the classes of five fields after that | ${seconds(classes)} | ${(classes / parse).toFixed(2)} x parsing |`,
    `| pseudonyms, through the engine and back | ${ours.toFixed(2)} million a second and core | ${(ours / openssl).toFixed(2)} x OpenSSL’s ${openssl.toFixed(2)} |`,
    `| the optimum of Adult, 12,960 nodes, k 5, nobody held back: the search, cold | ${of('none')} ms | |`,
    `| the same, 5% held back | ${of('some')} ms | |`,
    `| ${people.rows.toLocaleString('en-GB')} people made of Adult's, 9 fields, 5% held back: the whole command | ${seconds(of('all'))} | |`,
    '',
  ].join('\n');
  tell(text, values.keep);
} finally {
  rmSync(work, { recursive: true, force: true });
}
