import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../platform/durably.ts';
import type { Folders } from '../platform/instance.ts';
import type { Made } from './make-backup.ts';

/** What is remembered of the last backup, outside the database: when, which file, and what it covers. */
type LastBackup = z.infer<typeof LastBackup>;
const LastBackup = z.object({
  madeAt: z.iso.datetime(),
  file: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  rows: z.int(),
  logs: z.array(z.object({ log: z.string(), entries: z.int(), waiting: z.int() })),
  missing: z.int(),
});

const name = 'last-backup.json';

/** Remembers a backup that was made. Durable, and whole or not at all. */
export async function keepLastBackup(folders: Folders, made: Made): Promise<void> {
  const { madeAt, path, sha256, bytes, contents } = made;
  const kept: LastBackup = {
    madeAt,
    file: path,
    sha256,
    bytes,
    rows: rowsIn(contents),
    logs: contents.logs,
    missing: contents.missing.length,
  };
  await writeDurably(join(folders.data, name), Buffer.from(`${JSON.stringify(kept, null, 2)}\n`));
}

/** The last backup that was made of this instance from this data folder; null where none was, or none is remembered. */
export async function readLastBackup(folders: Pick<Folders, 'data'>): Promise<LastBackup | null> {
  const text = await readFile(join(folders.data, name), 'utf8').catch(() => null);
  try {
    return text === null ? null : LastBackup.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** How many rows a backup holds. */
export function rowsIn({ tables }: Made['contents']): number {
  return tables.reduce((sum, table) => sum + table.rows, 0);
}
