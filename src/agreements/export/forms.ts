import { extname } from 'node:path';
import { stringify } from 'yaml';
import { canonicalJson } from '../../platform/pure/canonical-json.ts';
import type { Instant } from '../../platform/pure/dates.ts';
import { isBlank } from '../blanks.ts';
import type { Agreement } from '../document.ts';
import type { Law } from '../law.ts';
import { agreementMarkdown } from '../markdown.ts';
import { printable } from './printable.ts';
import { type State, writtenAgreement } from './written.ts';

/** The forms that an agreement is written in, with what a browser is told that they are. */
export const forms = {
  yaml: 'application/yaml',
  json: 'application/json',
  md: 'text/markdown; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pdf: 'application/pdf',
} as const;

/** A form that an agreement is written in. */
export type Form = keyof typeof forms;

/** The form that a file's name asks for; null for none that there is. */
export function formOf(name: string): Form | null {
  const ending = extname(name).slice(1).toLowerCase();
  return Object.hasOwn(forms, ending) ? (ending as Form) : null;
}

/** What is known of an agreement beside its document: its state, and the moment that files of it say they are of. */
export type Standing = State & { at: Instant };

const undated = '2000-01-01';

/** An agreement that nobody has signed yet: its files are dated with its first day, so that they are the same whenever written; where that is left blank, long ago. */
export function unsigned({ startsOn }: Agreement, open = 0): Standing {
  return { signatures: [], open, at: `${isBlank(startsOn) ? undated : startsOn}T00:00:00.000Z` };
}

/**
 * An agreement as a file. YAML and JSON are the agreement itself: read again they have its digest, and the JSON is the
 * very bytes that are signed. The others are to read and to print; what writes them is read when it is first wanted.
 */
export async function writeForm(form: Form, agreement: Agreement, law: Law, standing: Standing) {
  switch (form) {
    case 'yaml':
      return Buffer.from(stringify(agreement, { lineWidth: 100, aliasDuplicateObjects: false }));
    case 'json':
      return Buffer.from(canonicalJson(agreement));
    case 'md':
      return Buffer.from(printable(agreementMarkdown(agreement)));
    case 'docx': {
      const { writeWord } = await import('./write-word.ts');
      return Buffer.from(await writeWord(writtenAgreement(agreement, law, standing), standing.at));
    }
    case 'pdf': {
      const { writePdf } = await import('./write-pdf.ts');
      return Buffer.from(await writePdf(agreement, writtenAgreement(agreement, law, standing), standing.at));
    }
  }
}
