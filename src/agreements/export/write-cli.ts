import { resolve } from 'node:path';
import { command, exits, refusedOutcome, value } from '../../platform/command.ts';
import { counted, inOneLine } from '../../platform/pure/words.ts';
import { refuse } from '../../platform/refusal.ts';
import { readAgreementFile, writeNew } from '../agreement-file.ts';
import { checkDocument } from '../check-document.ts';
import { agreementDigest, parseDraft } from '../document.ts';
import { readLaw } from '../law.ts';
import { formOf, forms, unsigned, writeForm } from './forms.ts';

const endings = inOneLine(Object.keys(forms).map((form) => `.${form}`)).replace(' and ', ' or ');

export const agreementWrite = command<{ out: string }, [string]>({
  brief: 'Write an agreement as Word, PDF or Markdown to read and print, or as YAML or JSON',
  full: 'The same agreement gives the same bytes. YAML and JSON are the agreement itself, with its digest. What you write is not signed: agreement export writes the signatures.',
  flags: { out: value('OUT', `The new file to write: it ends in ${endings}`) },
  args: [{ brief: 'A YAML or JSON file', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const form = formOf(flags.out);
    if (!form) {
      const says = `${flags.out} does not say what to write. Let it end in ${endings}.`;
      return refusedOutcome(refuse('invalid', 'agreement.out-form', says));
    }
    const law = readLaw();
    let open = 0;
    const read = await readAgreementFile(at.folder, file, (text) => {
      const [checked, parsed] = [checkDocument(text, law), parseDraft(text)];
      if (checked.ok || !parsed.ok) return checked;
      open = checked.problems.length;
      return parsed;
    });
    if (!read.ok) return read.outcome;
    const { agreement } = read;
    const path = resolve(at.folder, flags.out);
    const refused = await writeNew(path, await writeForm(form, agreement, law, unsigned(agreement, open)));
    if (refused) return refusedOutcome(refused);
    const digest = agreementDigest(agreement);
    const { reference, version } = agreement;
    return {
      exit: exits.done,
      json: { path, form, reference, version, digest, open },
      text: `${path} holds ${reference}, version ${version}.\n${digest}${open === 0 ? '' : draft(file, open)}`,
    };
  },
});

function draft(file: string, open: number): string {
  const much = counted(open, 'thing is', 'things are');
  return `\nIt is a draft, and says so: ${much} missing or left open. What they are:\n  chirograph agreement check ${file}`;
}
