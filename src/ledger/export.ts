import type { Db } from '../platform/database.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { findCheckpoint, findEntries } from './store.ts';
import { writeLog } from './write-log.ts';

/** Writes an organisation's log to a new folder, as of its last checkpoint, for anyone to verify. */
export async function exportLog(
  db: Db,
  organisationId: string,
  folder: string,
): Promise<{ ok: true; size: number } | Refusal> {
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
}
