import { open, rm } from 'node:fs/promises';
import type { Database } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { receivingIdentity } from './keys.ts';
import { recordAct } from './record-act.ts';
import { actorOf, type Caller } from './rules.ts';
import { findKey } from './store.ts';

/**
 * Writes the organisation's age identity to a new file, 0600, for `age -d`. Taking a private key out is an act:
 * it is in the ledger before the file is whole.
 */
export async function exportIdentity(
  database: Database,
  sealer: Sealer,
  caller: Caller,
  path: string,
  now: Instant,
): Promise<{ ok: true; path: string; recipient: string } | Refusal> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => error);
  if (file instanceof Error) {
    return refuse(
      'conflict',
      'keys.file-not-made',
      file.code === 'EEXIST'
        ? `${path} exists already. Give a new file name, so that no key is written over.`
        : `${path} cannot be made (${file.code}). Give a path in a folder that exists and you can write to.`,
    );
  }
  try {
    const { identity, recipient } = await database.write(actorOf(caller), async (tx) => {
      const { publicKey } = await findKey(tx, caller.organisation.id, 'receiving');
      await recordAct(tx, actorOf(caller), 'keys.exported', { key: publicKey }, now);
      return {
        identity: await receivingIdentity(tx, sealer, caller.organisation.id),
        recipient: publicKey,
      };
    });
    await file.writeFile(
      `# ${caller.organisation.slug}: age identity, keep it secret\n# public key: ${recipient}\n${identity}\n`,
    );
    await file.sync();
    return { ok: true, path, recipient };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
