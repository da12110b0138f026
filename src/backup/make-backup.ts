import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLogSizes, findLogs, openCheckpoint, parseReceipt } from '../ledger/index.ts';
import { encrypted } from '../platform/age.ts';
import type { Db } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { keepLastBackup } from '../platform/last-backup.ts';
import type { Owner } from '../platform/owner.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import type { Refusal } from '../platform/refusal.ts';
import { type Written, writeWhole } from '../platform/write-whole.ts';
import { findPackage, findPackages, type PackageContents } from '../releases/index.ts';
import { packageFiles } from '../releases/rules.ts';
import { keyChecks } from './code.ts';
import { writeNewFile } from './new-file.ts';
import { type Contents, type Header, packagePart, rowsIn, tablePart } from './rules.ts';
import { beginSnapshot, findSequences, findTables, readTable } from './tables.ts';
import { type Archive, writeArchive } from './write-archive.ts';

/** A backup that was made: where, what of, and what its file is. */
export type Made = { path: string; madeAt: Instant; contents: Contents } & Written;

/**
 * Backs the instance up into one new file, encrypted to the recipients, while it serves: the database at one moment, and
 * the packages of that moment. The file appears whole or not at all. The instance's keys are not in it.
 */
export async function makeBackup(
  instance: Instance,
  to: string,
  recipients: readonly string[],
  now: Instant,
): Promise<({ ok: true } & Made) | Refusal> {
  const name = `chirograph-${now.slice(0, 19).replaceAll(':', '')}Z.tar.age`;
  const answer = await writeNewFile(to, name, (draft) =>
    instance.asOwner((owner) => writeBackup(instance, owner, draft, recipients, now)),
  );
  if (!answer.ok) return answer;
  const { contents, written } = answer.written;
  const made = { path: answer.path, madeAt: now, contents, ...written };
  await keepLastBackup(instance.folders.data, {
    madeAt: now,
    file: answer.path,
    sha256: written.sha256,
    bytes: written.bytes,
    rows: rowsIn(contents),
    logs: contents.logs,
    missing: contents.missing.length,
  });
  return { ok: true, ...made };
}

async function writeBackup(
  instance: Instance,
  owner: Owner,
  draft: string,
  recipients: readonly string[],
  now: Instant,
): Promise<{ contents: Contents; written: Written }> {
  await beginSnapshot(owner.client);
  const { rows: migrations } = await owner.client.query<Header['migrations'][number]>(
    'select name, sha256 from migrations order by name',
  );
  const header: Header = {
    chirograph: 'backup/1',
    id: newId(),
    madeAt: now,
    mode: instance.mode,
    keys: keyChecks(instance),
    migrations,
    tables: await findTables(owner.client),
  };
  const { bytes, contents } = writeArchive(instance.sealer, header, async (archive) => {
    const tables: Contents['tables'] = [];
    for (const table of header.tables) {
      const rows = readTable(owner.client, table);
      let index = 0;
      for await (const part of rows.parts) await archive.add(tablePart(table.name, index++), part);
      tables.push({ name: table.name, rows: rows.rows() });
    }
    const sequences = await findSequences(owner.client);
    const logs = await findLogSizes(owner.db);
    return { tables, sequences, logs, ...(await addPackages(instance, owner.db, archive)) };
  });
  const [written, filled] = await Promise.allSettled([
    writeWhole(draft, encrypted(bytes, recipients)),
    contents,
  ]);
  // Where the writing failed, what was filling it hears only that it was cut off.
  if (written.status === 'rejected') throw written.reason;
  if (filled.status === 'rejected') throw filled.reason;
  return { contents: filled.value, written: written.value };
}

/**
 * Adds the packages of the snapshot. A file that is gone is asked about again: withdrawn or destroyed meanwhile, it is
 * rightly gone, and nobody wants it back. What is missing otherwise, or is not what was sent, is named.
 */
async function addPackages(
  instance: Instance,
  snapshot: Db,
  archive: Archive,
): Promise<Pick<Contents, 'packages' | 'missing'>> {
  const missing: string[] = [];
  let packages = 0;
  for await (const contents of findPackages(snapshot)) {
    const folder = join(instance.folders.packages, contents.releaseId);
    for (const { name, sha256 } of contents.files) {
      const added = await addFile(archive, packagePart(contents.releaseId, name), join(folder, name));
      if (added) packages += 1;
      if (added?.sha256 === sha256) continue;
      const stillThere = added === null && (await stillExpected(instance, contents.releaseId, name));
      if (added !== null || stillThere) missing.push(`${contents.reference}: ${name}`);
    }
    if (await receiptIsOf(snapshot, contents, folder)) {
      const path = packagePart(contents.releaseId, packageFiles.receipt);
      if (await addFile(archive, path, join(folder, packageFiles.receipt))) packages += 1;
    }
  }
  return { packages, missing };
}

async function addFile(archive: Archive, path: string, from: string): Promise<{ sha256: string } | null> {
  const file = await open(from).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    return await archive.addStream(path, size, file.createReadStream({ autoClose: false }));
  } finally {
    await file.close();
  }
}

function stillExpected(instance: Instance, releaseId: string, name: string): Promise<boolean> {
  return instance.asOwner(async ({ db }) => {
    const contents = await findPackage(db, releaseId);
    return contents?.files.some((file) => file.name === name) ?? false;
  });
}

// A receipt is made when it is first asked for, by the log as it is then. One made since the snapshot proves a log that is
// longer than the one in the backup, and would contradict it; it is made again after a restore.
async function receiptIsOf(snapshot: Db, contents: PackageContents, folder: string): Promise<boolean> {
  if (contents.receiptFrom === null) return false;
  const bytes = await readFile(join(folder, packageFiles.receipt)).catch(() => null);
  const receipt = bytes && parseReceipt(bytes);
  if (!receipt) return false;
  return (await findLogs(snapshot, contents.receiptFrom)).some(({ vkey, last }) => {
    const opened = openCheckpoint(receipt.checkpoint, vkey);
    return opened.ok && last !== null && opened.checkpoint.size <= last.size;
  });
}
