import { type Refusal, refuse } from '../platform/refusal.ts';
import { withCosignatures } from './checkpoint.ts';
import { type LedgerOf, tryToKeep } from './keep.ts';
import { findEntries, findLogs } from './store.ts';
import { refuseStopped } from './trouble.ts';
import { findCosignatures } from './witness-store.ts';
import { writeLog } from './write-log.ts';

/**
 * Writes an organisation's log to a new folder, as of its last checkpoint, for anyone to verify: the one in use, or
 * one by its number. Refused while the log in use is stopped: what leaves must be what was signed. A log that was
 * followed by another, or is named by its number, leaves as the database has it.
 */
export async function exportLog(
  { database, folders }: Pick<LedgerOf, 'database' | 'folders'>,
  organisationId: string,
  folder: string,
  number?: number,
): Promise<{ ok: true; size: number; origin: string } | Refusal> {
  const trouble = number === undefined ? await tryToKeep({ database, folders }, organisationId) : null;
  if (trouble) return refuseStopped(trouble);
  return database.read({ organisationId, personId: null }, async (db) => {
    const logs = await findLogs(db, organisationId);
    const log = number === undefined ? logs[0] : logs.find((one) => one.log === number);
    if (!log) {
      const numbers = logs.map((one) => one.log).join(', ');
      return refuse('not-found', 'ledger.no-log', `There is no such log. There are: ${numbers}.`);
    }
    if (!log.last) {
      return refuse(
        'conflict',
        'ledger.not-signed-yet',
        'The log has not been signed yet. Try again in a second.',
      );
    }
    const cosigned = await findCosignatures(db, log, log.last.size);
    const written = await writeLog(folder, {
      vkey: log.vkey,
      checkpoint: withCosignatures(
        log.last.note,
        cosigned.map((one) => one.cosignature),
      ),
      witnesses: cosigned.map((one) => one.vkey),
      entries: (from, to) => findEntries(db, log, from, to),
    });
    if (!written) {
      return refuse(
        'conflict',
        'ledger.folder-taken',
        `${folder} exists already. Give the name of a new folder.`,
      );
    }
    return { ok: true, size: log.last.size, origin: log.origin };
  });
}
