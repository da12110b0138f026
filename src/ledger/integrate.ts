import { createPrivateKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { step } from '../steps.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { sealingContext } from './create-log.ts';
import { emptyRoot } from './merkle.ts';
import { findTiles, lockLog, logsToIntegrate, movePending, saveCheckpoint, saveTiles } from './store.ts';
import { type Edge, edgeRoot, growTiles, levelCount, levelShape, splitHashes } from './tiles.ts';

const batchLimit = 8192;
const pause = 200; // ms between looks
const pauseAfterFault = 2000;

/**
 * Integrates all that is pending now, and returns when it is in the logs: also what another integrator has in
 * hand. One log's fault does not keep the others waiting; it is thrown at the end. When `stopping` is aborted it
 * returns after the batch in hand.
 */
export async function integratePending(
  database: Database,
  sealer: Sealer,
  stopping?: AbortSignal,
): Promise<void> {
  const faults: unknown[] = [];
  for (const organisationId of await database.work(logsToIntegrate)) {
    try {
      let moved = batchLimit;
      while (moved === batchLimit && !stopping?.aborted)
        moved = await database.work((tx) => integrateBatch(tx, organisationId, sealer));
      step('ledger.integrated');
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) {
    throw new AggregateError(
      faults,
      `Ledger entries could not be integrated: ${faults.map(String).join('; ')}`,
    );
  }
}

/**
 * Integrates several times a second until stopped. A fault (the database is restarting, say) is reported, and
 * tried again a little later. `stop` waits for the batch in hand.
 */
export function startIntegrator(
  database: Database,
  sealer: Sealer,
  report: (fault: unknown) => void,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const wait = await integratePending(database, sealer, stopping.signal).then(
        () => pause,
        (fault) => {
          report(fault);
          return pauseAfterFault;
        },
      );
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

// Entries, tiles and the signed checkpoint in one transaction, so a log is never seen half grown.
async function integrateBatch(tx: Tx, organisationId: string, sealer: Sealer): Promise<number> {
  const log = await lockLog(tx, organisationId);
  const { size, root } = log.last ?? { size: 0, root: emptyRoot };
  const edge = await readEdge(tx, organisationId, size);
  // A log must never sign two histories: the new tree grows from the very tree that was signed last.
  if (!edgeRoot(edge).equals(root)) {
    throw new Error(`The tiles of ${log.origin} do not give the root that it signed at ${size} entries`);
  }
  const leaves = await movePending(tx, organisationId, size, batchLimit);
  if (leaves.length === 0 && log.last) return 0;
  const grown = growTiles(size, edge, leaves);
  const checkpoint = { origin: log.origin, size: size + leaves.length, root: edgeRoot(grown.edge) };
  const key = createPrivateKey({
    key: sealer.open(log.sealedKey, sealingContext(organisationId)),
    format: 'der',
    type: 'pkcs8',
  });
  const note = signCheckpoint(checkpoint, key);
  if (!openCheckpoint(note, log.vkey).ok) throw new Error(`The sealed key of ${log.origin} is not the log's`);
  await saveTiles(tx, organisationId, grown.tiles);
  await saveCheckpoint(tx, organisationId, checkpoint, note);
  step('ledger.signed');
  return leaves.length;
}

async function readEdge(tx: Tx, organisationId: string, size: number): Promise<Edge> {
  const levels = Array.from({ length: levelCount(size) }, (_, level) => ({
    level,
    ...levelShape(size, level),
  }));
  const open = levels.filter(({ partial }) => partial > 0).map(({ level, full }) => ({ level, index: full }));
  const tiles = await findTiles(tx, organisationId, open);
  return levels.map(({ level }) => {
    const tile = tiles.find((each) => each.level === level);
    return tile ? splitHashes(tile.hashes) : [];
  });
}
