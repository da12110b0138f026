import { type JourneyName, journeys } from './journeys.ts';
import type { Plan } from './preload.ts';

/** One run: a journey, what is ended in it, and at which passing of which step. `alone`: with no service beside it. */
export type Run = Plan & { journey: JourneyName; alone: boolean };

/** Runs that follow one another on one data folder: each finds what the one before left. */
export type Chain = { number: number; runs: Run[] };

// What a data folder has one of: a chain goes through one journey of each.
const slots: Record<JourneyName, string> = {
  share: 'share',
  prepare: 'prepare',
  approve: 'approve',
  withdraw: 'approve',
  collect: 'collect',
  'collect by page': 'collect',
  destroy: 'destroy',
  'destroy by page': 'destroy',
  rebuild: 'rebuild',
  sign: 'sign',
  'first start': 'first start',
};

/** Every run there is: each step, at its first and its last passing, with each thing that can be ended there. */
function allRuns(): Run[] {
  return (Object.keys(journeys) as JourneyName[]).flatMap((journey) =>
    Object.entries(journeys[journey].steps).flatMap(([step, times]) =>
      [...new Set([1, times])].flatMap((nth) =>
        victimsAt(step).flatMap((victim) =>
          companyOf(journey).map((alone): Run => ({ journey, step, nth, victim, alone })),
        ),
      ),
    ),
  );
}

function victimsAt(step: string): Plan['victim'][] {
  return step.startsWith('pipeline: ') ? ['itself', 'postgres', 'child'] : ['itself', 'postgres'];
}

function companyOf(journey: JourneyName): boolean[] {
  const { by } = journeys[journey];
  return by === 'page' ? [false] : by === 'start' ? [true] : [true, false];
}

/** The runs of a seed, in chains: all there are in its order, then all again in another, and so on. */
export function chainsOf(seed: number, count: number): Chain[] {
  const next = randomOf(seed);
  const chains: Chain[] = [];
  let waiting: Run[] = [];
  for (let taken = 0; taken < count; ) {
    if (waiting.length === 0) waiting = shuffled(allRuns(), next);
    const [first] = waiting;
    if (!first) break;
    const runs: Run[] = [];
    for (const run of waiting) {
      const fits =
        run.alone === first.alone && !runs.some((one) => slots[one.journey] === slots[run.journey]);
      if (fits && (runs.length === 0 || isStart(run) === isStart(first))) runs.push(run);
    }
    const chosen = runs.slice(0, count - taken);
    waiting = waiting.filter((run) => !chosen.includes(run));
    chains.push({ number: taken, runs: chosen });
    taken += chosen.length;
  }
  return chains;
}

const isStart = ({ journey }: Run) => journeys[journey].by === 'start';

function shuffled<T>(things: T[], next: () => number): T[] {
  return things
    .map((thing) => ({ thing, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

// Mulberry32: the same numbers for a seed on every machine.
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
