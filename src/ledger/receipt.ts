import type { Db } from '../platform/database.ts';
import { withCosignatures } from './checkpoint.ts';
import { keepLog, type LedgerOf } from './keep.ts';
import { readKept } from './kept.ts';
import { inclusionProof } from './merkle.ts';
import { formatReceipt, verifyReceipt } from './proof.ts';
import { findEntry, findLogs, findTiles, type Log } from './store.ts';
import { subtreesInTiles, tilesForProof } from './tiles.ts';
import { findCosignatures } from './witness-store.ts';

/**
 * The receipt of an act (the bytes of a `.tlog-proof` file) from an organisation's own log, against its last
 * checkpoint. Null while the act is pending, and where the organisation has no part in it. It leaves only once its
 * checkpoint is kept outside the database; throws `LogStopped` where that cannot be. A log that was followed by
 * another gives receipts against the last state that it signed and the database holds.
 */
export async function receiptFor(
  { database, folders }: LedgerOf,
  organisationId: string,
  actId: string,
): Promise<Buffer | null> {
  const made = await database.read({ organisationId, personId: null }, (db) =>
    makeReceipt(db, organisationId, actId),
  );
  if (!made) return null;
  if (made.inUse) {
    const kept = await readKept(folders.checkpoints, made.log);
    if (kept.state !== 'kept' || !kept.note.equals(made.log.last.note)) {
      await database.work((tx) => keepLog(tx, folders.checkpoints, organisationId));
    }
  }
  // What does not verify is not handed out, however the database came to give it.
  if (verifyReceipt(made.receipt, made.log).entry?.id !== actId) {
    throw new Error(`The receipt that ${made.log.origin} gives does not verify`);
  }
  return made.receipt;
}

type Made = { receipt: Buffer; log: Log & { last: NonNullable<Log['last']> }; inUse: boolean };

async function makeReceipt(db: Db, organisationId: string, actId: string): Promise<Made | null> {
  const found = await findEntry(db, organisationId, actId);
  if (!found) return null;
  const logs = await findLogs(db, organisationId);
  const log = logs.find((one) => one.log === found.log);
  if (!log?.last) return null;
  const { last } = log;
  // Tiles may have grown since that checkpoint; the whole subtrees of its size have not changed.
  const tiles = await findTiles(db, log, tilesForProof(found.index, last.size));
  const cosigned = await findCosignatures(db, log, last.size);
  const receipt = formatReceipt({
    entry: found.entry,
    index: found.index,
    proof: inclusionProof(found.index, last.size, subtreesInTiles(tiles)),
    checkpoint: withCosignatures(
      last.note,
      cosigned.map((one) => one.cosignature),
    ),
  });
  return { receipt, log: { ...log, last }, inUse: log === logs[0] };
}
