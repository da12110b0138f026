import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Finding, todo, verifyReceipt } from '../ledger/index.ts';
import type { Db } from '../platform/database.ts';
import { hashFile } from '../platform/file-bytes.ts';
import type { Instance } from '../platform/instance.ts';
import { readManifest } from './manifest.ts';
import { filesIn, type Packed } from './package-contents.ts';
import { packageFolder } from './package-folder.ts';
import { packageFiles } from './rules.ts';

/** The hash of each file that must lie in a package, null where the file may be anything or missing; and what may not. */
type Expected = { files: Map<string, string>; receipt: string | null; gone: Set<string> };

/**
 * Compares the package of each release that an organisation may see with what its row says was sent: each file by its hash,
 * none missing, none added; and no data left of what was withdrawn, refused or certified as destroyed.
 */
export async function auditPackages(
  instance: Instance,
  organisationId: string,
): Promise<{ packages: number; findings: Finding[] }> {
  const actor = { organisationId, personId: null };
  const releases = await instance.database.read(actor, (db) => findPacked(db, null));
  const findings: Finding[] = [];
  for (const release of releases) {
    if ((await faultsOf(instance, release)).length === 0) continue;
    // A release may have moved on while the files of others were read: what is found is looked at again, as it is now.
    const [now] = await instance.database.read(actor, (db) => findPacked(db, release.id));
    for (const [name, wrong] of now ? await faultsOf(instance, now) : []) {
      const row = `${release.reference}/${name}`;
      findings.push({ table: 'packages', row, wrong, todo: todo.changed });
    }
  }
  return { packages: releases.length, findings };
}

async function findPacked(db: Db, id: string | null): Promise<Packed[]> {
  const { rows } = await sql<Packed>`select id, reference, state, manifest, encrypted
    from releases left join release_workings on release_id = id
    where ${id}::uuid is null or id = ${id}::uuid order by reference`.execute(db);
  return rows;
}

async function faultsOf(instance: Instance, release: Packed): Promise<[name: string, wrong: string][]> {
  const folder = packageFolder(instance, release.id);
  const names = new Set(await readdir(folder).catch(() => []));
  const expected = expectedOf(release);
  const faults: [string, string][] = [];
  for (const [name, sha256] of expected.files) {
    const held = names.delete(name) ? await hashFile(join(folder, name)).catch(() => 'unreadable') : null;
    if (held === null) faults.push([name, 'The file is missing.']);
    else if (held !== sha256) faults.push([name, 'The file is not what the row says was sent.']);
  }
  // A receipt is made when it is first asked for.
  if (expected.receipt !== null && names.delete(packageFiles.receipt)) {
    const receipt = await readFile(join(folder, packageFiles.receipt)).catch(() => Buffer.alloc(0));
    const { entry } = verifyReceipt(receipt, { vkey: expected.receipt });
    if (entry?.subject.id !== release.id || entry.act !== 'release.sent')
      faults.push([packageFiles.receipt, 'The receipt does not prove that this release was sent.']);
  }
  for (const name of names) {
    const wrong = expected.gone.has(name)
      ? `The data is still there, though the release is ${release.state}.`
      : 'The file does not belong to the package.';
    faults.push([name, wrong]);
  }
  return faults;
}

function expectedOf(release: Packed): Expected {
  const { state, manifest, encrypted } = release;
  const files = new Map(filesIn(release).map(({ name, sha256 }) => [name, sha256]));
  const read = state !== 'prepared' && manifest ? readManifest(manifest) : null;
  if (read) return { files, receipt: read.from.keys.log, gone: new Set(read.data.map(({ file }) => file)) };
  return { files, receipt: null, gone: new Set(encrypted ? [encrypted.file] : []) };
}
