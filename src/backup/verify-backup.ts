import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLog, verifyLog } from '../ledger/index.ts';
import { findPublicOrganisations } from '../organisations/index.ts';
import type { Config } from '../platform/config.ts';
import { type Instance, openInstance } from '../platform/instance.ts';
import { allHold, type Check } from '../platform/pure/check.ts';
import { counted } from '../platform/pure/words.ts';
import type { Refusal } from '../platform/refusal.ts';
import type { Keys } from './keys.ts';
import { type Restored, restoreBackup } from './restore-backup.ts';

/** A backup that was restored to be looked at, and what came of each of its logs. */
export type Drilled = Restored & { checks: Check[] };

/**
 * Proves a backup by restoring it, whole, into a PostgreSQL and a folder of its own that are gone when this answers: what it
 * says is there, and every log in it verifies from its first entry. The instance itself is not touched.
 */
export async function verifyBackup(
  config: Config,
  keys: Keys,
  file: string,
  identities: readonly string[],
): Promise<({ ok: true } & Drilled) | Refusal> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chirograph-drill-'));
  const scratch: Config = { ...config, dataFolder, databaseUrl: null, mode: null };
  try {
    const restored = await restoreBackup(scratch, keys, file, identities);
    if (!restored.ok) return restored;
    const instance = await openInstance(scratch, 'command');
    try {
      return { ...restored, checks: await verifyLogs(instance) };
    } finally {
      await instance.close();
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function verifyLogs(instance: Instance): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { id, slug } of await instance.database.read(null, findPublicOrganisations)) {
    const folder = join(instance.folders.staging, `log-${id}`);
    const exported = await exportLog(instance, id, folder);
    const verified = exported.ok ? (await verifyLog(folder)).checks : [];
    const failing = verified.filter((check) => !check.ok);
    const detail = exported.ok
      ? failing.map((check) => check.detail).join(' ') ||
        `${counted(exported.size, 'entry', 'entries')}, all proved.`
      : exported.says;
    checks.push({ name: `log of ${slug}`, ok: exported.ok && allHold(verified), detail });
    await rm(folder, { recursive: true, force: true });
  }
  return checks;
}
