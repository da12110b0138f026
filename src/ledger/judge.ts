import type { Db } from '../platform/database.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type Kept, keptPath } from './kept.ts';
import { consistencyProof, emptyRoot, verifyConsistency } from './merkle.ts';
import { findTiles, hasEntriesFrom, type Log, type LogId } from './store.ts';
import {
  type Edge,
  edgeRoot,
  levelCount,
  levelShape,
  splitHashes,
  subtreesInTiles,
  tilesForProof,
} from './tiles.ts';
import type { LogTrouble, State } from './trouble.ts';

/** How a log in the database stands to the last checkpoint kept outside it. */
export type Standing =
  /** It may be signed. `kept` is false where the database is ahead of the file, as after a crash between the two. */
  | { state: 'good'; kept: boolean; edge: Edge }
  /** Nothing is kept of it, though it was signed: it must be proved whole first. */
  | { state: 'unproved'; last: State; edge: Edge }
  | { state: 'stopped'; trouble: LogTrouble };

/**
 * Judges a log by its last checkpoint, the tiles at its edge and what is kept outside the database. Read the file
 * before the database: it is written after the commit, so a database read later and still behind it is an old one.
 */
export async function judgeLog(db: Db, log: Log, kept: Kept, folder: string): Promise<Standing> {
  const { origin, last } = log;
  const stop = (trouble: LogTrouble): Standing => ({ state: 'stopped', trouble });
  if (kept.state === 'unreadable') {
    return stop({ kind: 'unreadable', origin, path: keptPath(folder, origin), fault: kept.why });
  }
  if (kept.state === 'continued') {
    return stop({ kind: 'continued', origin, held: last ?? { size: 0, root: emptyRoot }, path: kept.path });
  }
  const signed = kept.state === 'kept' ? kept.checkpoint : null;
  if (signed && (!last || signed.size > last.size)) {
    return stop({ kind: 'behind', origin, held: last, signed });
  }
  const held = last ?? { size: 0, root: emptyRoot };
  if (await hasEntriesFrom(db, log, held.size)) {
    const fault = `there are entries from ${held.size} on that were never signed`;
    return stop({ kind: 'not-whole', origin, held, fault });
  }
  if (!last) return { state: 'good', kept: true, edge: [] };
  const opened = openCheckpoint(last.note, log.vkey);
  const isLast =
    opened.ok && opened.checkpoint.size === last.size && opened.checkpoint.root.equals(last.root);
  if (!isLast) {
    return stop({ kind: 'not-whole', origin, held: last, fault: 'its last checkpoint is not one it signed' });
  }
  if (signed && !(await leadsTo(db, log, signed, last))) {
    return stop({ kind: 'forked', origin, held: last, signed });
  }
  if (kept.state === 'kept' && kept.fork && !(await leadsTo(db, log, kept.fork, last))) {
    return stop({ kind: 'forked', origin, held: last, signed: kept.fork });
  }
  const edge = await readEdge(db, log, last.size);
  // A log must never sign two histories: the next tree grows from the very tree that was signed last.
  if (!edgeRoot(edge).equals(last.root)) {
    const fault = `the tiles do not give the root that it signed at ${last.size} entries`;
    return stop({ kind: 'not-whole', origin, held: last, fault });
  }
  if (!signed) return { state: 'unproved', last, edge };
  return { state: 'good', kept: signed.size === last.size, edge };
}

/** Whether the tree of one state only grew into that of another, by the tiles. RFC 6962, 2.1.2. */
export async function leadsTo(db: Db, log: LogId, older: State, newer: State): Promise<boolean> {
  if (older.size === 0) return older.root.equals(emptyRoot);
  if (older.size === newer.size) return older.root.equals(newer.root);
  const tiles = await findTiles(db, log, tilesForProof(older.size - 1, newer.size));
  try {
    const proof = consistencyProof(older.size, newer.size, subtreesInTiles(tiles));
    return verifyConsistency({
      older: older.size,
      size: newer.size,
      olderRoot: older.root,
      root: newer.root,
      proof,
    });
  } catch (fault) {
    if (fault instanceof RangeError) return false; // a tile is missing, or the older is the larger
    throw fault;
  }
}

async function readEdge(db: Db, log: LogId, size: number): Promise<Edge> {
  const levels = Array.from({ length: levelCount(size) }, (_, level) => ({
    level,
    ...levelShape(size, level),
  }));
  const open = levels.filter(({ partial }) => partial > 0).map(({ level, full }) => ({ level, index: full }));
  const tiles = await findTiles(db, log, open);
  return levels.map(({ level }) => {
    const tile = tiles.find((each) => each.level === level);
    return tile ? splitHashes(tile.hashes) : [];
  });
}
