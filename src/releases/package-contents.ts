import { sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { readManifest } from './manifest.ts';
import { packageFiles, type ReleaseState } from './rules.ts';
import type { Encrypted } from './store.ts';

/**
 * What lies in a release's folder of `packages/` in the state it is in: its files by name and SHA-256 in hex. The receipt
 * is beside them once somebody has asked for it, and proves its place in the log of `receiptFrom`; null before sending.
 */
export type PackageContents = {
  releaseId: string;
  reference: string;
  files: { name: string; sha256: string }[];
  receiptFrom: string | null;
};

const page = 500;

/** What of a release says which files lie in its package. */
export type Packed = {
  id: string;
  reference: string;
  state: ReleaseState;
  manifest: Buffer | null;
  encrypted: Encrypted | null;
};

type Row = Packed & { sender_id: string };

/** The packages of all releases that this transaction may see and that have one, in the order of their ids. */
export async function* findPackages(db: Db): AsyncGenerator<PackageContents> {
  for (let last = ''; ; ) {
    const { rows } = await sql<Row>`select r.id, reference, state, sender_id, manifest, encrypted
      from releases r left join release_workings w on w.release_id = r.id
      where r.id > ${last || '00000000-0000-0000-0000-000000000000'} order by r.id limit ${page}`.execute(db);
    for (const row of rows) {
      const contents = contentsOf(row);
      if (contents) yield contents;
    }
    const end = rows.at(-1);
    if (!end || rows.length < page) return;
    last = end.id;
  }
}

/** The package of one release; null where it has none. */
export async function findPackage(db: Db, releaseId: string): Promise<PackageContents | null> {
  const { rows } = await sql<Row>`select r.id, reference, state, sender_id, manifest, encrypted
    from releases r left join release_workings w on w.release_id = r.id where r.id = ${releaseId}`.execute(
    db,
  );
  return rows[0] ? contentsOf(rows[0]) : null;
}

/**
 * The files that must lie in a release's package in the state it is in, and no others but a receipt: the data goes when its
 * destruction is certified, the proof stays. None where nothing ever left.
 */
export function filesIn({ state, manifest, encrypted }: Packed): PackageContents['files'] {
  if (state === 'prepared') return encrypted ? [{ name: encrypted.file, sha256: encrypted.sha256 }] : [];
  const read = manifest && readManifest(manifest);
  if (!manifest || !read) return [];
  const data = read.data.map(({ file }) => file);
  const kept = read.files.filter(({ name }) => state !== 'destroyed' || !data.includes(name));
  return [
    { name: packageFiles.manifest, sha256: sha256Hex(manifest) },
    ...kept.map(({ name, sha256 }) => ({ name, sha256 })),
  ];
}

function contentsOf(row: Row): PackageContents | null {
  const files = filesIn(row);
  if (files.length === 0) return null;
  const receiptFrom = row.state === 'prepared' ? null : row.sender_id;
  return { releaseId: row.id, reference: row.reference, files, receiptFrom };
}
