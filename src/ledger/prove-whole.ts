import type { Db } from '../platform/database.ts';
import { findLeaves, findTiles, type LogId } from './store.ts';
import { type Edge, edgeRoot, growTiles, isFinalTile, splitHashes, type Tile, tileWidth } from './tiles.ts';
import type { State } from './trouble.ts';

const stretch = 256 * tileWidth;

/**
 * Proves a log whole, as must be done where nothing outside the database speaks for it: every entry is hashed again,
 * every tile made again, and the root must be the one that was signed. Gives the first fault in words, or null.
 * A stretch of entries is hashed where it lies, so that a million take seconds and never pass through memory.
 */
export async function proveWhole(db: Db, log: LogId, last: State): Promise<string | null> {
  let edge: Edge = [];
  for (let start = 0; start < last.size; start += stretch) {
    const end = Math.min(start + stretch, last.size);
    const leaves = splitHashes(await findLeaves(db, log, start, end));
    if (leaves.length !== end - start)
      return `entries between ${start} and ${end - 1} are missing or changed`;
    const grown = growTiles(start, edge, leaves);
    edge = grown.edge;
    const tiles = grown.tiles.filter((tile) => isFinalTile(tile, last.size));
    const wrong = await firstWrong(db, log, tiles);
    if (wrong) return `tile ${wrong.level}/${wrong.index} is missing or changed`;
  }
  if (!edgeRoot(edge).equals(last.root)) return 'the entries do not give the signed root';
  return null;
}

async function firstWrong(db: Db, log: LogId, tiles: readonly Tile[]): Promise<Tile | undefined> {
  const held = await findTiles(db, log, tiles);
  const places = new Map(held.map((tile) => [`${tile.level}/${tile.index}`, tile.hashes]));
  return tiles.find((tile) => !places.get(`${tile.level}/${tile.index}`)?.equals(tile.hashes));
}
