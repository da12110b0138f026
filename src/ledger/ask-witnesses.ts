import { hash } from 'node:crypto';
import { openCheckpoint } from './checkpoint.ts';
import { type Cosignature, readCosignature, verifyCosignature } from './cosignature.ts';
import { takeEvidence } from './evidence.ts';
import type { Waiting } from './integrate.ts';
import { keepLog, type LedgerOf } from './keep.ts';
import { consistencyProof } from './merkle.ts';
import { parseVkey, readLines } from './note.ts';
import { findLogHolders, findTiles, type Log } from './store.ts';
import { subtreesInTiles, tilesForProof } from './tiles.ts';
import { findAnswer, saveAnswer, saveCosignature } from './witness-store.ts';

/** A witness outside: where it takes submissions, and its verifier key. */
export type OutsideWitness = { url: string; vkey: string };

const patience = 5000; // ms for a witness to answer
const clockSkew = 10 * 60; // seconds that its clock may differ from ours
const longestAnswer = 64 * 1024;

/**
 * Asks each outside witness (c2sp.org/tlog-witness) to cosign the last checkpoint of each log here that it has not
 * cosigned yet. One that does not answer is noted and holds nothing up. One that has seen a history which the database
 * does not lead on from, and shows the log's own signature for it, stops the log.
 */
export async function askWitnesses(
  instance: LedgerOf,
  witnesses: readonly OutsideWitness[],
): Promise<Waiting[]> {
  const holders = witnesses.length > 0 ? await instance.database.work(findLogHolders) : [];
  const asked = witnesses.map(async (witness) => {
    const waiting: Waiting[] = [];
    for (const organisationId of holders) {
      try {
        if ((await askOne(instance, witness, organisationId)) === 'down') break; // the others would wait as long
      } catch (fault) {
        waiting.push({ organisationId, fault });
      }
    }
    return waiting;
  });
  return (await Promise.all(asked)).flat();
}

async function askOne(instance: LedgerOf, witness: OutsideWitness, organisationId: string): Promise<string> {
  const { database, folders } = instance;
  const found = await database.work(async (tx) => {
    const { log } = await keepLog(tx, folders.checkpoints, organisationId);
    return { log, before: await findAnswer(tx, log, witness.vkey) };
  });
  const { log, before } = found;
  if (!log.last || (before?.answer === 'cosigned' && before.size === log.last.size)) return 'cosigned';
  let answer = await submit(instance, witness, log, Math.min(before?.size ?? 0, log.last.size));
  if (answer.kind === 'has' && answer.size < log.last.size) {
    answer = await submit(instance, witness, log, answer.size);
  }
  if (answer.kind === 'cosigned') {
    const { cosignature } = answer;
    const { size } = log.last;
    await database.work(async (tx) => {
      await saveCosignature(tx, log, size, witness.vkey, cosignature);
      await saveAnswer(tx, log, witness.vkey, 'cosigned', size);
    });
    return 'cosigned';
  }
  if (answer.kind === 'has' || answer.kind === 'disagrees') {
    const shown = await send(new URL(`${hash('sha256', log.origin, 'hex')}/checkpoint`, witness.url));
    const stopped =
      shown?.status === 200 &&
      (await database.work((tx) =>
        takeEvidence(tx, folders.checkpoints, organisationId, logsOwn(shown.body)),
      ));
    if (answer.kind === 'has' && !stopped) return 'has'; // another server was faster: it is asked again
  }
  const outcome = answer.kind === 'has' ? 'disagrees' : answer.kind;
  await database.work((tx) => saveAnswer(tx, log, witness.vkey, outcome, null));
  return outcome;
}

type Answer =
  | { kind: 'cosigned'; cosignature: Cosignature }
  | { kind: 'has'; size: number }
  | { kind: 'down' | 'refused' | 'disagrees' };

async function submit(instance: LedgerOf, witness: OutsideWitness, log: Log, old: number): Promise<Answer> {
  const { last } = log;
  if (!last) return { kind: 'refused' };
  const tiles = await instance.database.work((tx) =>
    findTiles(tx, log, old > 0 ? tilesForProof(old - 1, last.size) : []),
  );
  const proof = old > 0 ? consistencyProof(old, last.size, subtreesInTiles(tiles)) : [];
  const body = [`old ${old}`, ...proof.map((one) => one.toString('base64')), '', last.note.toString()].join(
    '\n',
  );
  const answer = await send(new URL('add-checkpoint', witness.url), body);
  if (!answer || answer.status >= 500) return { kind: 'down' };
  if (answer.status === 422) return { kind: 'disagrees' };
  const size = /^(0|[1-9]\d{0,15})\n$/.exec(answer.body.toString())?.[1];
  if (answer.status === 409 && size !== undefined) return { kind: 'has', size: Number(size) };
  const cosignature = answer.status === 200 ? cosignatureIn(answer.body, witness, log) : null;
  return cosignature ? { kind: 'cosigned', cosignature } : { kind: 'refused' };
}

/** The witness's cosignature of a log's last checkpoint, of now; lines by other keys are passed over. */
function cosignatureIn(body: Buffer, { vkey }: OutsideWitness, log: Log): Cosignature | null {
  const key = parseVkey(vkey, 'cosignature');
  const opened = log.last && openCheckpoint(log.last.note, log.vkey);
  const now = Date.now() / 1000;
  for (const line of readLines(body.toString()) ?? []) {
    const cosignature = readCosignature(line);
    if (!key || !opened?.ok || !cosignature || Math.abs(cosignature.at - now) > clockSkew) continue;
    if (verifyCosignature(opened.text, cosignature, key)) return cosignature;
  }
  return null;
}

// What a witness shows has the log's signature first and then its own: only the log's counts.
function logsOwn(shown: Buffer): Buffer {
  const text = shown.toString();
  const end = text.indexOf('\n', text.indexOf('\n\n') + 2);
  return Buffer.from(text.slice(0, end + 1));
}

async function send(url: URL, body?: string): Promise<{ status: number; body: Buffer } | null> {
  try {
    const response = await fetch(url, {
      ...(body !== undefined && { method: 'POST', body }),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > longestAnswer) return null;
      parts.push(Buffer.from(part));
    }
    return { status: response.status, body: Buffer.concat(parts) };
  } catch {
    return null;
  }
}
