import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Loaded before the service or a command (`node --import`), in tests only. It hears of every step, and at the one that the
// plan names it ends something with SIGKILL, at once and from inside: no later line of the product runs first.

/** What to end at which step: the process itself, PostgreSQL under it, or the pipeline's child. */
export type Plan = { step: string; nth: number; victim: 'itself' | 'postgres' | 'child' };

const { CHIROGRAPH_DATA = '', FAULTS_PLAN: planFile, FAULTS_RECORD: recordFile } = process.env;
let text = '';
let plan: Plan | null = null;
let seen = 0;

subscribe('chirograph:step', (message) => {
  const name = String(message);
  readPlan();
  if (plan === null) return;
  if (recordFile !== undefined) appendFileSync(recordFile, `${name}\n`);
  if (name !== plan.step) return;
  seen += 1;
  if (seen !== plan.nth) return;
  writeFileSync(`${planFile}.struck`, '');
  strike(plan.victim);
});

// A service has been running for a while by the time there is a plan, and then there is another.
function readPlan(): void {
  const read = planFile !== undefined && existsSync(planFile) ? readFileSync(planFile, 'utf8') : '';
  if (read === text) return;
  text = read;
  plan = text === '' ? null : JSON.parse(text);
  seen = 0;
}

function strike(victim: Plan['victim']): void {
  for (const pid of pidsOf(victim)) process.kill(pid, 'SIGKILL');
}

function pidsOf(victim: Plan['victim']): number[] {
  if (victim === 'itself') return [process.pid];
  if (victim === 'child') return children().filter(isPipeline);
  const text = readFileSync(join(CHIROGRAPH_DATA, 'postgres/cluster/postmaster.pid'), 'utf8');
  return [Number(text.split('\n')[0])];
}

function children(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

function isPipeline(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pipeline/child.ts');
}
