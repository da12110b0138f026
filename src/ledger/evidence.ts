import type { Tx } from '../platform/database.ts';
import { writeDurably } from '../platform/durably.ts';
import { openCheckpoint } from './checkpoint.ts';
import { leadsTo } from './judge.ts';
import { forkPath, readKept, writeKept } from './kept.ts';
import { lockLog } from './store.ts';

/**
 * Takes note of a checkpoint of an organisation's log that somebody else has. Only one that the log's own key signed
 * counts. Where the database does not lead on from it, it is kept in `checkpoints/`, and the log stops: as behind, or
 * as forked. Gives whether it does.
 */
export async function takeEvidence(
  tx: Tx,
  folder: string,
  organisationId: string,
  note: Buffer,
): Promise<boolean> {
  const log = await lockLog(tx, organisationId);
  const opened = openCheckpoint(note, log.vkey);
  if (!opened.ok) return false;
  const seen = opened.checkpoint;
  if (log.last && seen.size <= log.last.size) {
    if (await leadsTo(tx, log, seen, log.last)) return false;
    await writeDurably(forkPath(folder, log.origin), note);
    return true;
  }
  const kept = await readKept(folder, log);
  if (kept.state !== 'kept' || kept.checkpoint.size < seen.size) await writeKept(folder, log.origin, note);
  return true;
}
