import { type Refusal, refuse } from '../platform/refusal.ts';
import { type LedgerOf, tryToKeep } from './keep.ts';
import { findCheckpoint, findEntries } from './store.ts';
import { refuseStopped } from './trouble.ts';
import { writeLog } from './write-log.ts';

/**
 * Writes an organisation's log to a new folder, as of its last checkpoint, for anyone to verify. Refused while the log
 * is stopped: what leaves must be what was signed.
 */
export async function exportLog(
  { database, folders }: Pick<LedgerOf, 'database' | 'folders'>,
  organisationId: string,
  folder: string,
): Promise<{ ok: true; size: number } | Refusal> {
  const trouble = await tryToKeep({ database, folders }, organisationId);
  if (trouble) return refuseStopped(trouble);
  return database.read({ organisationId, personId: null }, async (db) => {
    const last = await findCheckpoint(db, organisationId);
    if (!last) {
      return refuse(
        'conflict',
        'ledger.not-signed-yet',
        'The log has not been signed yet. Try again in a second.',
      );
    }
    const written = await writeLog(folder, {
      vkey: last.vkey,
      checkpoint: last.note,
      entries: (from, to) => findEntries(db, organisationId, from, to),
    });
    if (!written) {
      return refuse(
        'conflict',
        'ledger.folder-taken',
        `${folder} exists already. Give the name of a new folder.`,
      );
    }
    return { ok: true, size: last.size };
  });
}
