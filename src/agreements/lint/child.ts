import { open, readFile, writeFile } from 'node:fs/promises';
import type { Day } from '../../platform/pure/dates.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import { type Archive, openArchive } from '../../platform/zip.ts';
import type { ReadAgreement } from '../draft/draft-agreement.ts';
import { readText } from '../read/read-text.ts';
import type { Reading } from '../read/reading.ts';
import { type Linted, lint } from './lint.ts';
import { type LintLaw, readLintLaw } from './lint-law.ts';
import { withOwnRules } from './own-rules.ts';
import { remarksOf } from './remarks.ts';

// The process that reads a document which may be hostile. It is told its work over the channel to its parent, answers once, and ends.

/** A file in the folder of the child, what it is, and the day as of which it is read. `commented`: where to write it with comments; `draft`: what its terms may be. */
export type Task = {
  path: string;
  form: 'text' | 'word' | 'pdf';
  asOf: Day;
  commented?: string;
  draft?: true;
  /** An organisation's own rules, as they are written. They were found to be good. */
  rules?: string;
};

/** What the child says: what it found, why the file cannot be read, or the kind of a fault of ours. */
export type FromChild =
  | { found: Linted; read: ReadAgreement | null }
  | { unreadable: string }
  | { fault: string };

function say(message: FromChild, then: () => void): void {
  process.send?.(message, undefined, undefined, then);
}

// A parent that is killed closes its end of the channel.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

process.once('message', async (task) => {
  const answer = await perform(task as Task).then(
    (done): FromChild => done,
    (error: unknown): FromChild =>
      error instanceof Unreadable
        ? { unreadable: error.check }
        : { fault: error instanceof Error ? error.name : 'unknown' },
  );
  say(answer, () => process.exit(0));
});

async function perform({
  path,
  form,
  asOf,
  commented,
  draft,
  rules,
}: Task): Promise<{ found: Linted; read: ReadAgreement | null }> {
  const law = lawWith(rules);
  const reading = await read(path, form);
  const found = lint(reading, law, asOf);
  if (commented !== undefined) {
    const { withComments } = await import('./word-comments.ts');
    const file = await inArchive(path, (archive) => withComments(archive, remarksOf(found, law), new Date()));
    await writeFile(commented, file);
  }
  return { found, read: draft ? await readAgreement(reading, law, asOf) : null };
}

function lawWith(rules: string | undefined): LintLaw {
  const law = readLintLaw();
  const read = rules === undefined ? ({ ok: true, law } as const) : withOwnRules(law, rules);
  if (!read.ok) throw new Error('Rules that were good are not.');
  return read.law;
}

async function readAgreement(reading: Reading, law: LintLaw, asOf: Day): Promise<ReadAgreement> {
  const [{ clausesOf }, { findTerms }, { readLaw }] = await Promise.all([
    import('../draft/clauses.ts'),
    import('../draft/find-terms.ts'),
    import('../law.ts'),
  ]);
  const clauses = clausesOf(reading);
  const suggestions = findTerms(reading, clauses, law, readLaw(), asOf);
  return { title: reading.title?.text ?? '', clauses, suggestions };
}

async function read(path: string, form: Task['form']): Promise<Reading> {
  if (form === 'text') return readText(decoded(await readFile(path)));
  // What reads PDF takes a while to load, and the others do without.
  if (form === 'pdf') {
    const { readPdf } = await import('../read/read-pdf.ts');
    return readPdf(new Uint8Array(await readFile(path)));
  }
  const { readWord } = await import('../read/read-word.ts');
  return inArchive(path, readWord);
}

async function inArchive<T>(path: string, work: (archive: Archive) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await work(await openArchive(file.fd));
  } finally {
    await file.close();
  }
}

function decoded(bytes: Buffer): string {
  if (bytes.includes(0)) throw new Unreadable('not-text');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
