import type { Agreement } from '../document.ts';
import type { Piece } from '../export/blocks.ts';
import { diffWords, pieceOf } from './words.ts';

type Clause = Agreement['clauses'][number];

/** A clause of either agreement. `was` and `now` are its ids; null where it was not there, or is not any more. */
export type ClauseChange = {
  was: string | null;
  now: string | null;
  kind: 'same' | 'changed' | 'renumbered' | 'added' | 'removed';
  heading: Piece[];
  text: Piece[];
};

/** What became of every clause, in the order of the new agreement; a clause that is gone stands after what it stood after. */
export function diffClauses(was: readonly Clause[], now: readonly Clause[]): ClauseChange[] {
  const pairs = pairUp(was, now);
  const changes = now.map((clause) => changeOf(pairs.get(clause) ?? null, clause));
  const kept = new Set(pairs.values());
  was.forEach((clause, at) => {
    if (kept.has(clause)) return;
    const before = was[at - 1]?.id ?? null;
    const after = before === null ? 0 : changes.findIndex((one) => one.was === before) + 1;
    changes.splice(after, 0, changeOf(clause, null));
  });
  return changes;
}

/**
 * Which clause became which. A clause put in moves the numbers of those after it, so that the same words come before the
 * same number: first what says the same, then what has the same heading, then what has the same number.
 */
function pairUp(was: readonly Clause[], now: readonly Clause[]): Map<Clause, Clause> {
  const pairs = new Map<Clause, Clause>();
  const taken = new Set<Clause>();
  const pair = (key: (clause: Clause) => string | null) => {
    const waiting = new Map<string, Clause[]>();
    for (const clause of was) {
      const found = taken.has(clause) ? null : key(clause);
      if (found !== null) waiting.set(found, [...(waiting.get(found) ?? []), clause]);
    }
    for (const clause of now) {
      const found = pairs.has(clause) ? null : key(clause);
      const old = found === null ? undefined : waiting.get(found)?.shift();
      if (!old) continue;
      pairs.set(clause, old);
      taken.add(old);
    }
  };
  pair(({ id, heading, text }) => JSON.stringify([id, heading, text]));
  pair(({ heading, text }) => JSON.stringify([heading, text]));
  pair(({ id, heading }) => (heading === undefined ? null : JSON.stringify([id, heading])));
  pair(({ heading }) => heading ?? null);
  pair(({ id }) => id);
  return pairs;
}

function changeOf(was: Clause | null, now: Clause | null): ClauseChange {
  const heading = diffWords(was?.heading ?? '', now?.heading ?? '');
  const text = diffWords(was?.text ?? '', now?.text ?? '');
  return { was: was?.id ?? null, now: now?.id ?? null, kind: kindOf(was, now), heading, text };
}

function kindOf(was: Clause | null, now: Clause | null): ClauseChange['kind'] {
  if (was === null) return 'added';
  if (now === null) return 'removed';
  if (was.heading !== now.heading || was.text !== now.text) return 'changed';
  return was.id === now.id ? 'same' : 'renumbered';
}

/** The number of a clause as it changed. */
export function numberOf({ was, now }: ClauseChange): Piece[] {
  if (was === now) return pieceOf(now ?? '');
  return [...pieceOf(was ?? '', 'removed'), ...pieceOf(now ?? '', 'added')];
}
