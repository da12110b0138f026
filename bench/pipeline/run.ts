import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { madeBy, median, tell } from '../keep.ts';
import { columns, writeCrimes } from './crimes.ts';

// `data protect` as a whole command on a file like a force's crimes, beside the least that any reader could take and the same
// job by others, interleaved, the median of the runs: npm run bench:pipeline -- [--rows 10000000] [--runs 3] [--keep] [--file F]
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
});
const rows = Number(values.rows);
const root = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'chirograph-bench-pipeline-'));
const input = values.file ?? join(work, 'crimes.csv');
const key = '00'.repeat(31).concat('01');
const peers = join(import.meta.dirname, 'peers');
const out = (name: string) => join(work, `${name.replace(/\W+/g, '-')}.csv`);

const leaving = [
  'reported_on',
  'force',
  'category',
  'outcome',
  'nhs_number',
  'age',
  'gender',
  'ethnicity',
  'postcode',
];
const uses: Record<string, unknown> = {
  reported_on: { to: 'month' },
  age: { to: 'age-band-10' },
  postcode: { to: 'postcode-district' },
};
const types: Record<string, string> = { reported_on: 'date', age: 'integer' };
const alike = ['age', 'gender', 'ethnicity', 'postcode'];

function terms(name: string, nhs: 'keep' | 'pseudonymise', k: number | null): string {
  const path = join(work, `${name}.json`);
  const fields = leaving.map((field) => ({
    name: field,
    type: types[field] ?? 'string',
    role: alike.includes(field) ? 'quasi-identifier' : 'other',
    use: field === 'nhs_number' ? nhs : (uses[field] ?? 'keep'),
  }));
  const protection = k === null ? {} : { protection: { k, suppressionLimit: 1 } };
  const datasets = [{ id: 'crimes', format: { type: 'csv', delimiter: ',' }, fields, ...protection }];
  writeFileSync(path, JSON.stringify({ chirograph: 'terms/1', datasets }));
  return path;
}

const protect = (name: string, file: string, ending = 'csv') => [
  process.execPath,
  join(root, 'bin/chirograph.js'),
  ...['data', 'protect', input, '--terms', file, '--dataset', 'crimes', '--key-file', join(work, 'key')],
  ...['--out', out(name).replace(/csv$/, ending)],
];
const parseAll = [
  process.execPath,
  '--input-type=module',
  '--eval',
  `import { DuckDBInstance } from '@duckdb/node-api';
   const db = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
   await db.run(\`select ${columns.map((_, at) => `sum(length(c${at}))`).join(', ')} from read_csv('${input}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${columns.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ')}})\`);
   process.exit(0);`,
];
const plain = 'chirograph, no pseudonyms, nobody held back';
const measured: Record<string, string[] | null> = {
  'parse every column (DuckDB)': parseAll,
  'chirograph: all of it': protect('all', terms('all', 'pseudonymise', 5)),
  'chirograph: all of it, to Parquet': protect('all-parquet', join(work, 'all.json'), 'parquet'),
  'chirograph: all but pseudonyms': protect('but', terms('but', 'keep', 5)),
  [plain]: protect('plain', terms('plain', 'keep', null)),
  'the same with Node’s csv streams': [process.execPath, join(peers, 'streams.ts'), input, out('streams')],
  'the same with Python’s csv': has('python3')
    ? ['python3', join(peers, 'plain.py'), input, out('python')]
    : null,
  'the same with pandas': has('python3', '-c', 'import pandas')
    ? ['python3', join(peers, 'frames.py'), input, out('pandas')]
    : null,
  'the same with Miller': has('mlr') ? miller() : null,
};
const sameJob = [out('plain'), out('streams'), out('python'), out('pandas'), out('miller')];

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function miller(): string[] {
  const change = [
    '$reported_on = substr($reported_on, 0, 6)',
    '$low = $age - $age % 10',
    '$age = $low . "-" . ($low + 9)',
    '$postcode = sub($postcode, " *[0-9][A-Z][A-Z]$", "")',
  ].join('; ');
  return ['mlr', '--csv', 'put', change, 'then', 'cut', '-o', '-f', leaving.join(','), input];
}

/** Runs a command; how long it took, in ms, and the most memory that it and its children had, in MB (PSS, every 100 ms). */
async function run([program = '', ...args]: string[], name: string): Promise<{ ms: number; mb: number }> {
  // What the one before left to be written would be written at this one's cost.
  execFileSync('sync');
  const start = performance.now();
  const stdout = program === 'mlr' ? 'pipe' : 'ignore';
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', stdout, 'inherit'] });
  child.stdout?.pipe(createWriteStream(out('miller')));
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(child.pid ?? 0));
  }, 100);
  const exit = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(watch);
  if (exit !== 0) throw new Error(`${name} ended with ${exit}`);
  return { ms: performance.now() - start, mb: most / 2 ** 20 };
}

// What several processes share is counted once.
function memoryOf(pid: number): number {
  const own = Number(/^Pss:\s+(\d+) kB/m.exec(readOr(`/proc/${pid}/smaps_rollup`, ''))?.[1] ?? 0) * 1024;
  const children = readOr(`/proc/${pid}/task/${pid}/children`, '').split(' ').filter(Boolean);
  return own + children.reduce((sum, child) => sum + memoryOf(Number(child)), 0);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk);
  return hash.digest('hex');
}

try {
  writeFileSync(join(work, 'key'), key);
  if (!existsSync(input)) await writeCrimes(input, rows);
  const results = new Map<string, { ms: number; mb: number }[]>();
  for (let round = 0; round < Number(values.runs); round += 1) {
    for (const [name, command] of Object.entries(measured)) {
      if (command) results.set(name, [...(results.get(name) ?? []), await run(command, name)]);
    }
  }
  const outputs = sameJob.filter((path) => existsSync(path));
  if (new Set(await Promise.all(outputs.map(digest))).size !== 1)
    throw new Error('The outputs of the same job differ');
  const parse = median((results.get('parse every column (DuckDB)') ?? []).map(({ ms }) => ms));
  const job = median((results.get(plain) ?? []).map(({ ms }) => ms));
  const lines = [...results].map(([name, times]) => {
    const ms = median(times.map((time) => time.ms));
    const beside = name.startsWith('the same')
      ? `${(ms / job).toFixed(1)} x the ${(job / 1000).toFixed(1)} s above`
      : `${(ms / parse).toFixed(2)} x parsing`;
    return `| ${name} | ${(ms / 1000).toFixed(1)} | ${beside} | ${Math.round(median(times.map((time) => time.mb)))} |`;
  });
  const made = madeBy(`npm run bench:pipeline -- --rows ${rows} --keep`);
  const megabytes = Math.round(statSync(input).size / 1e6);
  const text = [
    `## Protecting a file of ${rows.toLocaleString('en-GB')} rows`,
    '',
    `${made}, ${megabytes.toLocaleString('en-GB')} MB of CSV in ${columns.length} columns,`,
    `interleaved, median of ${values.runs}. The ${outputs.length} outputs of the same job were compared: they are byte for byte alike.`,
    '',
    '| What | s | Beside | Most MB |',
    '| --- | ---: | ---: | ---: |',
    ...lines,
    '',
  ].join('\n');
  tell(text, values.keep);
} finally {
  rmSync(work, { recursive: true, force: true });
}
