import type { Db } from '../platform/database.ts';
import { inclusionProof } from './merkle.ts';
import { formatReceipt } from './proof.ts';
import { findCheckpoint, findEntry, findTiles } from './store.ts';
import { subtreesInTiles, tilesForProof } from './tiles.ts';

/**
 * The receipt of an act (the bytes of a `.tlog-proof` file) from an organisation's own log, against its last
 * checkpoint. Null while the act is pending, and where the organisation has no part in it.
 */
export async function receiptFor(db: Db, organisationId: string, actId: string): Promise<Buffer | null> {
  const found = await findEntry(db, organisationId, actId);
  const checkpoint = found && (await findCheckpoint(db, organisationId));
  if (!found || !checkpoint) return null;
  // Tiles may have grown since that checkpoint; the whole subtrees of its size have not changed.
  const tiles = await findTiles(db, organisationId, tilesForProof(found.index, checkpoint.size));
  return formatReceipt({
    entry: found.entry,
    index: found.index,
    proof: inclusionProof(found.index, checkpoint.size, subtreesInTiles(tiles)),
    checkpoint: checkpoint.note,
  });
}
