import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../ledger/index.ts';
import { audit } from '../overview/index.ts';
import type { Config } from '../platform/config.ts';
import { openInstance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Refusal } from '../platform/refusal.ts';
import type { Keys } from './keys.ts';
import { type Restored, restoreBackup } from './restore-backup.ts';

/** A backup that was restored to be looked at, and what an audit of it found. */
export type Drilled = Restored & { findings: Finding[] };

/**
 * Proves a backup by restoring it, whole, into a PostgreSQL and a folder of its own that are gone when this answers, and
 * auditing everything there that the ledger commits to. The instance itself is not touched.
 */
export async function verifyBackup(
  config: Config,
  keys: Keys,
  file: string,
  identities: readonly string[],
  now: Instant,
): Promise<({ ok: true } & Drilled) | Refusal> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chirograph-drill-'));
  const scratch: Config = { ...config, dataFolder, databaseUrl: null, mode: null };
  try {
    const restored = await restoreBackup(scratch, keys, file, identities, now);
    if (!restored.ok) return restored;
    const instance = await openInstance(scratch, 'command');
    try {
      return { ...restored, findings: (await audit(instance, null)).findings };
    } finally {
      await instance.close();
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}
