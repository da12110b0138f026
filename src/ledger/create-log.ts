import type { Tx } from '../platform/database.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeLogKey } from './log-key.ts';
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
  const id = { organisationId, log: 1 };
  const origin = `${slug}/ledger/${organisationId.slice(0, 8)}`;
  const { vkey, sealedKey } = makeLogKey(sealer, id, origin);
  await insertLog(tx, { ...id, origin, vkey, sealedKey });
  return { origin, vkey };
}
