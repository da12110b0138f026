import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeVkey } from './note.ts';
import { findSealedKey, type Log, type LogId } from './store.ts';

/** A new Ed25519 key for a log, sealed, and its verifier key. It never leaves the database unsealed. */
export function makeLogKey(sealer: Sealer, log: LogId, origin: string): { vkey: string; sealedKey: Buffer } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  return { vkey: makeVkey(origin, privateKey), sealedKey: sealer.seal(der, sealingContext(log)) };
}

/** The key that signs a log. Throws where the sealed key is not the one of its verifier key. For the worker. */
export async function openLogKey(tx: Tx, sealer: Sealer, log: Log): Promise<KeyObject> {
  const der = sealer.open(await findSealedKey(tx, log), sealingContext(log));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  if (makeVkey(log.origin, key) !== log.vkey)
    throw new Error(`The sealed key of ${log.origin} is not the log's`);
  return key;
}

/** The words a log's key is sealed under. */
export function sealingContext({ organisationId, log }: LogId): string {
  return log === 1 ? `ledger key of ${organisationId}` : `ledger key ${log} of ${organisationId}`;
}
