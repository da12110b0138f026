import { type Attribute, type Cells, type Counted, classCounter } from './classes.ts';

// Full-domain generalisation: every value of a field goes to the same level of its hierarchy. A choice of a level for each
// field is a node, all nodes are a lattice, and what is sought is the node of least loss that holds back few enough rows.

/** What is asked: classes of at least `k` rows, and the share of all rows, 0 to 1, that may be held back for it. */
export type Demand = { k: number; limit: number };

/** The node of least loss, and what was looked at to be sure of it: of `nodes`, the classes of `nodesChecked` were counted. */
export type Optimum = {
  levels: number[];
  loss: number;
  heldBack: number;
  nodes: number;
  nodesChecked: number;
};

/** Nothing meets the demand: even with every field at its highest level so many rows would be held back. */
export type NoOptimum = { levels: null; leastHeldBack: number };

/** More nodes than this are not searched: their bounds alone would take more memory than the pipeline has. */
export const mostNodes = 2_000_000;
const mostKept = 2_000_000; // classes to count on from, over all nodes: 16 MB
const mostIdle = 4; // chains in a row that bring nothing better

/**
 * Finds the optimum over the whole lattice. Two things make that quick, and both hold because levels are nested: above a
 * node that is good (holds back few enough rows) all are good, and under one that is bad all are bad; and no node loses
 * less than its levels alone do, with nothing held back. That is its bound, and a node whose bound is no less than the best
 * loss so far need not be looked at.
 *
 * First chains are taken upwards from the least bounds, and halved until they show where good begins: that soon gives a
 * loss near the best. Then everything still open is looked at from the greatest bound down: what is bad there rules out
 * the most below it.
 */
export function findOptimum(
  attributes: readonly Attribute[],
  cells: Cells,
  { k, limit }: Demand,
): Optimum | NoOptimum {
  const lattice = latticeOf(attributes.map(({ levels }) => levels.length));
  const rows = cells.sizes.reduce((sum, size) => sum + size, 0);
  const losses = lossesOf(attributes, cells, rows);
  const bounds = Float64Array.from({ length: lattice.nodes }, (_, node) =>
    losses.bound(lattice.levelsOf(node)),
  );
  const count = rememberingCounter(attributes, cells, k);
  const known = new Uint8Array(lattice.nodes); // 0: nothing, 1: good, 2: bad, 3: good and looked at
  let best = { node: -1, loss: Number.POSITIVE_INFINITY, heldBack: 0 };
  let nodesChecked = 0;

  const isOpen = (node: number) => (known[node] as number) < 2 && (bounds[node] as number) < best.loss;
  const isGood = (node: number): boolean => {
    if (known[node] !== 0 && known[node] !== 1) return known[node] === 3;
    const levels = lattice.levelsOf(node);
    const counted = count(levels);
    nodesChecked += 1;
    if (counted.heldBack / rows > limit) {
      lattice.under(node, (other) => {
        known[other] = 2;
      });
      return false;
    }
    lattice.above(node, (other) => {
      if (known[other] === 0) known[other] = 1;
    });
    known[node] = 3;
    const loss = losses.of(levels, counted);
    if (loss < best.loss) best = { node, loss, heldBack: counted.heldBack };
    return true;
  };

  const top = lattice.nodes - 1;
  if (!isGood(top)) return { levels: null, leastHeldBack: count(lattice.levelsOf(top)).heldBack };
  const byBound = Uint32Array.from(bounds.keys()).sort(
    (one, other) => (bounds[one] as number) - (bounds[other] as number) || one - other,
  );
  let idle = 0;
  for (const node of byBound) {
    while (isOpen(node) && idle < mostIdle) {
      const before = best.loss;
      const chain = lattice.chain(node, bounds, (other) => known[other] === 0 && isOpen(other));
      let [from, to] = [0, chain.length - 1];
      while (from <= to) {
        const middle = (from + to) >> 1;
        if (isGood(chain[middle] as number)) to = middle - 1;
        else from = middle + 1;
      }
      idle = best.loss < before ? 0 : idle + 1;
    }
    if (idle >= mostIdle) break;
  }
  for (const node of byBound.toReversed()) if (isOpen(node)) isGood(node);
  return {
    levels: lattice.levelsOf(best.node),
    loss: best.loss,
    heldBack: best.heldBack,
    nodes: lattice.nodes,
    nodesChecked,
  };
}

/**
 * The loss of a choice of levels, 0 to 1. Of each attribute: the mean over rows of the share of all leaves that a row's
 * value covers, 1 for a row that is held back, scaled so that nothing lost is 0; of all: their geometric mean, each
 * increased by one, weighted.
 */
function lossesOf(attributes: readonly Attribute[], cells: Cells, rows: number) {
  const weights = attributes.reduce((sum, { weight }) => sum + weight, 0);
  // Sums over rows of the leaves that values cover are whole numbers, and exact, until the end.
  const covered = attributes.map(({ levels }, at) =>
    levels.map(({ group, covers }) => {
      const leaves = cells.leaves[at] as Int32Array;
      let sum = 0;
      for (let cell = 0; cell < leaves.length; cell += 1) {
        sum += (cells.sizes[cell] as number) * (covers[group[leaves[cell] as number] as number] as number);
      }
      return sum;
    }),
  );
  const factor = ({ leaves, weight }: Attribute, sum: number): number => {
    const least = 1 / leaves;
    const scaled = leaves === 1 ? 0 : (sum / leaves / rows - least) / (1 - least);
    return (scaled + 1) ** (weight / weights);
  };
  const factors = attributes.map((attribute, at) => (covered[at] ?? []).map((sum) => factor(attribute, sum)));
  return {
    /** The loss of levels where nothing is held back. */
    bound: (levels: readonly number[]) =>
      factors.reduce((product, of, at) => product * (of[levels[at] as number] as number), 1) - 1,
    /** The loss of levels where the classes are these. */
    of: (levels: readonly number[], { cell, rows: sizes, heldBack, heldBackClasses }: Counted) => {
      const product = attributes.reduce((so, attribute, at) => {
        const level = levels[at] as number;
        const { group, covers } = attribute.levels[level] as Attribute['levels'][number];
        const leaves = cells.leaves[at] as Int32Array;
        let sum = (covered[at]?.[level] as number) + heldBack * attribute.leaves;
        for (const one of heldBackClasses) {
          sum -=
            (sizes[one] as number) *
            (covers[group[leaves[cell[one] as number] as number] as number] as number);
        }
        return so * factor(attribute, sum);
      }, 1);
      return product - 1;
    },
  };
}

/** Counts the classes of levels, from the fewest classes that were counted before at levels that are nowhere higher. */
function rememberingCounter(attributes: readonly Attribute[], cells: Cells, k: number) {
  const count = classCounter(attributes, cells, k);
  const kept: { levels: readonly number[]; counted: Counted }[] = [];
  let classes = 0;
  return (levels: readonly number[]): Counted => {
    let from: Counted | null = null;
    for (const one of kept) {
      const fewer = from === null || one.counted.cell.length < from.cell.length;
      if (fewer && one.levels.every((level, at) => level <= (levels[at] as number))) from = one.counted;
    }
    const counted = count(levels, from);
    if (classes + counted.cell.length <= mostKept) {
      classes += counted.cell.length;
      kept.push({ levels, counted });
    }
    return counted;
  };
}

/** The lattice of heights: nodes are numbered so that the last level counts by one. */
function latticeOf(heights: readonly number[]) {
  const strides = heights.map((_, at) =>
    heights.slice(at + 1).reduce((product, height) => product * height, 1),
  );
  const nodes = heights.reduce((product, height) => product * height, 1);
  const levelsOf = (node: number) =>
    heights.map((height, at) => Math.floor(node / (strides[at] as number)) % height);
  const visit = (
    node: number,
    steps: readonly number[],
    by: 1 | -1,
    look: (other: number) => void,
    at = 0,
  ) => {
    if (at === heights.length) {
      look(node);
      return;
    }
    for (let step = 0; step <= (steps[at] as number); step += 1) {
      visit(node + by * step * (strides[at] as number), steps, by, look, at + 1);
    }
  };
  return {
    nodes,
    levelsOf,
    /** Looks at a node and all under it: nowhere higher. */
    under: (node: number, look: (other: number) => void) => visit(node, levelsOf(node), -1, look),
    /** Looks at a node and all above it: nowhere lower. */
    above: (node: number, look: (other: number) => void) => {
      const levels = levelsOf(node);
      visit(
        node,
        heights.map((height, at) => height - 1 - (levels[at] as number)),
        1,
        look,
      );
    },
    /** From a node upwards, each step the one of the least bound among those that may be taken. */
    chain: (node: number, bounds: Float64Array, mayTake: (other: number) => boolean): number[] => {
      const chain = [node];
      for (let last: number | undefined = node; last !== undefined; ) {
        const levels = levelsOf(last);
        const here: number = last;
        const next = strides
          .map((stride, at) => ((levels[at] as number) + 1 < (heights[at] as number) ? here + stride : -1))
          .filter((other) => other >= 0 && mayTake(other));
        last = next.toSorted((one, other) => (bounds[one] as number) - (bounds[other] as number))[0];
        if (last !== undefined) chain.push(last);
      }
      return chain;
    },
  };
}
