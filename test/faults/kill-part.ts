import { rmSync } from 'node:fs';
import { type Result, runChain } from './kill.ts';
import { makeWorld, workFolder } from './machine.ts';
import type { Asked, Part, Row } from './parts.ts';
import { type Chain, chainsOf } from './runs.ts';

// Runs the chains, some at a time, and says each run in a line as it is done.
async function killAll(
  chains: readonly Chain[],
  worldFolder: string,
  { minutes, atOnce, say }: Asked,
): Promise<Result[]> {
  const waiting = [...chains];
  const results: Result[] = [];
  const until = Date.now() + minutes * 60_000;
  const worker = async () => {
    for (let chain = waiting.shift(); chain !== undefined && Date.now() < until; chain = waiting.shift()) {
      const some = await runChain(worldFolder, chain);
      results.push(...some);
      for (const result of some) say(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** A run in one line. */
export function lineOf({ number, journey, alone, victim, step, nth, struck, back, faults }: Result): string {
  const served = back === null ? '' : `, served again after ${Math.round(back)} ms`;
  const found = faults.map((fault) => `\n  FAULT ${fault}`).join('');
  const where = `${step}${nth > 1 ? ` (${nth})` : ''}`;
  return `${number} ${journey}${alone ? ' alone' : ''}: ${victim} at ${where}${struck ? '' : ', not reached'}${served}${found}`;
}

/** 500 runs of a seed; with `run`, only the chain that holds it. */
export const killPart: Part = async (asked) => {
  const { seed, run, count } = asked;
  const folder = workFolder();
  try {
    makeWorld(folder);
    const all = chainsOf(seed, count);
    const chains = run === null ? all : all.filter((chain) => holds(chain, run));
    const results = await killAll(chains, folder, asked);
    return rowsOf(results, seed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const holds = ({ number, runs }: Chain, run: number) => number <= run && run < number + runs.length;

const names = { itself: 'the service or the command', postgres: 'PostgreSQL', child: 'the release child' };

function rowsOf(results: Result[], seed: number): Row[] {
  return Object.entries(names).map(([victim, name]) => {
    const own = results.filter((one) => one.victim === victim);
    const struck = own.filter((one) => one.struck);
    const places = new Set(
      struck.map(({ journey, step, nth, alone }) => `${journey} ${step} ${nth} ${alone}`),
    );
    const back = struck.flatMap((one) => (one.back === null ? [] : [one.back]));
    return {
      what: `kill -9 of ${name}, at ${places.size} places of ${new Set(own.map(({ journey }) => journey)).size} journeys (seed ${seed})`,
      times: struck.length,
      faults: own.flatMap((one) => one.faults),
      figures: servedAgain(back),
    };
  });
}

/** How soon a service served again, in words. */
export function servedAgain(back: number[]): string {
  const sorted = back.toSorted((a, b) => a - b);
  const at = (share: number) => ((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) / 1000).toFixed(1);
  if (sorted.length === 0) return '';
  return `served again: median ${at(0.5)} s, 99th of 100 ${at(0.99)} s, longest ${at(1)} s`;
}
