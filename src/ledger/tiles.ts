import { merkleRoot, type Subtree } from './merkle.ts';

/**
 * The tiled form of a log (c2sp.org/tlog-tiles): rows of up to 256 hashes, each hash of a level standing for a
 * full tile of the level below; and bundles of the entries themselves.
 */

/** How many hashes or entries a full tile holds. */
export const tileWidth = 256;

/** A tile: its level, its place in the level, and its hashes of 32 bytes one after the other. */
export type Tile = { level: number; index: number; hashes: Buffer };

/** The open end of a tree: for each level, lowest first, the hashes that do not fill a tile yet. */
export type Edge = readonly (readonly Buffer[])[];

/** Where a tile lies in an exported log: `tile/0/x001/234/067`, with `.p/5` after it while it is partial. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${place}${width < tileWidth ? `.p/${width}` : ''}`;
}

/** How many tiles a level of a tree has: the full ones, and the width of the partial one after them (0 for none). */
export function levelShape(size: number, level: number): { full: number; partial: number } {
  const hashes = Math.floor(size / tileWidth ** level);
  return { full: Math.floor(hashes / tileWidth), partial: hashes % tileWidth };
}

/** How many levels of tiles a tree of this size has: none when it is empty. */
export function levelCount(size: number): number {
  let levels = 0;
  while (size >= tileWidth ** levels) levels += 1;
  return levels;
}

/**
 * Adds leaf hashes to a tree of `size` entries with that edge. Returns every tile that is new or longer than
 * it was, and the edge afterwards.
 */
export function growTiles(
  size: number,
  edge: Edge,
  leaves: readonly Buffer[],
): { tiles: Tile[]; edge: Buffer[][] } {
  const tiles: Tile[] = [];
  const grown: Buffer[][] = [];
  let added = leaves;
  for (let level = 0; added.length > 0 || level < edge.length; level += 1) {
    const row = [...(edge[level] ?? []), ...added];
    const { full } = levelShape(size, level);
    const filled: Buffer[] = [];
    for (let start = 0; added.length > 0 && start < row.length; start += tileWidth) {
      const hashes = row.slice(start, start + tileWidth);
      tiles.push({ level, index: full + start / tileWidth, hashes: Buffer.concat(hashes) });
      if (hashes.length === tileWidth) filled.push(merkleRoot(hashes));
    }
    grown.push(row.slice(filled.length * tileWidth));
    added = filled;
  }
  return { tiles, edge: grown };
}

/** Whether a tile made while a tree grows is one of the tree of `size` entries, and not a shorter state of it. */
export function isFinalTile(tile: Tile, size: number): boolean {
  const { full, partial } = levelShape(size, tile.level);
  return tile.hashes.length / 32 === (tile.index < full ? tileWidth : partial);
}

/** The root of the tree whose open end this is. */
export function edgeRoot(edge: Edge): Buffer {
  // What lies below a level is one smaller subtree after that level's whole ones.
  let below: Buffer[] = [];
  for (const hashes of edge) {
    const row = [...hashes, ...below];
    below = row.length > 0 ? [merkleRoot(row)] : [];
  }
  return merkleRoot(below);
}

/** The tiles that hold an inclusion proof of entry `index` in a tree of `size`: at each level its own, and the last. */
export function tilesForProof(index: number, size: number): { level: number; index: number }[] {
  return Array.from({ length: levelCount(size) }, (_, level) => {
    const own = Math.floor(index / tileWidth ** (level + 1));
    const { full, partial } = levelShape(size, level);
    const last = partial > 0 ? full : full - 1;
    return [...new Set([Math.min(own, last), last])].map((at) => ({ level, index: at }));
  }).flat();
}

/** Reads whole subtrees out of tiles. Throws where a tile is missing or too short: a fault, as tiles are ours. */
export function subtreesInTiles(tiles: readonly Tile[]): Subtree {
  const byPlace = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.hashes]));
  return (level, index) => {
    const [tileLevel, height] = [Math.floor(level / 8), level % 8];
    const first = index * 2 ** height;
    const hashes = byPlace.get(`${tileLevel}/${Math.floor(first / tileWidth)}`);
    const start = (first % tileWidth) * 32;
    const row = splitHashes((hashes ?? Buffer.alloc(0)).subarray(start, start + 2 ** height * 32));
    if (row.length !== 2 ** height) throw new RangeError(`No tile with subtree ${level}/${index}`);
    return merkleRoot(row);
  };
}

/** The hashes of a tile, one by one. */
export function splitHashes(hashes: Buffer): Buffer[] {
  return Array.from({ length: hashes.length / 32 }, (_, at) => hashes.subarray(at * 32, at * 32 + 32));
}

/** An entry bundle: each entry's bytes after their length, two bytes, big end first. */
export function formatBundle(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** The entries of a bundle; null where a length does not fit the bytes. */
export function parseBundle(bytes: Buffer): Buffer[] | null {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return null;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
