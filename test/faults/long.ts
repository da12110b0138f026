import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { diskPart } from './disk-part.ts';
import { killPart } from './kill-part.ts';
import { loadPart } from './load-part.ts';
import type { Part, Row } from './parts.ts';
import { restorePart } from './restore-part.ts';
import { sameKeyPart } from './same-key-part.ts';

// The long form, by hand: `npm run faults`. Its results go into docs/reliability.md, each part with its own date.
//   npm run faults -- --only kill --count 100    one part, fewer runs
//   npm run faults -- --seed 7 --run 123         one run again, with those before it on the same data folder

const parts: Record<string, Part> = {
  kill: killPart,
  load: loadPart,
  'same-key': sameKeyPart,
  disk: diskPart,
  restore: restorePart,
};

const root = join(import.meta.dirname, '../..');
const kept = join(root, 'build/faults.json');
const page = join(root, 'docs/reliability.md');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    run: { type: 'string' },
    count: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '40' },
    'at-once': { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const run = values.run === undefined ? null : Number(values.run);
const chosen =
  run === null ? Object.keys(parts).filter((name) => [undefined, name].includes(values.only)) : ['kill'];
const say = (line: string) => process.stdout.write(`${line}\n`);

type Kept = Record<string, { date: string; command: string; commit: string; minutes: number; rows: Row[] }>;
const results: Kept = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};

for (const name of chosen) {
  const part = parts[name];
  if (!part) continue;
  say(`${name}, seed ${seed}`);
  const began = performance.now();
  const asked = {
    count: Number(values.count),
    minutes: Number(values.minutes),
    atOnce: Number(values['at-once']),
  };
  const rows = await part({ seed, run, say, ...asked });
  for (const row of rows) say(`${row.what}: ${row.times} times, ${row.faults.length} faults; ${row.figures}`);
  if (rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
  results[name] = {
    date: new Date().toISOString().slice(0, 10),
    command: `npm run faults -- --only ${name}${name === 'kill' ? ` --seed ${seed} --count ${values.count}` : ''}`,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    minutes: Math.round((performance.now() - began) / 60_000),
    rows,
  };
  if (run === null) keep();
}

function keep(): void {
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(kept, JSON.stringify(results, null, 2));
  const [before = ''] = readFileSync(page, 'utf8').split('## Results');
  writeFileSync(page, `${before}## Results\n\n${tables()}`);
}

function tables(): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const rows = Object.values(results).flatMap(({ rows: own }) =>
    own.map((row) => `| ${row.what} | ${row.times} | ${row.faults.length} | ${row.figures} |`),
  );
  const made = Object.values(results).map(
    ({ command, date, commit, minutes }) => `- \`${command}\`: ${date}, commit ${commit}, ${minutes} minutes`,
  );
  return [
    '| Fault | Times | Found wrong | Figures |',
    '| --- | ---: | ---: | --- |',
    ...rows,
    '',
    `Made on ${machine}, by:`,
    '',
    ...made,
    '',
  ].join('\n');
}
