import { execFileSync, spawn } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DataSet } from './data-set.ts';
import { type Job, PipelineFault, runRelease } from './run.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const people: DataSet = {
  id: 'people',
  format: { type: 'csv', delimiter: ',' },
  fields: [
    { name: 'person', type: 'string', role: 'identifier', use: 'pseudonymise' },
    { name: 'seen', type: 'timestamp', role: 'other', use: { to: 'day' } },
  ],
};

let folder: string;
let staging: string;
let input: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
  staging = join(folder, "Dan's “staging” folder");
  await mkdir(staging, { mode: 0o700 });
  input = join(folder, 'input.csv');
  await writeFile(input, 'person,seen\nAmina Yusuf,2024-01-01T10:00:00Z\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const job = (rest: Partial<Job> = {}): Job => ({
  input,
  staging,
  dataSet: people,
  pseudonymKey: Buffer.alloc(32, 7),
  outputName: 'people.csv',
  form: 'csv',
  today: '2026-11-22',
  ...rest,
});

/** A file that keeps the child busy for seconds: 200,000 rows. */
async function makeLong(): Promise<void> {
  for (let part = 0; part < 20; part += 1) {
    const rows = Array.from({ length: 10_000 }, (_, at) => `person ${part}-${at},2024-01-01T10:00:00Z\n`);
    await appendFile(input, rows.join(''));
  }
}

/** The processes that a process has started. Linux only. */
async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

async function pipelineOf(pid: number): Promise<number> {
  for (;;) {
    for (const child of await childrenOf(pid)) {
      const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
      if (command.includes('pipeline/child.ts')) return child;
    }
    await wait(5);
  }
}

const alive = (pid: number) =>
  stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );

describe('an input that is no file', () => {
  it('is refused, also when it is a link to one', async () => {
    const link = join(folder, 'link.csv');
    await symlink(input, link);
    for (const path of [link, folder, join(folder, 'nothing.csv'), '/dev/null']) {
      expect(await runRelease(job({ input: path }))).toMatchObject({
        problem: { check: 'no-file' },
        output: null,
      });
    }
    expect(await readdir(staging)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'is refused when it is a pipe, without waiting for its writer',
    async () => {
      const pipe = join(folder, 'pipe');
      execFileSync('/usr/bin/mkfifo', [pipe]);
      expect(await runRelease(job({ input: pipe }))).toMatchObject({ problem: { check: 'no-file' } });
    },
  );
});

describe('a hostile file', () => {
  it('of one line of a gigabyte is refused after its first megabyte, and leaves nothing', async () => {
    for (const type of ['csv', 'jsonl', 'xlsx', 'parquet'] as const) {
      await writeFile(input, type === 'jsonl' ? '{"person":"' : 'person,seen\nAmina');
      await truncate(input, 1_000_000_000);
      const { problem, output } = await runRelease(job({ dataSet: { ...people, format: { type } } }));
      expect(problem?.check).toBe(
        { csv: 'nul-byte', jsonl: 'row-too-long', xlsx: 'damaged', parquet: 'damaged' }[type],
      );
      expect(output).toBeNull();
    }
    expect(await readdir(staging)).toEqual([]);
  });
});

describe('a file that is no CSV is read in the child', () => {
  it('as the terms say: XLSX', async () => {
    const vector = new URL('../../test/vectors/xlsx/openpyxl.xlsx', import.meta.url);
    const fields = [{ name: 'born', type: 'date', role: 'other', use: { to: 'year' } } as const];
    const dataSet: DataSet = { id: 'people', format: { type: 'xlsx', sheet: 'People' }, fields };
    const { output } = await runRelease(job({ input: fileURLToPath(vector), dataSet }));
    expect(await readFile(output?.path ?? '', 'utf8')).toBe('born\n1999\n1900\n""\n""\n');
  });

  it('as the terms say: Parquet, also what we wrote ourselves', async () => {
    const first = await runRelease(job({ form: 'parquet', outputName: 'people.parquet' }));
    const fields = [
      { name: 'seen', type: 'date', role: 'other', use: 'keep' },
      { name: 'person', type: 'string', role: 'identifier', use: 'keep' },
    ] as const;
    const dataSet: DataSet = { id: 'again', format: { type: 'parquet' }, fields: [...fields] };
    const again = await runRelease(
      job({ input: first.output?.path ?? '', dataSet, outputName: 'again.csv' }),
    );
    expect(await readFile(again.output?.path ?? '', 'utf8')).toMatch(
      /^seen,person\n2024-01-01,[0-9a-f]{64}\n$/,
    );
  });
});

it('leaves the output and nothing else, readable by its owner only', async () => {
  const { output } = await runRelease(job());
  expect(await readdir(staging)).toEqual(['people.csv']);
  expect(output?.path).toBe(join(staging, 'people.csv'));
  expect(await readFile(input, 'utf8')).toContain('Amina');
  expect(await readFile(join(staging, 'people.csv'), 'utf8')).toMatch(
    /^person,seen\n[0-9a-f]{64},2024-01-01\n$/,
  );
});

it('takes terms that say more than the pipeline needs', async () => {
  const dataSet = { ...people, title: 'People', clause: '4' };
  expect((await runRelease(job({ dataSet }))).rows).toEqual({ in: 1, out: 1, heldBack: 0, outside: 0 });
});

it('refuses a job that is not well formed before it reads anything', async () => {
  for (const wrong of [
    { outputName: '../people.csv' },
    { input: 'input.csv' },
    { pseudonymKey: Buffer.alloc(31) },
  ]) {
    await expect(runRelease(job(wrong))).rejects.toThrow(TypeError);
  }
});

it('ends at once when it is cancelled, and leaves nothing', async () => {
  await makeLong();
  const cancelled = new Error('cancelled');
  await expect(runRelease(job(), AbortSignal.abort(cancelled))).rejects.toBe(cancelled);
  const signal = AbortSignal.timeout(250);
  const started = Date.now();
  await expect(runRelease(job(), signal)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(await readdir(staging)).toEqual([]);
});

it('is cancelled while others have their turn without waiting for its own, and takes nobody’s turn', async () => {
  await makeLong();
  const cancelled = new Error('cancelled');
  const [others, waits] = [new AbortController(), new AbortController()];
  const busy = Promise.allSettled(Array.from({ length: 4 }, () => runRelease(job(), others.signal)));
  const waiting = runRelease(job(), waits.signal);
  setTimeout(() => waits.abort(cancelled), 300);
  await expect(waiting).rejects.toBe(cancelled);
  others.abort(cancelled);
  for (const one of await busy) expect(one).toMatchObject({ reason: cancelled });
  expect(await readdir(staging)).toEqual([]);
  await writeFile(input, 'person,seen\nAmina Yusuf,2024-01-01T10:00:00Z\n');
  for (let turn = 0; turn < 6; turn += 1) expect((await runRelease(job())).rows.in).toBe(1);
});

it('says how far it is: each step in its turn, and the bytes read', async () => {
  await makeLong();
  const steps: string[] = [];
  const read: number[] = [];
  await runRelease(job(), undefined, (progress) => {
    if ('step' in progress) steps.push(progress.step);
    else read.push(progress.read);
  });
  expect(steps[0]).toBe('read the file');
  expect(steps.at(-1)).toBe('write');
  expect(new Set(steps).size).toBe(steps.length);
  expect(read.length).toBeGreaterThan(0);
  expect(read).toEqual(read.toSorted((one, other) => one - other));
  expect(read.at(-1)).toBeLessThanOrEqual((await stat(input)).size);
});

describe.runIf(process.platform === 'linux')('the process that touches the data', () => {
  it('holds no secret of its parent in its arguments or its environment', async () => {
    process.env['A_SECRET'] = 'do not inherit';
    const key = Buffer.from('a key of thirty-two whole bytes!');
    const running = runRelease(job({ pseudonymKey: key }));
    const child = await pipelineOf(process.pid);
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${child}/${file}`)),
    );
    const seen = Buffer.concat([command ?? key, environment ?? key]);
    for (const secret of [key.toString(), key.toString('hex'), key.toString('base64'), 'do not inherit'])
      expect(seen.includes(secret)).toBe(false);
    expect((await running).output).not.toBeNull();
  });

  it('may crash: its parent gets a fault that says where, and holds no value', async () => {
    await makeLong();
    const running = runRelease(job());
    const fault = running.catch((error: unknown) => error);
    process.kill(await pipelineOf(process.pid), 'SIGSEGV');
    expect(await fault).toBeInstanceOf(PipelineFault);
    expect(String(await fault)).toMatch(/failed at the step “.+”: the process ended with SIGSEGV/);
    expect(await readdir(staging)).toEqual([]);
  });

  it('dies with its parent, also by kill -9', async () => {
    await makeLong();
    const program = `import { runRelease } from ${JSON.stringify(new URL('./run.ts', import.meta.url).href)};
      await runRelease({ ...JSON.parse(process.argv[1]), pseudonymKey: Buffer.alloc(32, 7) });`;
    const given = JSON.stringify({ input, staging, dataSet: people, outputName: 'people.csv' });
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program, given], {
      stdio: 'ignore',
    });
    const child = await pipelineOf(parent.pid ?? 0);
    parent.kill('SIGKILL');
    for (let waited = 0; waited < 5_000 && (await alive(child)); waited += 20) await wait(20);
    expect(await alive(child)).toBe(false);
  });
});
