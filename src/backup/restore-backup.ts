import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { findLogHolders, findTrouble, type LogTrouble } from '../ledger/index.ts';
import { AgeFault, decrypted } from '../platform/age.ts';
import { CannotStart } from '../platform/cannot-start.ts';
import type { Config } from '../platform/config.ts';
import { syncFolder } from '../platform/durably.ts';
import { chunksOfFile } from '../platform/file-bytes.ts';
import { openInstance } from '../platform/instance.ts';
import { makeFolder } from '../platform/make-folder.ts';
import { makeRoles, replayMigrations, unknownMigration } from '../platform/migrate.ts';
import { asOwner } from '../platform/owner.ts';
import { withClient } from '../platform/postgres/connection.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { markRestoring, restoringIn, unmarkRestoring } from '../platform/restoring.ts';
import { findServer, type Server } from '../platform/server.ts';
import { step } from '../steps.ts';
import { keyChecks } from './code.ts';
import { applyGone, type Since } from './gone-since.ts';
import { type Keys, placeKeys, sealersOf } from './keys.ts';
import { NotABackup, type ReadArchive, readArchive } from './read-archive.ts';
import { type Contents, type Header, packageFileOf, type Table, tableOf } from './rules.ts';
import { fillTables, findTables, setSequences, writeTable } from './tables.ts';

/**
 * What was restored: what the backup says of itself, what it held, and why a log of it is not signed any more, as where a
 * later state of it was signed than the backup has.
 */
export type Restored = { header: Header; contents: Contents; troubles: LogTrouble[]; since: Since };

/**
 * Restores a backup into a data folder and a database that are empty. Nothing is changed before the keys and the header
 * are found right; the database comes in one transaction, and commits only once every byte of the backup is proved. Until
 * it has finished nothing else opens the folder. An interrupted restore is run again, and starts anew or only finishes.
 */
export async function restoreBackup(
  config: Config,
  keys: Keys,
  file: string,
  identities: readonly string[],
  now: Instant,
): Promise<({ ok: true } & Restored) | Refusal> {
  const plain = decrypted(chunksOfFile(file), identities);
  try {
    const archive = await readArchive(plain);
    const { header } = archive;
    const refused = (await unfitFor(config, keys, archive)) ?? (await notEmpty(config.dataFolder, header));
    if (refused) return refused;
    await makeFolder(config.dataFolder);
    if (!(await placeKeys(config.dataFolder, keys))) return refuseOtherKeys(config.dataFolder);
    const restored = await withServer(config, keys, (server) => fill(config, server, keys, archive));
    if (!restored.ok) return restored;
    return { ok: true, header, contents: restored.contents, ...(await finish(config, now)) };
  } catch (fault) {
    return refuseUnread(file, fault);
  } finally {
    await plain.return(undefined);
  }
}

// Brings the schema up to this release, proves each log, and erases again. Only then may others open what was restored.
async function finish(config: Config, now: Instant): Promise<Pick<Restored, 'troubles' | 'since'>> {
  const instance = await openInstance(config, 'restore');
  try {
    const troubles: LogTrouble[] = [];
    for (const organisationId of await instance.database.work(findLogHolders)) {
      const trouble = await findTrouble(instance, organisationId);
      if (trouble) troubles.push(trouble);
    }
    const since = await applyGone(instance, now);
    step('restore.proved');
    await unmarkRestoring(config.dataFolder);
    step('restore.done');
    return { troubles, since };
  } finally {
    await instance.close();
  }
}

async function withServer<T>(config: Config, keys: Keys, work: (server: Server) => Promise<T>): Promise<T> {
  const server = await findServer(config, 'command', sealersOf(keys).sealer, () => {});
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function refuseOtherKeys(dataFolder: string): Refusal {
  const says = `${join(dataFolder, 'keys')} holds the keys of another instance, and they are never written over. Set CHIROGRAPH_DATA to a new folder.`;
  return refuse('conflict', 'restore.keys-taken', says);
}

/** Says that there is no such file, or none that may be read. */
export function refuseNoFile(path: string): Refusal {
  return refuse('not-found', 'backup.no-file', `There is no file ${path} that you can read.`);
}

/** What cannot be read as a backup, as a refusal; throws any other fault again. */
export function refuseUnread(file: string, fault: unknown): Refusal {
  if (fault instanceof NotABackup) {
    const what = fault.code === 'damaged' ? 'cannot be trusted' : 'cannot be restored';
    return refuse(
      'unverified',
      `backup.${fault.code}`,
      `${file} ${what}: ${fault.message}. Nothing of it was kept. Take another copy of it, or another backup.`,
    );
  }
  if (fault instanceof Error && 'path' in fault && fault.path === file) return refuseNoFile(file);
  if (!(fault instanceof AgeFault)) throw fault;
  const says: Record<AgeFault['reason'], string> = {
    'not-age': `${file} is not an age file, so it is not a backup of Chirograph. Give the file that "chirograph backup" wrote.`,
    'not-for-you': `This identity does not open ${file}: it was encrypted to other recipients. Give the identity of one of them.`,
    damaged: `${file} cannot be trusted: it was changed or cut short since it was made. Nothing of it was kept. Take another copy of it, or another backup.`,
  };
  const kind = fault.reason === 'not-for-you' ? 'no-authority' : 'unverified';
  return refuse(kind, `backup.${fault.reason}`, says[fault.reason]);
}

async function unfitFor(config: Config, keys: Keys, archive: ReadArchive): Promise<Refusal | null> {
  const { header } = archive;
  const held = sealersOf(keys);
  if (JSON.stringify(keyChecks(held)) !== JSON.stringify(header.keys)) {
    const says =
      'These keys are not those of the instance that was backed up, so nothing in it could be opened or signed. Give its own, with --keys or in the folder keys/.';
    return refuse('no-authority', 'backup.other-keys', says);
  }
  if (!archive.isBy(held.sealer)) {
    const says =
      'This backup was not made by the instance whose keys these are: somebody else wrote it. Do not use it, and find out where it came from.';
    return refuse('unverified', 'backup.not-ours', says);
  }
  const wanted = config.mode ?? (config.databaseUrl === null ? header.mode : 'live');
  if (wanted !== header.mode) {
    const says =
      header.mode === 'example'
        ? 'This is a backup of the example, which can never become a real instance. Unset CHIROGRAPH_MODE and DATABASE_URL to restore it as the example.'
        : 'This is a backup of a real instance. Unset CHIROGRAPH_MODE, or set it to live.';
    return refuse('conflict', 'backup.other-mode', says);
  }
  const unknown = await unknownMigration(header.migrations);
  if (unknown) {
    const says = `This backup was made by another release of Chirograph: this one does not know its migration ${unknown.name}. Restore it with the release that made it, or a later one.`;
    return refuse('conflict', 'backup.other-release', says);
  }
  return null;
}

// Only what an interrupted restore of the same backup left may be there, beside keys and what is kept outside the database.
async function notEmpty(dataFolder: string, header: Header): Promise<Refusal | null> {
  const begun = await restoringIn(dataFolder);
  if (begun === header.id) return null;
  if (begun !== null) {
    const says = `A restore of another backup into ${dataFolder} was begun and has not finished. Run that one again, or give CHIROGRAPH_DATA a new folder.`;
    return refuse('conflict', 'restore.another-begun', says);
  }
  const packages = await readdir(join(dataFolder, 'packages')).catch(() => []);
  return packages.length === 0 ? null : refuseFull(dataFolder);
}

function refuseFull(where: string): Refusal {
  const says = `There is an instance in ${where} already, and a restore never writes over one. Set CHIROGRAPH_DATA (and DATABASE_URL, if you use it) to an empty place.`;
  return refuse('conflict', 'restore.not-empty', says);
}

async function fill(
  config: Config,
  server: Server,
  keys: Keys,
  archive: ReadArchive,
): Promise<{ ok: true; contents: Contents } | Refusal> {
  const { dataFolder } = config;
  const { header } = archive;
  const where = config.databaseUrl === null ? dataFolder : 'the database of DATABASE_URL';
  const empty = await withClient(server.administrator, isEmpty);
  if (!empty) {
    // Only the restore that was interrupted after its commit may find its own database here.
    if ((await restoringIn(dataFolder)) !== header.id) return refuseFull(where);
    const contents = await readThrough(archive, keys);
    return { ok: true, contents };
  }
  await markRestoring(dataFolder, header.id);
  step('restore.begun');
  const placed = join(dataFolder, 'packages');
  const staged = join(dataFolder, 'packages.restoring');
  for (const leftover of [staged, placed]) await rm(leftover, { recursive: true, force: true });
  await mkdir(staged, { mode: 0o700 });
  await withClient(server.administrator, (client) => makeRoles(client, server.passwords));
  try {
    const contents = await asOwner(server.administrator, async ({ client }) => {
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext('chirograph restore'))`);
      if (!(await isEmpty(client))) throw new CannotStart(refuseFull(where).says);
      await replayMigrations(client, header.migrations);
      const loaded = await loadAll(client, keys, archive, staged);
      step('restore.loaded');
      await rename(staged, placed);
      await syncFolder(dataFolder);
      step('restore.placed');
      await client.query('commit');
      step('restore.committed');
      return loaded;
    });
    return { ok: true, contents };
  } catch (fault) {
    // Nothing was committed: it is as empty as it was. Once packages are in place, only running it again can tell.
    if (existsSync(staged)) {
      await rm(staged, { recursive: true, force: true });
      await unmarkRestoring(dataFolder);
    }
    throw fault;
  }
}

async function isEmpty(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f') limit 1`,
  );
  return rowCount === 0;
}

async function loadAll(
  client: pg.Client,
  keys: Keys,
  archive: ReadArchive,
  staged: string,
): Promise<Contents> {
  const { tables } = archive.header;
  const made = await findTables(client);
  if (JSON.stringify(sorted(made)) !== JSON.stringify(sorted(tables))) {
    throw new NotABackup('not-a-backup', 'its tables are not those that its migrations make');
  }
  return fillTables(client, tables, async () => {
    const rows = await load(client, archive, staged);
    const contents = await archive.contents(sealersOf(keys).sealer);
    const expected = contents.tables.map(({ name, rows: count }) => [name, count]);
    const loaded = tables.map(({ name }) => [name, rows.get(name) ?? 0]);
    if (JSON.stringify(loaded) !== JSON.stringify(expected))
      throw new NotABackup('damaged', 'rows are missing');
    await setSequences(client, contents.sequences);
    return contents;
  });
}

function sorted(tables: Header['tables']): Header['tables'] {
  return tables.toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Loads tables and packages as they come; answers how many rows each table took. */
async function load(client: pg.Client, archive: ReadArchive, staged: string): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  let filling: { name: string; into: ReturnType<typeof writeTable> } | null = null;
  const endTable = async () => {
    if (filling) rows.set(filling.name, await filling.into.end());
    filling = null;
  };
  for await (const { path, bytes } of archive.files()) {
    const name = tableOf(path);
    if (filling && filling.name !== name) await endTable();
    if (name === null) {
      await writePackageFile(staged, path, bytes);
      continue;
    }
    const table: Table | undefined = archive.header.tables.find((one) => one.name === name);
    if (!table || rows.has(name)) throw new NotABackup('damaged', 'it is not as it was written');
    filling ??= { name, into: writeTable(client, table) };
    for await (const chunk of bytes) await filling.into.write(chunk);
  }
  await endTable();
  return rows;
}

async function writePackageFile(
  staged: string,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { releaseId, file } = packageFileOf(path) ?? { releaseId: '', file: '' };
  const target = join(staged, releaseId, file);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const handle = await open(target, 'wx', 0o600);
  try {
    for await (const chunk of bytes) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readThrough(archive: ReadArchive, keys: Keys): Promise<Contents> {
  for await (const { bytes } of archive.files()) for await (const _ of bytes);
  return archive.contents(sealersOf(keys).sealer);
}
