import { extname, resolve } from 'node:path';
import { command, exits, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import type { Instant } from '../../platform/pure/dates.ts';
import { refuse } from '../../platform/refusal.ts';
import { readAgreementFile, writeNew } from '../agreement-file.ts';
import { blanksIn } from '../blanks.ts';
import { type CheckedDocument, withLines } from '../check-document.ts';
import { type Agreement, parseDraft } from '../document.ts';
import { writtenAgreement } from '../export/written.ts';
import { readLaw } from '../law.ts';
import { compare, summary } from './compared.ts';
import { showAsPage } from './show-page.ts';
import { showAsText } from './show-text.ts';
import { trackedDocument } from './tracked.ts';

export const agreementDiff = command<{ out?: string }, [string, string]>({
  brief: 'Say what changed from one agreement to another: words and terms, and what it means',
  full: 'Both are agreements as YAML or JSON, and need not be whole. OUT is a page to send, or a Word file with tracked changes that a lawyer accepts or rejects.',
  flags: { out: optionalValue('OUT', 'A new file for it: it ends in .html or .docx') },
  args: [
    { brief: 'The agreement as it was, a YAML or JSON file', placeholder: 'A' },
    { brief: 'The agreement as it is now', placeholder: 'B' },
  ],
  run: async (at, flags, fileA, fileB) => {
    const form = flags.out === undefined ? null : extname(flags.out).toLowerCase();
    if (form !== null && form !== '.html' && form !== '.docx') {
      const says = `${flags.out} does not say what to write. Let it end in .html or .docx.`;
      return refusedOutcome(refuse('invalid', 'agreement.out-form', says));
    }
    const was = await readAgreementFile(at.folder, fileA, parsed);
    if (!was.ok) return was.outcome;
    const now = await readAgreementFile(at.folder, fileB, parsed);
    if (!now.ok) return now.outcome;
    const compared = compare(was.agreement, now.agreement, { was: fileA, now: fileB }, readLaw());
    if (form === null) return { exit: exits.done, json: compared as Json, text: showAsText(compared) };
    const path = resolve(at.folder, flags.out ?? '');
    const file =
      form === '.html' ? showAsPage(compared) : await tracked(was.agreement, now.agreement, at.now);
    const refused = await writeNew(path, file);
    if (refused) return refusedOutcome(refused);
    return {
      exit: exits.done,
      json: { path, ...compared } as Json,
      text: `${summary(compared)}\n${path} shows it.`,
    };
  },
});

// What changed can be asked of drafts: that the law allows them is agreement check's to say.
function parsed(text: string): CheckedDocument {
  const read = parseDraft(text);
  return read.ok ? read : { ok: false, problems: withLines(text, read.problems) };
}

async function tracked(was: Agreement, now: Agreement, at: Instant): Promise<Uint8Array> {
  const { writeTrackedWord } = await import('../export/write-word.ts');
  const law = readLaw();
  const written = (one: Agreement) =>
    writtenAgreement(one, law, { signatures: [], open: blanksIn(one).length });
  const document = trackedDocument(written(was), written(now));
  return writeTrackedWord(document, at);
}
