import { extname, resolve } from 'node:path';
import { command, exits, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { refuse } from '../../platform/refusal.ts';
import { readAgreementFile, writeNew } from '../agreement-file.ts';
import { readLaw } from '../law.ts';
import { compare, summary } from './compared.ts';
import { showAsPage } from './show-page.ts';
import { showAsText } from './show-text.ts';
import { readVersion, trackedWord } from './versions.ts';

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
    const was = await readAgreementFile(at.folder, fileA, readVersion);
    if (!was.ok) return was.outcome;
    const now = await readAgreementFile(at.folder, fileB, readVersion);
    if (!now.ok) return now.outcome;
    const law = readLaw();
    const compared = compare(was.agreement, now.agreement, { was: fileA, now: fileB }, law);
    if (form === null) return { exit: exits.done, json: compared as Json, text: showAsText(compared) };
    const path = resolve(at.folder, flags.out ?? '');
    const file =
      form === '.html' ? showAsPage(compared) : await trackedWord(was.agreement, now.agreement, law, at.now);
    const refused = await writeNew(path, file);
    if (refused) return refusedOutcome(refused);
    return {
      exit: exits.done,
      json: { path, ...compared } as Json,
      text: `${summary(compared)}\n${path} shows it.`,
    };
  },
});
