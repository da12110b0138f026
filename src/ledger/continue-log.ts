import type { Db, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { signCheckpoint } from './checkpoint.ts';
import { formatEntry, parseEntry } from './entry.ts';
import { findTrouble, type LedgerOf, tryToKeep } from './keep.ts';
import { originOf, readKept } from './kept.ts';
import { makeLogKey, openLogKey } from './log-key.ts';
import { emptyRoot, leafHash } from './merkle.ts';
import { sealedLogs } from './sealed-logs.ts';
import { sealRows } from './sealed-rows.ts';
import {
  addEntry,
  findEntries,
  findLog,
  insertLog,
  type Log,
  lockLog,
  saveCheckpoint,
  saveTiles,
} from './store.ts';
import { edgeRoot, growTiles } from './tiles.ts';
import { type LogTrouble, refuseStopped, type State } from './trouble.ts';

/** What is given up when a stopped log is followed by a new one. `heldUntil` is when the last act that is left was done. */
export type Loss = { trouble: LogTrouble; held: State; signed: State; heldUntil: Instant | null };

/** What giving up a stopped log would lose. Refused where it is not stopped, or can be put right without. */
export async function lossOf(
  instance: LedgerOf,
  organisationId: string,
): Promise<{ ok: true; loss: Loss } | Refusal> {
  const trouble = await findTrouble(instance, organisationId);
  if (!trouble) {
    const says = 'This ledger is not stopped: it is signed as it should be, so there is nothing to give up.';
    return refuse('conflict', 'ledger.not-stopped', says);
  }
  const states = statesOf(trouble);
  if (!states) return refuseStopped(trouble);
  const actor = { organisationId, personId: null };
  const heldUntil = await instance.database.read(actor, (db) => lastInstant(db, organisationId, states.held));
  return { ok: true, loss: { trouble, ...states, heldUntil } };
}

/**
 * Starts a new log after one that is stopped for good: a key and a name of its own, and a first entry that names the
 * old log, the state the database holds of it and the one it is proved to have signed. The old one stays as it is, to
 * be read, exported and verified, and is never signed again. What waits goes into the new one.
 */
export async function continueLog(
  instance: LedgerOf,
  organisationId: string,
  reason: string,
  at: Instant,
): Promise<{ ok: true; origin: string; vkey: string } | Refusal> {
  const asked = await lossOf(instance, organisationId);
  if (!asked.ok) return asked;
  const { held, signed } = asked.loss;
  const made = await instance.database.work(async (tx) => {
    const old = await lockLog(tx, organisationId);
    if (old.origin !== asked.loss.trouble.origin) return null; // somebody else has just done it
    return startNext(tx, instance, old, { held, signed, reason, at });
  });
  if (!made) return refuse('conflict', 'ledger.continued', 'It was continued by somebody else meanwhile.');
  const trouble = await tryToKeep(instance, organisationId);
  return trouble ? refuseStopped(trouble) : { ok: true, ...made };
}

async function startNext(
  tx: Tx,
  { sealer, folders }: LedgerOf,
  old: Log,
  about: { held: State; signed: State; reason: string; at: Instant },
): Promise<{ origin: string; vkey: string }> {
  const { organisationId } = old;
  const log = await freeNumber(folders.checkpoints, old);
  const origin = originOf(old, log);
  const next = {
    organisationId,
    log,
    origin,
    ...makeLogKey(sealer, { organisationId, log }, origin),
    last: null,
  };
  await insertLog(tx, next);
  const id = newId();
  const row = { of: sealedLogs, key: [organisationId, String(log)] };
  const { shared } = await sealRows(tx, [row], [organisationId]);
  const entry = formatEntry({
    act: 'ledger.continued',
    at: about.at,
    by: organisationId,
    detail: {
      after: old.origin,
      heldRoot: about.held.root.toString('base64'),
      heldSize: about.held.size,
      reason: about.reason,
      seals: shared,
      signedRoot: about.signed.root.toString('base64'),
      signedSize: about.signed.size,
    },
    id,
    parties: [organisationId],
    person: null,
    subject: { id: organisationId, type: 'organisation' },
    v: 1,
  });
  const leaf = leafHash(entry);
  const { tiles, edge } = growTiles(0, [], [leaf]);
  const checkpoint = { origin, size: 1, root: edgeRoot(edge) };
  await addEntry(tx, next, { index: 0, actId: id, entry, leaf });
  await saveTiles(tx, next, tiles);
  await saveCheckpoint(tx, next, checkpoint, signCheckpoint(checkpoint, await openLogKey(tx, sealer, next)));
  return { origin, vkey: next.vkey };
}

// A number that was ever signed under is not used again, though an old database may have forgotten it.
async function freeNumber(folder: string, old: Log): Promise<number> {
  let log = old.log + 1;
  while ((await readKept(folder, { origin: originOf(old, log), vkey: '', log })).state !== 'none') log += 1;
  return log;
}

function statesOf(trouble: LogTrouble): { held: State; signed: State } | null {
  switch (trouble.kind) {
    case 'behind':
    case 'forked':
      return { held: trouble.held ?? { size: 0, root: emptyRoot }, signed: trouble.signed };
    case 'not-whole':
    case 'continued':
      return { held: trouble.held, signed: trouble.held };
    case 'unreadable':
    case 'unwritable':
      return null;
  }
}

async function lastInstant(db: Db, organisationId: string, { size }: State): Promise<Instant | null> {
  const log = await findLog(db, organisationId);
  const [last] = log && size > 0 ? await findEntries(db, log, size - 1, size) : [];
  return (last && parseEntry(last)?.at) ?? null;
}
