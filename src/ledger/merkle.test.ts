import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  merkleRoot,
  nodeHash,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

const vectors = join(import.meta.dirname, '../../test/vectors/merkle');
const leaves = Array.from({ length: 300 }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));
const bytes = (text: string) => Buffer.from(text, 'base64');

describe('published vectors', () => {
  test.each(casesUnder('inclusion'))('inclusion %s', (path) => {
    const vector = readCase<InclusionCase>(path);
    const accepted = verifyInclusion({
      index: vector.leafIdx,
      size: vector.treeSize,
      leaf: bytes(vector.leafHash),
      proof: (vector.proof ?? []).map(bytes),
      root: bytes(vector.root),
    });
    expect(accepted).toBe(!vector.wantErr);
  });

  test.each(casesUnder('consistency'))('consistency %s', (path) => {
    const vector = readCase<ConsistencyCase>(path);
    const accepted = verifyConsistency({
      older: vector.size1,
      size: vector.size2,
      olderRoot: bytes(vector.root1),
      root: bytes(vector.root2),
      proof: (vector.proof ?? []).map(bytes),
    });
    expect(accepted).toBe(!vector.wantErr);
  });

  test('all of them are there', () => {
    expect([casesUnder('inclusion').length, casesUnder('consistency').length]).toEqual([98, 98]);
  });
});

describe('the tree', () => {
  test('the empty root is the hash of nothing', () => {
    expect(emptyRoot.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(merkleRoot([])).toEqual(emptyRoot);
  });

  test('the root of every size is the one RFC 6962 defines', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      expect(merkleRoot(leaves.slice(0, size)).equals(rootByDefinition(leaves.slice(0, size)))).toBe(true);
    }
  });

  test('a proof of any entry verifies, and with any one bit changed does not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.nat(),
        fc.nat(),
        fc.nat(255),
        (size, pick, at, bit) => {
          const tree = subtreesOf(leaves.slice(0, size));
          const index = pick % size;
          const proof = inclusionProof(index, size, tree);
          const claim = { index, size, leaf: leafAt(index), proof, root: merkleRoot(leaves.slice(0, size)) };
          expect(verifyInclusion(claim)).toBe(true);
          expect(verifyInclusion({ ...claim, proof: flipOneBit(proof, at, bit) })).toBe(false);
          expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false);
          expect(verifyInclusion({ ...claim, proof: [...proof, claim.root] })).toBe(false);
        },
      ),
    );
  });

  test('a log that only grew is consistent, and one with a changed past is not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.nat(),
        fc.nat(),
        fc.nat(255),
        (size, pick, at, bit) => {
          const older = 1 + (pick % (size - 1));
          const proof = consistencyProof(older, size, subtreesOf(leaves.slice(0, size)));
          const root = merkleRoot(leaves.slice(0, size));
          const claim = { older, size, olderRoot: merkleRoot(leaves.slice(0, older)), root, proof };
          expect(verifyConsistency(claim)).toBe(true);
          expect(verifyConsistency({ ...claim, proof: flipOneBit(proof, at, bit) })).toBe(false);
          expect(
            verifyConsistency({ ...claim, olderRoot: flipOneBit([claim.olderRoot], 0, bit)[0] ?? root }),
          ).toBe(false);
        },
      ),
    );
  });

  test('a proof asked for an entry or a size that is not there is a fault', () => {
    const tree = subtreesOf(leaves.slice(0, 3));
    expect(() => inclusionProof(3, 3, tree)).toThrow(RangeError);
    expect(() => inclusionProof(-1, 3, tree)).toThrow(RangeError);
    expect(() => consistencyProof(0, 3, tree)).toThrow(RangeError);
    expect(() => consistencyProof(4, 3, tree)).toThrow(RangeError);
    expect(() => inclusionProof(0, 4, tree)).toThrow(RangeError);
  });

  test('verifying answers no, and never throws, whatever it is given', () => {
    const anyHash = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const anySize = fc.oneof(fc.double(), fc.integer(), fc.nat(8), fc.constant(2 ** 53 - 1));
    fc.assert(
      fc.property(
        anySize,
        anySize,
        anyHash,
        anyHash,
        fc.array(anyHash, { maxLength: 70 }),
        (a, b, one, two, proof) => {
          expect(verifyInclusion({ index: a, size: b, leaf: one, proof, root: two })).toBe(
            a === 0 && b === 1 && proof.length === 0 && one.length === 32 && one.equals(two),
          );
          expect(verifyConsistency({ older: a, size: b, olderRoot: one, root: two, proof })).toBe(
            a === b && Number.isInteger(a) && a > 0 && a < 2 ** 53 && proof.length === 0 && one.equals(two),
          );
        },
      ),
    );
  });
});

type InclusionCase = {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
};
type ConsistencyCase = {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
};

function casesUnder(folder: string): string[] {
  return readdirSync(join(vectors, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => `${folder}/${path}`)
    .sort();
}

function readCase<T>(path: string): T {
  return JSON.parse(readFileSync(join(vectors, path), 'utf8')) as T;
}

// MTH of RFC 6962, section 2.1, word for word.
function rootByDefinition(hashes: Buffer[]): Buffer {
  const [only] = hashes;
  if (hashes.length === 1 && only) return only;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(rootByDefinition(hashes.slice(0, k)), rootByDefinition(hashes.slice(k)));
}

function flipOneBit(hashes: Buffer[], at: number, bit: number): Buffer[] {
  const changed = hashes.map((hash) => Buffer.from(hash));
  const target = changed[at % changed.length];
  target?.writeUInt8(target.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}

function leafAt(index: number): Buffer {
  return leaves[index] ?? emptyRoot;
}
