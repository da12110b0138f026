import type { Db } from '../platform/database.ts';
import { keepLog, type LedgerOf } from './keep.ts';
import { readKept } from './kept.ts';
import { inclusionProof } from './merkle.ts';
import { formatReceipt } from './proof.ts';
import { findEntry, findLog, findTiles, type Log } from './store.ts';
import { subtreesInTiles, tilesForProof } from './tiles.ts';

/**
 * The receipt of an act (the bytes of a `.tlog-proof` file) from an organisation's own log, against its last
 * checkpoint. Null while the act is pending, and where the organisation has no part in it. It leaves only once its
 * checkpoint is kept outside the database; throws `LogStopped` where that cannot be.
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
  const kept = await readKept(folders.checkpoints, made.log);
  if (kept.state !== 'kept' || !kept.note.equals(made.log.last.note)) {
    await database.work((tx) => keepLog(tx, folders.checkpoints, organisationId));
  }
  return made.receipt;
}

type Signed = Log & { last: NonNullable<Log['last']> };

async function makeReceipt(
  db: Db,
  organisationId: string,
  actId: string,
): Promise<{ receipt: Buffer; log: Signed } | null> {
  const found = await findEntry(db, organisationId, actId);
  const log = found && (await findLog(db, organisationId));
  if (!found || !log?.last) return null;
  const { last } = log;
  // Tiles may have grown since that checkpoint; the whole subtrees of its size have not changed.
  const tiles = await findTiles(db, organisationId, tilesForProof(found.index, last.size));
  const receipt = formatReceipt({
    entry: found.entry,
    index: found.index,
    proof: inclusionProof(found.index, last.size, subtreesInTiles(tiles)),
    checkpoint: last.note,
  });
  return { receipt, log: { ...log, last } };
}
