import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cells } from './classes.ts';
import { attributeOf, faultOfHierarchy } from './hierarchy.ts';
import { findOptimum } from './lattice.ts';

// A table to search: for each field its hierarchy and a weight, and rows that give each field's leaf, something else that
// tells people apart, and a sensitive value.
type Field = { lines: string[][]; weight: number };
type Row = { leaves: number[]; other: number; sensitive: number };
type Task = { fields: Field[]; rows: Row[]; k: number; l: number; limit: number };

/** A hierarchy of some leaves: at each level neighbours are put together, until all are or the levels end. */
const hierarchy = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 2, max: 3 }), { maxLength: 3 }))
  .map(([leaves, steps]) =>
    Array.from({ length: leaves }, (_, leaf) => {
      const width = (at: number) => steps.slice(0, at + 1).reduce((product, step) => product * step, 1);
      return [`${leaf}`, ...steps.map((_, at) => `${at}:${Math.floor(leaf / width(at))}`)];
    }),
  );

const task: fc.Arbitrary<Task> = fc
  .array(fc.record({ lines: hierarchy, weight: fc.constantFrom(1, 1, 2, 0.5) }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      rows: fc.array(
        fc.record({
          leaves: fc
            .tuple(...fields.map(({ lines }) => fc.nat(lines.length - 1)))
            .map((leaves) => [...leaves]),
          other: fc.nat(1),
          sensitive: fc.nat(2),
        }),
        { minLength: 1, maxLength: 40 },
      ),
      k: fc.integer({ min: 1, max: 6 }),
      l: fc.integer({ min: 1, max: 3 }),
      limit: fc.constantFrom(0, 0.05, 0.1, 0.3),
    }),
  );

/** The same search by trying everything, in the plainest way. */
function tryAll({ fields, rows, k, l, limit }: Task): { loss: number; heldBack: number } | null {
  let best: { loss: number; heldBack: number } | null = null;
  const heights = fields.map(({ lines }) => lines[0]?.length ?? 1);
  const total = heights.reduce((product, height) => product * height, 1);
  for (let node = 0; node < total; node += 1) {
    let rest = node;
    const levels = heights.map((height) => {
      const level = rest % height;
      rest = Math.floor(rest / height);
      return level;
    });
    const classes = Map.groupBy(rows, ({ leaves, other }) =>
      JSON.stringify([other, ...leaves.map((leaf, at) => fields[at]?.lines[leaf]?.[levels[at] ?? 0])]),
    );
    const isPoor = (those: Row[]) =>
      those.length < k || new Set(those.map(({ sensitive }) => sensitive)).size < l;
    const heldBack = new Set([...classes.values()].filter(isPoor).flat());
    if (heldBack.size / rows.length > limit) continue;
    const weights = fields.reduce((sum, { weight }) => sum + weight, 0);
    const loss =
      fields.reduce((product, { lines, weight }, at) => {
        const level = levels[at] ?? 0;
        const share = (row: Row) => {
          if (heldBack.has(row)) return 1;
          const group = lines[row.leaves[at] ?? 0]?.[level];
          return lines.filter((line) => line[level] === group).length / lines.length;
        };
        const mean = rows.reduce((sum, row) => sum + share(row), 0) / rows.length;
        const scaled = lines.length === 1 ? 0 : (mean - 1 / lines.length) / (1 - 1 / lines.length);
        return product * (scaled + 1) ** (weight / weights);
      }, 1) - 1;
    if (!best || loss < best.loss) best = { loss, heldBack: heldBack.size };
  }
  return best;
}

function search({ fields, rows, k, l, limit }: Task) {
  const cells: Cells = {
    leaves: fields.map((_, at) => Int32Array.from(rows, ({ leaves }) => leaves[at] ?? 0)),
    fixed: Int32Array.from(rows, ({ other }) => other),
    sensitive: l > 1 ? [{ values: Int32Array.from(rows, ({ sensitive }) => sensitive), l }] : [],
    sizes: Int32Array.from(rows, () => 1),
  };
  return findOptimum(
    fields.map(({ lines, weight }) => attributeOf(lines, weight)),
    cells,
    { k, limit },
  );
}

test('what is found loses as little as the best of all nodes, tried one by one', () => {
  fc.assert(
    fc.property(task, (one) => {
      const all = tryAll(one);
      const found = search(one);
      if (all === null) expect(found.levels).toBeNull();
      else expect(found).toMatchObject({ loss: expect.closeTo(all.loss, 12) });
    }),
    { numRuns: 400 },
  );
});

test('where nothing is enough it says how many would be held back at the highest levels', () => {
  const lines = [
    ['a', '*'],
    ['b', '*'],
  ];
  const rows = [0, 1, 1].map((leaf) => ({ leaves: [leaf], other: leaf, sensitive: 0 }));
  expect(search({ fields: [{ lines, weight: 1 }], rows, k: 2, l: 1, limit: 0 })).toEqual({
    levels: null,
    leastHeldBack: 1,
  });
});

test('keys of more than 32 bits are told apart', () => {
  const lines = Array.from({ length: 3000 }, (_, leaf) => [`${leaf}`, '*']);
  const fields = [1, 2, 3, 4].map(() => ({ lines, weight: 1 }));
  const rows = Array.from({ length: 3000 }, (_, at) => ({
    leaves: [at, (at * 7) % 3000, (at * 11) % 3000, 0],
    other: 0,
    sensitive: 0,
  }));
  expect(search({ fields, rows: [...rows, ...rows], k: 2, l: 1, limit: 0 })).toMatchObject({
    levels: [0, 0, 0, 0],
    loss: 0,
  });
  expect(search({ fields, rows, k: 2, l: 1, limit: 0 })).toMatchObject({ levels: [1, 1, 1, 0] });
});

describe('a hierarchy', () => {
  test.each([
    ['without lines', [], 'no lines'],
    [
      'with lines of unequal length',
      [['a', '*'], ['b']],
      'Line 2 of the hierarchy has 1 levels, and line 1 has 2',
    ],
    [
      'with a value twice',
      [
        ['a', '*'],
        ['a', '*'],
      ],
      'Line 2 of the hierarchy repeats a value',
    ],
    [
      'whose groups come apart again',
      [
        ['a', 'x', 'p'],
        ['b', 'x', 'q'],
      ],
      'Line 2 of the hierarchy puts a group of level 1 into two groups of level 2',
    ],
  ])('%s is refused', (_, lines, says) => {
    expect(faultOfHierarchy(lines)).toContain(says);
  });
});
