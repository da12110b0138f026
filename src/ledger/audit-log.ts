import { createPrivateKey } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { auditEntries } from './audit-entries.ts';
import {
  findCheckpoints,
  findEveryLog,
  findOddEntries,
  findOddHalves,
  findStrayLogs,
  findTilePlaces,
  findWaiting,
  type KeptCheckpoint,
  takeRoom,
} from './audit-store.ts';
import { openCheckpoint } from './checkpoint.ts';
import { parseEntry } from './entry.ts';
import { type Finding, todo } from './finding.ts';
import { sealingContext } from './log-key.ts';
import { makeVkey } from './note.ts';
import type { LogId } from './store.ts';
import { levelCount, levelShape, tilePath, tileWidth } from './tiles.ts';

/** What the audit of one log looked at and found. */
export type AuditedLog = LogId & {
  /** Whether it is the one that its organisation adds to. */
  inUse: boolean;
  origin: string;
  size: number;
  checkpoints: number;
  findings: Finding[];
};

/** The logs there are, and those of which only something is left. For the worker. */
export async function listLogs(
  tx: Tx,
): Promise<{ logs: (LogId & { origin: string })[]; findings: Finding[] }> {
  const stray = await findStrayLogs(tx);
  return {
    logs: await findEveryLog(tx),
    findings: stray.map(({ table, organisationId, log }) => ({
      table: 'ledger_logs',
      row: `log ${organisationId}/${log}`,
      wrong: `It is not there, though there is something of it in ${table}.`,
      todo: todo.log,
    })),
  };
}

/**
 * Makes a log again from its entries and compares everything that is kept of it: each entry with its hash, its act and its
 * place; every tile of every level; every checkpoint, its signature and its root; what waits; and the other half of each
 * act that a party here also has. Every finding names its row. For the worker, on two connections that look at one moment
 * of the database: the comparisons of the whole log go on beside the making of its tree.
 */
export async function auditLog(tx: Tx, beside: Tx, id: LogId, sealer: Sealer): Promise<AuditedLog> {
  const { organisationId } = id;
  const log = (await findEveryLog(tx)).find(
    (one) => one.organisationId === organisationId && one.log === id.log,
  );
  if (!log) throw new Error(`Organisation ${organisationId} has no log ${id.log}`);
  const checkpoints = await findCheckpoints(tx, log);
  const size = checkpoints.at(-1)?.size ?? 0;
  const named = (findings: Omit<Finding, 'todo'>[]): Finding[] =>
    findings.map((finding) => ({ ...finding, row: `${finding.row} of ${log.origin}`, todo: todo.log }));
  const whole = auditWhole(beside, log, size);
  const helper = whole.then(() => beside);
  const [entries, odd] = await Promise.all([auditEntries(tx, helper, log, checkpoints), whole]);
  return {
    organisationId,
    log: log.log,
    inUse: log.inUse,
    origin: log.origin,
    size,
    checkpoints: checkpoints.length,
    findings: named([
      ...auditKey(log, sealer),
      ...checkpoints.flatMap((one, at) => auditCheckpoint(one, log.vkey, checkpoints[at - 1] ?? null)),
      ...entries.findings,
      ...(await auditTiles(tx, log, size, entries.levels)),
      ...odd,
    ]),
  };
}

type Named = Omit<Finding, 'todo'>;

function auditKey(log: LogId & { origin: string; vkey: string; sealedKey: Buffer }, sealer: Sealer): Named[] {
  try {
    const key = sealer.open(log.sealedKey, sealingContext(log));
    if (makeVkey(log.origin, createPrivateKey({ key, format: 'der', type: 'pkcs8' })) === log.vkey) return [];
  } catch {
    // Another master key, or other bytes: either way it is not the key of this log.
  }
  const wrong = 'The key that is kept sealed is not the one that vkey names, or cannot be opened.';
  return [{ table: 'ledger_logs', row: 'the key', wrong }];
}

function auditCheckpoint(kept: KeptCheckpoint, vkey: string, before: KeptCheckpoint | null): Named[] {
  const opened = openCheckpoint(Buffer.from(kept.note), vkey);
  const about = (wrong: string) => ({
    table: 'ledger_checkpoints',
    row: `the checkpoint at ${kept.size} entries`,
    wrong,
  });
  const findings: Named[] = [];
  if (!opened.ok) findings.push(about(`${opened.reason}.`));
  else if (opened.checkpoint.size !== kept.size || !opened.checkpoint.root.equals(kept.root))
    findings.push(about('What was signed has another size or root than the row.'));
  // Logs from before checkpoints named the one before them have a row without it, and only at their beginning.
  const chained = kept.previous === (before?.size ?? null) || (kept.previous === null && !before?.previous);
  if (!chained) {
    const was = kept.previous === null ? 'none' : `one at ${kept.previous}`;
    const is = before ? `at ${before.size}` : 'missing';
    findings.push(about(`It was signed after ${was}; the one before it is ${is}.`));
  }
  return findings;
}

// The lowest level was compared with the entries; here are those above it, and what is missing or should not be there.
async function auditTiles(tx: Tx, log: LogId, size: number, levels: Buffer[][]): Promise<Named[]> {
  const findings: Named[] = [];
  const held = new Map((await findTilePlaces(tx, log)).map((tile) => [`${tile.level}/${tile.index}`, tile]));
  for (let level = 0; level < levelCount(size); level += 1) {
    const { full, partial } = levelShape(size, level);
    for (let index = 0; index < full + Math.sign(partial); index += 1) {
      const width = index < full ? tileWidth : partial;
      const row = tilePath(level, index, width);
      const tile = held.get(`${level}/${index}`);
      held.delete(`${level}/${index}`);
      if (!tile) findings.push({ table: 'ledger_tiles', row, wrong: 'The tile is missing.' });
      else if (level > 0) {
        const hashes = levels[level - 1]?.slice(index * tileWidth, index * tileWidth + width) ?? [];
        if (!tile.hashes?.equals(Buffer.concat(hashes)))
          findings.push({ table: 'ledger_tiles', row, wrong: 'The tile is not what the entries give.' });
      }
    }
  }
  for (const { level, index } of held.values()) {
    const wrong = 'The tile does not belong: the log is not that long.';
    findings.push({ table: 'ledger_tiles', row: tilePath(level, index, tileWidth), wrong });
  }
  return findings;
}

async function auditWhole(tx: Tx, log: LogId & { inUse: boolean }, size: number): Promise<Named[]> {
  await takeRoom(tx);
  return [
    ...(await auditEnds(tx, log, size)),
    ...(log.inUse ? await auditWaiting(tx, log.organisationId) : []),
    ...(await auditHalves(tx, log)),
  ];
}

async function auditEnds(tx: Tx, log: LogId, size: number): Promise<Named[]> {
  const { beyond, twice } = await findOddEntries(tx, log, size);
  return [
    ...beyond.map(({ index, act }) => ({
      table: 'ledger_entries',
      row: `entry ${index} (act ${act})`,
      wrong: `No checkpoint covers it: the last one that was signed is at ${size} entries.`,
    })),
    ...twice.map((act) => ({
      table: 'ledger_entries',
      row: `act ${act}`,
      wrong: 'The act is in the log more than once.',
    })),
  ];
}

async function auditWaiting(tx: Tx, organisationId: string): Promise<Named[]> {
  const waiting = await findWaiting(tx, organisationId);
  return waiting.flatMap(({ place, act, text, inLog }) => {
    const entry = parseEntry(Buffer.from(text));
    const about = (wrong: string) => ({
      table: 'ledger_pending',
      row: `place ${place} (act ${act})`,
      wrong,
    });
    if (!entry) return [about('What waits is not an entry.')];
    if (entry.id !== act) return [about('What waits is the entry of another act.')];
    if (!entry.parties.includes(organisationId)) return [about('What waits is an act of other parties.')];
    return inLog ? [about('The act waits to be in the log, and is in it already.')] : [];
  });
}

async function auditHalves(tx: Tx, log: LogId): Promise<Named[]> {
  return (await findOddHalves(tx, log)).map(({ index, act, origin, differs }) => ({
    table: index === null ? 'ledger_pending' : 'ledger_entries',
    row: index === null ? `act ${act}` : `entry ${index} (act ${act})`,
    wrong: differs ? `${origin} has another entry for this act.` : `${origin} does not have the other half.`,
  }));
}
