import type { Tx } from '../platform/database.ts';
import type { Folders, Instance } from '../platform/instance.ts';
import { step } from '../steps.ts';
import { judgeLog } from './judge.ts';
import { keptPath, readKept, writeKept } from './kept.ts';
import { proveWhole } from './prove-whole.ts';
import { findLog, type Log, lockLog } from './store.ts';
import type { Edge } from './tiles.ts';
import { LogStopped, type LogTrouble } from './trouble.ts';

/** What of an instance the ledger stands on. */
export type LedgerOf = Pick<Instance, 'database' | 'sealer'> & { folders: Pick<Folders, 'checkpoints'> };

/**
 * Makes sure, with the log locked, that its last checkpoint is kept in `checkpoints/` and that the database has the
 * history which was signed: before a receipt leaves, and before more is signed. The file is written after the commit
 * it follows, and only ever from the database, so a crash at any moment leaves it behind or equal, never ahead.
 * Throws `LogStopped`.
 */
export async function keepLog(
  tx: Tx,
  folder: string,
  organisationId: string,
): Promise<{ log: Log; edge: Edge }> {
  const log = await lockLog(tx, organisationId);
  const kept = await readKept(folder, log);
  const standing = await judgeLog(tx, log, kept, folder);
  if (standing.state === 'stopped') throw new LogStopped(standing.trouble);
  if (standing.state === 'unproved') {
    const fault = await proveWhole(tx, log, standing.last);
    if (fault !== null) {
      throw new LogStopped({ kind: 'not-whole', origin: log.origin, held: standing.last, fault });
    }
  }
  if (log.last && !(standing.state === 'good' && standing.kept)) {
    await writeKept(folder, log.origin, log.last.note).catch((cause: NodeJS.ErrnoException) => {
      const path = keptPath(folder, log.origin);
      const fault = cause.code ?? 'a fault';
      throw new LogStopped({ kind: 'unwritable', origin: log.origin, path, fault }, cause);
    });
    step('checkpoint.kept');
  }
  return { log, edge: standing.edge };
}

/**
 * Why an organisation's log is not signed, or null where all is well. Cheap enough to ask before every act: only
 * where the file is behind or gone is it written, after a proof of the whole log where it is gone.
 */
export async function findTrouble(
  { database, folders }: Pick<LedgerOf, 'database' | 'folders'>,
  organisationId: string,
): Promise<LogTrouble | null> {
  const actor = { organisationId, personId: null };
  const named = await database.read(actor, (db) => findLog(db, organisationId));
  if (!named) return null;
  const kept = await readKept(folders.checkpoints, named);
  const standing = await database.read(actor, async (db) => {
    const log = await findLog(db, organisationId);
    return log && judgeLog(db, log, kept, folders.checkpoints);
  });
  if (!standing || (standing.state === 'good' && standing.kept)) return null;
  if (standing.state === 'stopped') return standing.trouble;
  return tryToKeep({ database, folders }, organisationId);
}

/** Makes sure of a log, and gives why it is stopped where it is. */
export async function tryToKeep(
  { database, folders }: Pick<LedgerOf, 'database' | 'folders'>,
  organisationId: string,
): Promise<LogTrouble | null> {
  try {
    await database.work((tx) => keepLog(tx, folders.checkpoints, organisationId));
    return null;
  } catch (fault) {
    if (fault instanceof LogStopped) return fault.trouble;
    throw fault;
  }
}
