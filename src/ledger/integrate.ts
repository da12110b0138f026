import type { Tx } from '../platform/database.ts';
import { type Repeated, repeat } from '../platform/repeat.ts';
import { step } from '../steps.ts';
import { signCheckpoint } from './checkpoint.ts';
import { keepLog, type LedgerOf } from './keep.ts';
import { openLogKey } from './log-key.ts';
import { findLogHolders, logsToIntegrate, movePending, saveCheckpoint, saveTiles } from './store.ts';
import { edgeRoot, growTiles } from './tiles.ts';

const batchLimit = 8192;
const pause = 200; // ms between looks
const pauseAfterFault = 2000;

/** A log that could not be integrated, and why: a `LogStopped`, or another fault. */
export type Waiting = { organisationId: string; fault: unknown };

/**
 * Integrates all that is pending now, and returns when it is in the logs: also what another integrator has in
 * hand. Gives the logs that it could not integrate: none of them keeps the others waiting. When `stopping` is aborted
 * it returns after the batch in hand.
 */
export async function integratePending(instance: LedgerOf, stopping?: AbortSignal): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const organisationId of await instance.database.work(logsToIntegrate)) {
    try {
      await integrateLog(instance, organisationId, stopping);
      step('ledger.integrated');
    } catch (fault) {
      waiting.push({ organisationId, fault });
    }
  }
  return waiting;
}

/** The same for whoever needs its own log to be up to date: throws where that one could not be integrated. */
export async function integrateOwn(instance: LedgerOf, organisationId: string): Promise<void> {
  const own = (await integratePending(instance)).find((one) => one.organisationId === organisationId);
  if (own) throw own.fault;
}

/**
 * Integrates several times a second until stopped, after making sure of every log once. A fault (the database is
 * restarting, say) is reported once, and tried again a little later. `stop` waits for the batch in hand.
 */
export function startIntegrator(instance: LedgerOf, report: (fault: unknown) => void): Repeated {
  let sure = false;
  const work = async (stopping: AbortSignal) => {
    const unkept = sure ? [] : await keepLogs(instance);
    sure = true;
    return [...unkept, ...(await integratePending(instance, stopping))].map(({ fault }) => fault);
  };
  return repeat({ pause, afterFault: pauseAfterFault }, work, report);
}

/** Makes sure of every log: that its last checkpoint is kept, and that it has the history it signed. */
async function keepLogs({ database, folders }: LedgerOf): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const organisationId of await database.work(findLogHolders)) {
    await database
      .work((tx) => keepLog(tx, folders.checkpoints, organisationId))
      .catch((fault) => waiting.push({ organisationId, fault }));
  }
  return waiting;
}

async function integrateLog(instance: LedgerOf, organisationId: string, stopping?: AbortSignal) {
  const { database, folders } = instance;
  let moved = batchLimit;
  while (moved === batchLimit && !stopping?.aborted)
    moved = await database.work((tx) => integrateBatch(tx, organisationId, instance));
  await database.work((tx) => keepLog(tx, folders.checkpoints, organisationId));
}

// Entries, tiles and the signed checkpoint in one transaction, so a log is never seen half grown.
async function integrateBatch(
  tx: Tx,
  organisationId: string,
  { sealer, folders }: LedgerOf,
): Promise<number> {
  const { log, edge } = await keepLog(tx, folders.checkpoints, organisationId);
  const size = log.last?.size ?? 0;
  const leaves = await movePending(tx, log, size, batchLimit);
  if (leaves.length === 0 && log.last) return 0;
  const grown = growTiles(size, edge, leaves);
  const checkpoint = { origin: log.origin, size: size + leaves.length, root: edgeRoot(grown.edge) };
  const note = signCheckpoint(checkpoint, await openLogKey(tx, sealer, log));
  await saveTiles(tx, log, grown.tiles);
  await saveCheckpoint(tx, log, checkpoint, note);
  step('ledger.signed');
  return leaves.length;
}
