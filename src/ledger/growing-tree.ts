import { emptyRoot, nodeHash } from './merkle.ts';

/**
 * A tree made again leaf by leaf. It keeps the roots of the whole subtrees at its right edge, so that its root can be had
 * at every size, and the hashes of every level of tiles above the lowest.
 */
export type GrowingTree = {
  push(leaf: Buffer): void;
  root(): Buffer;
  /** The hashes of level 1, 2 and so on of the tiles, of leaves pushed to this tree itself. */
  levels: Buffer[][];
  /** The same tree, to try leaves on. */
  copy(): GrowingTree;
};

/** A tree that has grown to `size` leaves with these whole subtrees at its edge, the widest first: an empty one if not said. */
export function growingTree(size = 0, edge: Buffer[] = []): GrowingTree {
  const levels: Buffer[][] = [];
  return {
    levels,
    copy: () => growingTree(size, [...edge]),
    push(leaf) {
      let node = leaf;
      let height = 0;
      for (let at = size; at % 2 === 1; at = (at - 1) / 2) {
        node = nodeHash(edge.pop() ?? leaf, node);
        height += 1;
        if (height % 8 !== 0) continue;
        const level = height / 8 - 1;
        levels[level] ??= [];
        levels[level].push(node);
      }
      edge.push(node);
      size += 1;
    },
    root: () =>
      edge.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), edge.at(-1) ?? emptyRoot),
  };
}
