import type { Tx } from '../platform/database.ts';
import {
  findKeptEntries,
  type HashedLeaves,
  hashLeaves,
  type KeptCheckpoint,
  type KeptEntry,
} from './audit-store.ts';
import type { Finding } from './finding.ts';
import { type GrowingTree, growingTree } from './growing-tree.ts';
import { merkleRoot } from './merkle.ts';
import { findTiles, type LogId } from './store.ts';
import { splitHashes, tilePath, tileWidth } from './tiles.ts';

type Named = Omit<Finding, 'todo'>;

/** How many entries are read at a time: a megabyte of hashes, in whole tiles. */
const batch = 128 * tileWidth;
/** How many batches may be hashed before the first of them is taken. */
const ahead = 16;

/**
 * Makes the tree again from the entries, hashed in the database on two connections, of which the second may come later, and
 * compares the lowest tiles and the root of every checkpoint. Answers with the levels above, as the entries give them.
 */
export async function auditEntries(
  tx: Tx,
  helper: Promise<Tx>,
  log: LogId,
  checkpoints: readonly KeptCheckpoint[],
): Promise<{ findings: Named[]; levels: Buffer[][] }> {
  const size = checkpoints.at(-1)?.size ?? 0;
  const tree = growingTree();
  const findings: Named[] = [];
  const due = [...checkpoints].reverse();
  let held = 0;
  const compareRoots = () => {
    while (due.at(-1)?.size === held) {
      const signed = due.pop();
      if (signed && !tree.root().equals(signed.root)) {
        const row = `the checkpoint at ${signed.size} entries`;
        findings.push({
          table: 'ledger_checkpoints',
          row,
          wrong: 'The entries do not give the root that was signed.',
        });
      }
    }
  };
  const add = (leaves: readonly Buffer[]) => {
    for (const leaf of leaves) {
      tree.push(leaf);
      held += 1;
      compareRoots();
    }
  };
  compareRoots();
  for await (const { from, to, hashes, agrees } of hashedInOrder([Promise.resolve(tx), helper], log, size)) {
    if (agrees) {
      add(splitHashes(hashes));
      continue;
    }
    for (let start = from; start < to; start += tileWidth) {
      const width = Math.min(tileWidth, size - start);
      add(await auditTile(tx, log, start / tileWidth, width, { tree, checkpoints, findings }));
    }
  }
  return { findings, levels: tree.levels };
}

/** The leaves of a log, batch after batch in order: each connection, once it is there, hashes the next that nobody has. */
async function* hashedInOrder(connections: readonly Promise<Tx>[], log: LogId, size: number) {
  const batches = Array.from({ length: Math.ceil(size / batch) }, (_, at) => ({
    from: at * batch,
    to: Math.min((at + 1) * batch, size),
    hashed: Promise.withResolvers<HashedLeaves>(),
    taken: Promise.withResolvers<void>(),
  }));
  let next = 0;
  const hash = async (tx: Tx) => {
    for (let one = batches[next]; one; one = batches[next]) {
      const before = batches[next - ahead];
      next += 1;
      await before?.taken.promise;
      one.hashed.resolve(hashLeaves(tx, log, one.from, one.to));
      await one.hashed.promise;
    }
  };
  for (const { hashed } of batches) hashed.promise.catch(() => {}); // until it is asked for, its failure is nobody's
  const fault = Promise.withResolvers<never>();
  for (const connection of connections) connection.then(hash).catch(fault.reject);
  fault.promise.catch(() => {});
  for (const { from, to, hashed, taken } of batches) {
    const made = await Promise.race([hashed.promise, fault.promise]);
    taken.resolve();
    yield { from, to, ...made };
  }
}

type Within = { tree: GrowingTree; checkpoints: readonly KeptCheckpoint[]; findings: Named[] };

/**
 * Looks at one tile entry by entry, because something under it does not agree. What was signed decides between the entries
 * and the tile: a checkpoint, or the tile above. Says what is wrong, and answers with the leaves that were signed.
 */
async function auditTile(
  tx: Tx,
  log: LogId,
  tile: number,
  width: number,
  { tree, checkpoints, findings }: Within,
): Promise<Buffer[]> {
  const start = tile * tileWidth;
  const entries = new Map(
    (await findKeptEntries(tx, log, tile)).map((entry) => [entry.index - start, entry]),
  );
  const places = Array.from({ length: width }, (_, at) => at);
  const given = places.flatMap((at) => entries.get(at)?.hash ?? []);
  const [kept] = await findTiles(tx, log, [{ level: 0, index: tile }]);
  const tiled = kept?.hashes.length === width * 32 ? splitHashes(kept.hashes) : null;
  const wasSigned = await signedUnder(tx, log, tile, width, { tree, checkpoints });
  const right = wasSigned(given) ? given : tiled && wasSigned(tiled) ? tiled : null;
  const row = tilePath(0, tile, width);
  if (kept && !Buffer.concat(right ?? given).equals(kept.hashes))
    findings.push({ table: 'ledger_tiles', row, wrong: 'The tile is not what the entries give.' });
  for (const at of places) {
    const wrong = faultOf(entries.get(at), (right ?? tiled)?.[at]);
    const act = entries.get(at)?.act;
    const entry = `entry ${start + at}${act === undefined ? '' : ` (act ${act})`}`;
    if (wrong !== null) findings.push({ table: 'ledger_entries', row: entry, wrong });
  }
  return right ?? tiled ?? given;
}

function faultOf(entry: KeptEntry | undefined, leaf: Buffer | undefined): string | null {
  if (!entry) return 'The entry is missing.';
  if (leaf && !entry.hash.equals(leaf)) return 'Its text is not what was signed at this place.';
  if (!entry.leafHash.equals(entry.hash)) return 'Its leaf_hash is not the hash of its text.';
  return entry.namesAct ? null : 'Its act_id is not that of the act that its text records.';
}

// Whether leaves are those that were signed for a tile. A checkpoint within it or at its end decides; before the first of
// those, the tile of the level above.
async function signedUnder(
  tx: Tx,
  log: LogId,
  tile: number,
  width: number,
  { tree, checkpoints }: Omit<Within, 'findings'>,
): Promise<(leaves: readonly Buffer[]) => boolean> {
  const start = tile * tileWidth;
  const end = start + width;
  const last = checkpoints.findLast(({ size }) => size > start && size <= end);
  if (last?.size === end) {
    return (leaves) => {
      const tried = tree.copy();
      for (const leaf of leaves) tried.push(leaf);
      return tried.root().equals(last.root);
    };
  }
  const [above] = await findTiles(tx, log, [{ level: 1, index: Math.floor(tile / tileWidth) }]);
  const hash = above && splitHashes(above.hashes)[tile % tileWidth];
  return (leaves) => leaves.length === width && hash?.equals(merkleRoot(leaves)) === true;
}
