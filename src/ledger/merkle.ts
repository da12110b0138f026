import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962, section 2.1, over SHA-256: how a log commits to its entries, proves that one is
 * in it, and proves that it only ever grew. Hashes are 32 bytes; sizes and indexes are whole numbers up to
 * `Number.MAX_SAFE_INTEGER`. The verify functions take anything an attacker sends and never throw.
 */

/**
 * Reads the hash of a whole subtree: the one over entries `index * 2**level` up to `(index + 1) * 2**level`.
 * It is asked only for subtrees that are complete at the tree's size, so its answers never change.
 */
export type Subtree = (level: number, index: number) => Buffer;

/** The root of a log with no entries. */
export const emptyRoot = hash('sha256', '', 'buffer');

const leafPrefix = Buffer.of(0);
const nodeInput = Buffer.alloc(65, 1);

/** The hash of an entry's bytes. Its prefix keeps an entry from passing for an inner node. */
export function leafHash(entry: Uint8Array): Buffer {
  return hashOf(Buffer.concat([leafPrefix, entry]));
}

/** The hash above two hashes of 32 bytes each. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return hashOf(nodeInput);
}

// By way of hex: Node makes 32 bytes out of a text in a third of the time in which it makes them itself.
function hashOf(bytes: Buffer): Buffer {
  return Buffer.from(hash('sha256', bytes, 'hex'), 'hex');
}

/** The root over a row of hashes: leaves, or the roots of equal whole subtrees with a smaller one last. */
export function merkleRoot(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) row = rowAbove(row, true);
  return row[0] ?? emptyRoot;
}

/** Keeps every whole subtree over a list of leaf hashes in memory: the reader for small trees. */
export function subtreesOf(leaves: readonly Buffer[]): Subtree {
  const rows = [leaves];
  for (let row = leaves; row.length > 1; rows.push(row)) row = rowAbove(row, false);
  return (level, index) => {
    const found = rows[level]?.[index];
    if (!found) throw new RangeError(`No whole subtree ${level}/${index} over ${leaves.length} leaves`);
    return found;
  };
}

// The root of an odd row takes its last hash up as it is; a whole subtree needs both halves.
function rowAbove(row: readonly Buffer[], keepOdd: boolean): Buffer[] {
  const above: Buffer[] = [];
  for (let at = 0; at < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]];
    if (left && right) above.push(nodeHash(left, right));
    else if (left && keepOdd) above.push(left);
  }
  return above;
}

/** The proof that entry `index` is in the tree of `size` entries, from its sibling up. Throws if it is not in it. */
export function inclusionProof(index: number, size: number, subtree: Subtree): Buffer[] {
  if (!isIndex(index) || !isIndex(size) || index >= size)
    throw new RangeError(`No entry ${index} in ${size}`);
  const path = (start: number, end: number): Buffer[] => {
    if (end - start === 1) return [];
    const middle = start + leftWidth(end - start);
    return index < middle
      ? [...path(start, middle), rangeRoot(middle, end, subtree)]
      : [...path(middle, end), rangeRoot(start, middle, subtree)];
  };
  return path(0, size);
}

/** The proof that the tree of `older` entries (at least 1) is a beginning of the tree of `size` entries. */
export function consistencyProof(older: number, size: number, subtree: Subtree): Buffer[] {
  if (!isIndex(older) || !isIndex(size) || older < 1 || older > size) {
    throw new RangeError(`No proof from ${older} to ${size} entries`);
  }
  // RFC 6962, 2.1.2: SUBPROOF. Its flag says that this subtree is the older tree itself, whose root is known.
  const subproof = (start: number, end: number, known: boolean): Buffer[] => {
    if (older === end) return known ? [] : [rangeRoot(start, end, subtree)];
    const middle = start + leftWidth(end - start);
    return older <= middle
      ? [...subproof(start, middle, known), rangeRoot(middle, end, subtree)]
      : [...subproof(middle, end, false), rangeRoot(start, middle, subtree)];
  };
  return subproof(0, size, true);
}

/** Whether the proof leads from a leaf's hash at `index` to the root of `size` entries. RFC 9162, 2.1.3.2. */
export function verifyInclusion(claim: {
  index: number;
  size: number;
  leaf: Buffer;
  proof: readonly Buffer[];
  root: Buffer;
}): boolean {
  if (!isIndex(claim.index) || !isIndex(claim.size) || claim.index >= claim.size) return false;
  if (!isHash(claim.leaf) || !claim.proof.every(isHash)) return false;
  let [at, last] = [claim.index, claim.size - 1];
  let reached = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      reached = nodeHash(sibling, reached);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      reached = nodeHash(reached, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && reached.equals(claim.root);
}

/**
 * Whether the tree of `size` entries is the tree of `older` entries with more after them. RFC 9162, 2.1.4.2.
 * An older tree with no entries proves nothing and is refused.
 */
export function verifyConsistency(claim: {
  older: number;
  size: number;
  olderRoot: Buffer;
  root: Buffer;
  proof: readonly Buffer[];
}): boolean {
  const { older, size, olderRoot, root } = claim;
  if (!isIndex(older) || !isIndex(size) || older < 1 || older > size) return false;
  if (older === size) return claim.proof.length === 0 && olderRoot.equals(root);
  const [seed, ...rest] = isPowerOfTwo(older) ? [olderRoot, ...claim.proof] : claim.proof;
  if (!seed || !isHash(seed) || rest.length === 0 || !rest.every(isHash)) return false;
  let [at, last] = [older - 1, size - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let [olderReached, reached] = [seed, seed];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      olderReached = nodeHash(sibling, olderReached);
      reached = nodeHash(sibling, reached);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      reached = nodeHash(reached, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && olderReached.equals(olderRoot) && reached.equals(root);
}

function rangeRoot(start: number, end: number, subtree: Subtree): Buffer {
  const width = end - start;
  if (isPowerOfTwo(width)) return subtree(Math.log2(width), start / width);
  const middle = start + leftWidth(width);
  return nodeHash(rangeRoot(start, middle, subtree), rangeRoot(middle, end, subtree));
}

// The largest power of two that is smaller than a width of at least 2.
function leftWidth(width: number): number {
  let left = 1;
  while (left * 2 < width) left *= 2;
  return left;
}

function isPowerOfTwo(count: number): boolean {
  return count === 1 || leftWidth(count) * 2 === count;
}

const half = (count: number) => Math.floor(count / 2);
const isOdd = (count: number) => count % 2 === 1;
const isIndex = (count: number) => Number.isSafeInteger(count) && count >= 0;
const isHash = (bytes: Buffer) => bytes.length === 32;
