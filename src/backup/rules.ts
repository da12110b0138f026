import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

/** A table as a backup holds it: the columns that are written, in order. What the database works out is not among them. */
export type Table = z.infer<typeof Table>;
const Table = z.strictObject({ name, columns: z.array(name).min(1) });

/** What a backup says before anything else: enough to refuse it before anything is changed. */
export const Header = z.strictObject({
  chirograph: z.literal('backup/1'),
  id: z.uuid(),
  /** The moment of the snapshot: what was acknowledged before it is in, and what came after is not. */
  madeAt: z.iso.datetime(),
  mode: z.enum(['example', 'live']),
  /** What only the right keys give again: of the master key and of the root of pseudonyms. */
  keys: z.strictObject({ master: sha256, pseudonyms: sha256 }),
  migrations: z.array(z.strictObject({ name: z.string(), sha256 })),
  /** In the order in which they can be filled. */
  tables: z.array(Table),
});
export type Header = z.infer<typeof Header>;

/** What a backup says last: what was in it. With the sums that it names, it fixes every byte before it. */
export const Contents = z.strictObject({
  chirograph: z.literal('backup-contents/1'),
  header: sha256,
  tables: z.array(z.strictObject({ name, rows: count })),
  /** `last` is text: a sequence can be larger than a number of ours. */
  sequences: z.array(z.strictObject({ name, last: z.string().regex(/^-?\d+$/), called: z.boolean() })),
  /** The hash of each file of sums, in order. */
  sums: z.array(sha256),
  files: count,
  bytes: count,
  /** How many of the files are of packages. */
  packages: count,
  logs: z.array(z.strictObject({ log: z.string(), entries: count, waiting: count })),
  /** Files that should have been there and were not, or were not what was sent. */
  missing: z.array(z.string()),
});
export type Contents = z.infer<typeof Contents>;

/** The files of a backup that are not tables or packages. The file of a code ends in `.hmac`, and holds hex and a line end. */
export const parts = { header: 'backup.json', contents: 'contents.json', code: '.hmac' } as const;

/** The names of files, and how they are taken apart again: nothing else is in a backup. */
export const tablePart = (table: string, index: number) => `tables/${table}/${numbered(index)}.copy`;
export const packagePart = (releaseId: string, file: string) => `packages/${releaseId}/${file}`;
export const sumsPart = (index: number) => `sums/${numbered(index)}.sha256`;

const numbered = (index: number) => String(index).padStart(6, '0');

/** A file of a package: the folder's id and the file's name. Null for any other name. */
export function packageFileOf(path: string): { releaseId: string; file: string } | null {
  const [, releaseId, file] =
    /^packages\/([0-9a-f-]{36})\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(path) ?? [];
  return releaseId && file ? { releaseId, file } : null;
}

/** The table whose rows a file holds; null for any other name. */
export function tableOf(path: string): string | null {
  return /^tables\/([a-z][a-z0-9_]{0,62})\/\d{6,}\.copy$/.exec(path)?.[1] ?? null;
}

/** How many rows a backup holds. */
export function rowsIn({ tables }: Pick<Contents, 'tables'>): number {
  return tables.reduce((sum, table) => sum + table.rows, 0);
}
