import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { openCheckpoint, withCosignatures } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { takeEvidence } from './evidence.ts';
import type { Waiting } from './integrate.ts';
import { leadsTo } from './judge.ts';
import type { LedgerOf } from './keep.ts';
import { originOf, readKept, writeKept } from './kept.ts';
import { makeVkey } from './note.ts';
import { findLog } from './store.ts';
import {
  findSeen,
  findUnwitnessed,
  findWitnessKey,
  insertWitnessKey,
  lockWitness,
  saveAnswer,
  saveCosignature,
  saveSeen,
} from './witness-store.ts';

/**
 * Has each organisation here cosign the last checkpoint of the log of each that it has an act in common with, where
 * that leads on from what it cosigned before. What it cosigned last lies in its rows and in `checkpoints/`, so that an
 * old database cannot make it forget. Gives the logs that could not be looked at.
 */
export async function cosignPartners(instance: LedgerOf): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { witnessId, organisationId } of await instance.database.work(findUnwitnessed)) {
    try {
      const evidence = await instance.database.work((tx) =>
        cosignOne(tx, instance, witnessId, organisationId),
      );
      if (evidence) {
        const { checkpoints } = instance.folders;
        await instance.database.work((tx) => takeEvidence(tx, checkpoints, organisationId, evidence));
      }
    } catch (fault) {
      waiting.push({ organisationId, fault });
    }
  }
  return waiting;
}

/** Cosigns, and gives null; or the checkpoint that the witness holds and the log does not lead on from. */
async function cosignOne(
  tx: Tx,
  { sealer, folders }: LedgerOf,
  witnessId: string,
  organisationId: string,
): Promise<Buffer | null> {
  await lockWitness(tx, witnessId);
  const own = await findLog(tx, witnessId);
  const log = await findLog(tx, organisationId);
  if (!own || !log?.last) return null;
  const { last } = log;
  // Only what is on the disk outside the database is cosigned: a crash cannot take it back.
  const kept = await readKept(folders.checkpoints, log);
  const opened = openCheckpoint(last.note, log.vkey);
  if (kept.state !== 'kept' || !kept.note.equals(last.note) || !opened.ok) return null;
  const name = originOf(own, 1).replace('/ledger/', '/witness/');
  const folder = join(folders.checkpoints, name.replaceAll('/', '.'));
  await mkdir(folder, { mode: 0o700, recursive: true });
  const { vkey, key } = await witnessKeyOf(tx, sealer, witnessId, name);
  const inFile = await readKept(folder, log);
  const inRows = await findSeen(tx, witnessId, log.origin);
  const filed = inFile.state === 'kept' ? [inFile.checkpoint] : [];
  for (const seen of [...filed, ...(inRows ? [inRows] : [])]) {
    if (seen.size <= last.size && (await leadsTo(tx, log, seen, last))) continue;
    await saveAnswer(tx, log, vkey, 'disagrees', null);
    return inFile.state === 'kept' ? inFile.note : null;
  }
  if (inFile.state === 'unreadable')
    throw new Error(`What ${name} last cosigned of ${log.origin} cannot be read`);
  const cosignature = cosign(opened.text, name, key, Math.floor(Date.now() / 1000));
  await writeKept(folder, log.origin, withCosignatures(last.note, [cosignature]));
  await saveSeen(tx, witnessId, log.origin, last);
  await saveCosignature(tx, log, last.size, vkey, cosignature);
  await saveAnswer(tx, log, vkey, 'cosigned', last.size);
  return null;
}

async function witnessKeyOf(
  tx: Tx,
  sealer: Sealer,
  organisationId: string,
  name: string,
): Promise<{ vkey: string; key: KeyObject }> {
  const context = `witness key of ${organisationId}`;
  const found = await findWitnessKey(tx, organisationId);
  if (found) {
    const der = sealer.open(found.sealedKey, context);
    return { vkey: found.vkey, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const vkey = makeVkey(name, privateKey, 'cosignature');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  await insertWitnessKey(tx, organisationId, { vkey, sealedKey: sealer.seal(der, context) });
  return { vkey, key: privateKey };
}
