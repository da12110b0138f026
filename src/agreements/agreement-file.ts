import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exits, type Outcome, refusedOutcome } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { CheckedDocument, Found } from './check-document.ts';

/** An agreement that a command was given as a file, or the answer that says what is wrong with it. */
export type AgreementFile = Extract<CheckedDocument, { ok: true }> | { ok: false; outcome: Outcome };

/** The text of a file that a command was given; null where there is none that can be read. */
export function textOf(folder: string, file: string): Promise<string | null> {
  return readFile(resolve(folder, file), 'utf8').catch(() => null);
}

/** Reads an agreement that a command was given as a file, as far as `read` asks of it. */
export async function readAgreementFile(
  folder: string,
  file: string,
  read: (text: string) => CheckedDocument,
): Promise<AgreementFile> {
  const text = await textOf(folder, file);
  if (text === null) return { ok: false, outcome: noFile(file) };
  const checked = read(text);
  if (checked.ok) return checked;
  const { problems } = checked;
  const json = { file, ok: false, problems } as Json;
  return { ok: false, outcome: { exit: exits.refused, json, text: showProblems(problems) } };
}

/** That there is no such file. */
export function noFile(file: string): Outcome {
  return refusedOutcome(
    refuse('not-found', 'agreement.no-file', `There is no file ${file} that can be read.`),
  );
}

/** What is wrong with a document, each at its line. */
export function showProblems(problems: readonly Found[]): string {
  return problems
    .map(
      ({ path, line, says }) =>
        `${path}${line === null || path.startsWith('line ') ? '' : `, line ${line}`}\n    ${says}`,
    )
    .join('\n');
}

/** Writes a file that is not there yet; the refusal where it cannot be made. */
export async function writeNew(path: string, content: string | Uint8Array): Promise<Refusal | null> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'a fault';
    const says = `${path} cannot be made (${code}). Give a new file name.`;
    return refuse('conflict', 'agreement.not-written', says);
  }
}
