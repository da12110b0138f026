import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consistencyProof, inclusionProof, leafHash, merkleRoot, subtreesOf } from './merkle.ts';
import {
  type Edge,
  edgeRoot,
  formatBundle,
  growTiles,
  levelCount,
  levelShape,
  parseBundle,
  subtreesInTiles,
  type Tile,
  tilePath,
  tilesForProof,
} from './tiles.ts';

const leaves = Array.from({ length: 600 }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));

describe('where tiles lie', () => {
  test.each([
    [tilePath(0, 1234067, 256), 'tile/0/x001/x234/067'],
    [tilePath(0, 0, 256), 'tile/0/000'],
    [tilePath(1, 999, 17), 'tile/1/999.p/17'],
    [tilePath('entries', 1000, 255), 'tile/entries/x001/000.p/255'],
  ])('%s', (path, expected) => {
    expect(path).toBe(expected);
  });

  test('a tree of 70,000 has the tiles that the specification counts', () => {
    expect(levelCount(70_000)).toBe(3);
    expect([0, 1, 2].map((level) => levelShape(70_000, level))).toEqual([
      { full: 273, partial: 112 },
      { full: 1, partial: 17 },
      { full: 0, partial: 1 },
    ]);
  });

  test('a tree of 256 is one full tile and one hash above it', () => {
    expect([0, 1].map((level) => levelShape(256, level))).toEqual([
      { full: 1, partial: 0 },
      { full: 0, partial: 1 },
    ]);
    expect([levelCount(0), levelCount(1), levelCount(255), levelCount(256)]).toEqual([0, 1, 1, 2]);
  });
});

describe('growing', () => {
  test('in whatever batches a log grows, tiles, edge and root are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }), (batches) => {
        const size = Math.min(
          batches.reduce((sum, batch) => sum + batch, 0),
          leaves.length,
        );
        const grown = growIn(batches, size);
        expect(grown).toEqual(growIn([size], size));
        expect(edgeRoot(grown.edge).equals(merkleRoot(leaves.slice(0, size)))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('three levels of tiles give the root of 70,000 entries', () => {
    const many = Array.from({ length: 70_000 }, (_, at) => leafHash(Buffer.from(String(at))));
    const { tiles, edge } = growTiles(0, [], many);
    expect(edgeRoot(edge).equals(merkleRoot(many))).toBe(true);
    expect(edge.map((row) => row.length)).toEqual([112, 17, 1]);
    for (const index of [0, 255, 256, 65_535, 65_536, 69_999]) {
      const proof = inclusionProof(index, 70_000, subtreesInTiles(only(tiles, tilesForProof(index, 70_000))));
      expect(proof).toEqual(inclusionProof(index, 70_000, subtreesOf(many)));
    }
  });
});

describe('reading', () => {
  const everyTile = growIn([600], 600).tiles;

  test('for every size from 1 to 600 a proof from tiles is the proof from memory', () => {
    const memory = subtreesOf(leaves);
    const tiles = subtreesInTiles(everyTile);
    for (let size = 1; size <= 600; size += 1) {
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        const expected = inclusionProof(index, size, memory);
        // The tiles are those of 600 entries: what was added later does not disturb an older proof.
        expect(inclusionProof(index, size, tiles)).toEqual(expected);
        const few = subtreesInTiles(only(growIn([size], size).tiles, tilesForProof(index, size)));
        expect(inclusionProof(index, size, few)).toEqual(expected);
      }
      const older = 1 + Math.floor(size / 3);
      expect(consistencyProof(older, size, tiles)).toEqual(consistencyProof(older, size, memory));
    }
  });

  test('a missing or short tile is a fault', () => {
    expect(() => subtreesInTiles([])(0, 0)).toThrow('No tile with subtree 0/0');
    expect(() => subtreesInTiles(growIn([5], 5).tiles)(1, 2)).toThrow(RangeError);
  });
});

describe('entry bundles', () => {
  test('hold any entries up to 65,535 bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (arrays) => {
        const entries = arrays.map((array) => Buffer.from(array));
        expect(parseBundle(formatBundle(entries))).toEqual(entries);
      }),
      { numRuns: 30 },
    );
    expect(formatBundle([Buffer.from('ab')]).toString('hex')).toBe('00026162');
    expect(() => formatBundle([Buffer.alloc(65_536)])).toThrow(RangeError);
  });

  test.each(['00', '0001', '000261', '0001610002', '00016100'])('refused: %s', (hex) => {
    expect(parseBundle(Buffer.from(hex, 'hex'))).toBeNull();
  });
});

// Grows a log in batches, keeping the last state of each tile as a store would.
function growIn(batches: number[], total: number): { tiles: Tile[]; edge: Edge } {
  const kept = new Map<string, Tile>();
  let edge: Edge = [];
  let size = 0;
  for (const batch of batches) {
    const added = leaves.slice(size, Math.min(size + batch, total));
    const grown = growTiles(size, edge, added);
    for (const tile of grown.tiles) kept.set(`${tile.level}/${tile.index}`, tile);
    edge = grown.edge;
    size += added.length;
  }
  const tiles = [...kept.values()].sort((a, b) => a.level - b.level || a.index - b.index);
  return { tiles, edge };
}

function only(tiles: Tile[], places: { level: number; index: number }[]): Tile[] {
  return tiles.filter((tile) =>
    places.some((place) => place.level === tile.level && place.index === tile.index),
  );
}
