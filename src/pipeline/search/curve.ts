import type { NoOptimum, Optimum } from './lattice.ts';

// What another k would mean for the same rows: how many stay behind, and what the levels that are then the best lose.

/**
 * What would leave of a file with groups of at least `k` rows: how many rows stay behind, and whether the limit lets the
 * rest go. `levels` of the hierarchies, by field, and what they lose (0 to 1): null where nothing is searched for, or
 * nothing found; then the rows stay behind at the highest levels.
 */
export type CurvePoint = {
  k: number;
  heldBack: number;
  withinLimit: boolean;
  levels: Record<string, number> | null;
  loss: number | null;
};

/** The classes of one size; `poor` ones have too few values of a sensitive field, and stay behind whatever k is. */
export type ClassesOfSize = { size: number; classes: number; poor: boolean };

/** The curve where the levels are fixed: classes are what they are, and k says which of them stay behind. */
export function curveOfClasses(
  sizes: readonly ClassesOfSize[],
  ks: readonly number[],
  limit: number,
): CurvePoint[] {
  const rowsIn = (some: readonly ClassesOfSize[]) =>
    some.reduce((sum, { size, classes }) => sum + size * classes, 0);
  const all = rowsIn(sizes);
  return ks.map((k) => {
    const heldBack = rowsIn(sizes.filter(({ size, poor }) => poor || size < k));
    return { k, heldBack, withinLimit: heldBack / all <= limit, levels: null, loss: null };
  });
}

/** The curve where levels are searched for: `search` gives the optimum for each k, `fields` names its levels. */
export function curveOfSearch(
  fields: readonly string[],
  search: (k: number) => Optimum | NoOptimum,
  ks: readonly number[],
): CurvePoint[] {
  return ks.map((k) => {
    const found = search(k);
    if (found.levels === null) {
      return { k, heldBack: found.leastHeldBack, withinLimit: false, levels: null, loss: null };
    }
    const { levels, loss, heldBack } = found;
    const byField = Object.fromEntries(fields.map((field, at) => [field, levels[at] ?? 0]));
    return { k, heldBack, withinLimit: true, levels: byField, loss };
  });
}
