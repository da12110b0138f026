import { generateKeyPairSync } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeVkey } from './note.ts';
import { insertLog } from './store.ts';

/**
 * Makes an organisation's log, with an Ed25519 key of its own that never leaves the database unsealed. Its name
 * is `<slug>/ledger/<first 8 hex digits of the organisation's id>`. Returns the verifier key. The integrator
 * signs its first checkpoint, of no entries.
 */
export async function createLog(
  tx: Tx,
  organisationId: string,
  slug: string,
  sealer: Sealer,
): Promise<{ origin: string; vkey: string }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const origin = `${slug}/ledger/${organisationId.slice(0, 8)}`;
  const vkey = makeVkey(origin, privateKey);
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  await insertLog(tx, {
    organisationId,
    origin,
    vkey,
    sealedKey: sealer.seal(der, sealingContext(organisationId)),
  });
  return { origin, vkey };
}

/** The words a log's key is sealed under. */
export function sealingContext(organisationId: string): string {
  return `ledger key of ${organisationId}`;
}
