import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { hashFile } from '../../platform/file-bytes.ts';
import { inTurns } from '../../platform/in-turn.ts';
import type { Day } from '../../platform/pure/dates.ts';
import type { Refusal } from '../../platform/refusal.ts';
import { Trouble } from '../../platform/trouble.ts';
import { lintFile, mostBytes } from '../lint/lint-file.ts';
import type { LintLaw } from '../lint/lint-law.ts';
import { type Report, reportOf } from '../lint/report.ts';
import { gravestOf, type Severity } from '../lint/severity.ts';
import { filesBelow } from './files.ts';
import { neededFirst, type Row, rowOf } from './row.ts';

/** An agreement that was read, what it needs in full, and the gravest thing about it. */
type Surveyed = { row: Row; report: Report; gravest: Severity | null };

type NotRead = { file: string; says: string };

/** All agreements below a folder, those that need work most first. */
export type Survey = {
  asOf: Day;
  agreements: Surveyed[];
  notRead: NotRead[];
  /** Files of the same bytes as another, which was read in their place. */
  copies: { file: string; of: string }[];
  /** Symbolic links, which are not followed. */
  links: number;
};

/** Told of each file when it is done: how many are, of how many. */
export type Progress = (done: number, of: number, file: string) => void;

/** `within`: a folder to work in that others cannot read, where the system's own is not to be used. */
type Asked = {
  folder: string;
  named: string;
  asOf: Day;
  law: LintLaw;
  rules?: string | undefined;
  within?: string;
};

const archive = /\.(?:zip|7z|rar|tar|gz|tgz)$/i;

/**
 * Lints every file below a folder (absolute path) as of a day, each in a process of its own, two at a time. What cannot be read is said
 * and ends nothing. Once the signal is aborted no other file is begun, and its reason is thrown.
 */
export async function surveyFolder(
  { folder, named, asOf, law, rules, within }: Asked,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<({ ok: true } & Survey) | Refusal> {
  const below = await filesBelow(folder, named);
  if (!below.ok) return below;
  const { own, copies } = await apart(folder, below.files, signal);
  const inTurn = inTurns(2);
  let done = 0;
  const told = await Promise.allSettled(
    own.map((file) =>
      inTurn(async (): Promise<Surveyed | NotRead> => {
        signal.throwIfAborted();
        const path = join(folder, file);
        const linted = archive.test(file)
          ? {
              ok: false as const,
              says: `${basename(file)} holds other files. Unpack it into the folder, and try again.`,
            }
          : await orSaid(file, () =>
              lintFile({ path, named: basename(file), asOf, rules, ...(within !== undefined && { within }) }),
            );
        done += 1;
        onProgress(done, own.length, file);
        if (!linted.ok) return { file, says: linted.says };
        const { found } = linted;
        return {
          row: rowOf(file, found, law, asOf),
          report: reportOf(found, law, file, asOf),
          gravest: gravestOf(found, law),
        };
      }),
    ),
  );
  signal.throwIfAborted();
  const all = told.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return {
    ok: true,
    asOf,
    agreements: all
      .flatMap((one) => ('row' in one ? [one] : []))
      .sort((one, other) => neededFirst(one.row, other.row)),
    notRead: all.flatMap((one) => ('says' in one ? [one] : [])),
    copies,
    links: below.links,
  };
}

// The same bytes are read once. A name's ending tells what they are, so that a copy has the same one.
async function apart(folder: string, files: readonly string[], signal: AbortSignal) {
  const seen = new Map<string, string>();
  const own: string[] = [];
  const copies: Survey['copies'] = [];
  for (const file of files) {
    signal.throwIfAborted();
    const key = await keyOf(join(folder, file));
    const of = key === null ? undefined : seen.get(key);
    if (of !== undefined) copies.push({ file, of });
    else {
      own.push(file);
      if (key !== null) seen.set(key, file);
    }
  }
  return { own, copies };
}

// Null: it will be said why it is not read.
async function keyOf(path: string): Promise<string | null> {
  try {
    if ((await stat(path)).size > mostBytes) return null;
    return (await hashFile(path)) + extname(path).toLowerCase();
  } catch {
    return null;
  }
}

// What the system or a child of ours refuses is about one file, and the others are read all the same.
async function orSaid<T>(file: string, work: () => Promise<T>): Promise<T | { ok: false; says: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Trouble) return { ok: false, says: error.message };
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    return {
      ok: false,
      says: `${basename(file)} cannot be opened (${code}). Ask who keeps it to let you read it.`,
    };
  }
}
