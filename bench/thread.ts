import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { madeBy, median, tell } from './keep.ts';

// The thread as a person feels it: whole commands, from typing to the prompt, interleaved, median of five. Beside them
// the least that any command here could cost (Node starting), and the two outside tools that do a part of the work.
const runs = 5;
const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'chirograph-bench-'));
const env = { ...process.env, CHIROGRAPH_DATA: join(work, 'data') };
const input = join(root, 'examples/data/2024-01-bedfordshire-stop-and-search.csv');
const cli = (...args: string[]) => [process.execPath, join(root, 'src/main/cli.ts'), ...args];
const out = (name: string, run: number) => join(work, `${name}-${run}`);

type Measured = { name: string; command: (run: number) => string[] };

const share = (run: number) =>
  cli('share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search')
    .concat('--to', 'westmarch-opcc', '--purpose', 'hold-to-account', '--input', input)
    .concat('--out', out('release', run));

const measured: Measured[] = [
  { name: 'node, doing nothing', command: () => [process.execPath, '--eval', '0'] },
  { name: 'share', command: share },
  { name: 'verify the package', command: (run) => cli('verify', out('release', run)) },
  {
    name: 'collect',
    command: (run) =>
      cli('collect', reference(run), '--as', 'westmarch-opcc', '--out', out('collected', run)),
  },
  {
    name: 'destroy',
    command: (run) => cli('destroy', reference(run), '--as', 'westmarch-opcc', '--method', 'deleted'),
  },
  {
    name: 'export the log',
    command: (run) => cli('ledger', 'export', '--as', 'westmarch-police', '--out', out('log', run)),
  },
];

function reference(run: number): string {
  return `REL-${new Date().getFullYear()}-${String(run + 1).padStart(4, '0')}`;
}

function time([program = '', ...args]: string[]): number {
  const start = performance.now();
  execFileSync(program, args, { env, stdio: 'ignore' });
  return performance.now() - start;
}

try {
  time(cli('example'));
  const times = new Map(measured.map(({ name }) => [name, [] as number[]]));
  for (let run = 0; run < runs; run++) {
    for (const { name, command } of measured) times.get(name)?.push(time(command(run)));
  }
  const rows = [...times].map(([name, values]) => `| ${name} | ${Math.round(median(values))} |`);
  const text = [
    '## Whole commands',
    '',
    `${madeBy('npm run bench')}. Whole commands, median of ${runs}.`,
    '',
    '| What | ms |',
    '| --- | ---: |',
    ...rows,
    '',
  ].join('\n');
  tell(text, true);
} finally {
  rmSync(work, { recursive: true, force: true });
}
