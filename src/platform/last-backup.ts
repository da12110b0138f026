import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from './durably.ts';

/** What is remembered of the last backup, outside the database: when, in which file, and what it covers. */
type LastBackup = z.infer<typeof LastBackup>;
const LastBackup = z.strictObject({
  madeAt: z.iso.datetime(),
  file: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  rows: z.int(),
  /** How long each log was: entries that are signed, and those that waited to be. */
  logs: z.array(z.strictObject({ log: z.string(), entries: z.int(), waiting: z.int() })),
  /** How many files were missing that should have been there. */
  missing: z.int(),
});

const pathIn = (dataFolder: string) => join(dataFolder, 'last-backup.json');

/** Remembers a backup that was made. Durable, and whole or not at all. */
export async function keepLastBackup(dataFolder: string, last: LastBackup): Promise<void> {
  await writeDurably(pathIn(dataFolder), Buffer.from(`${JSON.stringify(last, null, 2)}\n`));
}

/** The last backup that was made from this data folder; null where none was, or none is remembered. */
export async function readLastBackup(dataFolder: string): Promise<LastBackup | null> {
  const text = await readFile(pathIn(dataFolder), 'utf8').catch(() => null);
  try {
    return text === null ? null : LastBackup.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
