import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { command, exits, type Outcome, refusedOutcome, value } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import type { Problem } from '../../platform/pure/read-document.ts';
import { refuse } from '../../platform/refusal.ts';
import { readTermsFile } from '../terms-file.ts';
import { toOdcs } from './odcs-export.ts';
import { fromOdcs } from './odcs-import.ts';

export const termsImport = command<Record<never, never>, [string]>({
  brief: 'Terms from an Open Data Contract Standard 3 document',
  full: 'Prints a file of terms, and in it what of the document terms have no place for. A field of which the document does not say what may leave is coded until you decide.',
  flags: {},
  args: [{ brief: 'The document, YAML or JSON', placeholder: 'FILE.odcs.yaml' }],
  run: async (at, _, file) => {
    const text = await readFile(resolve(at.folder, file), 'utf8').catch(() => null);
    if (text === null) return noFile('terms.no-file', file);
    const found = fromOdcs(text);
    if (!found.ok) return wrong('terms.odcs', found.problems, exits.refused);
    const terms = { chirograph: 'terms/1', datasets: found.dataSets };
    const notes = found.notCarried.map((says) => `# - ${says.replace(/\s+/g, ' ')}\n`).join('');
    const head = notes === '' ? '' : `# Of the document these terms do not carry:\n${notes}`;
    return {
      exit: exits.done,
      json: { terms, notCarried: found.notCarried } as Json,
      text: `${head}${inYaml(terms)}`,
    };
  },
});

export const termsExport = command<{ dataset: string }, [string]>({
  brief: 'A data set as an Open Data Contract Standard 3.1 document',
  full: 'What the standard has no word for (what leaves, and how people are protected) is in customProperties named chirograph.',
  flags: { dataset: value('ID', 'The data set, as the terms name it') },
  args: [{ brief: 'A file of terms, or an agreement', placeholder: 'TERMS' }],
  run: async (at, flags, file) => {
    const terms = await readTermsFile(resolve(at.folder, file));
    if (!terms) return noFile('terms.no-file', file);
    if (!terms.ok) return wrong('terms.wrong', terms.problems, exits.usage);
    const dataSet = terms.dataSets.find(({ id }) => id === flags.dataset);
    if (!dataSet) {
      const there = terms.dataSets.map(({ id }) => id).join(', ');
      const says = `The terms have no data set ${flags.dataset}. They have: ${there}.`;
      return refusedOutcome(refuse('not-found', 'terms.no-data-set', says));
    }
    const document = toOdcs(dataSet);
    return { exit: exits.done, json: document as Json, text: inYaml(document) };
  },
});

// Written out in full, for terms are read without aliases; and what older readers of YAML take for dates is quoted.
function inYaml(document: object): string {
  return stringify(document, { aliasDuplicateObjects: false, schema: 'yaml-1.1' }).trimEnd();
}

function noFile(code: string, file: string): Outcome {
  return refusedOutcome(refuse('not-found', code, `There is no file ${file} that can be read.`));
}

function wrong(code: string, problems: Problem[], exit: number): Outcome {
  const says = problems.map(({ path, says: what }) => `${path}\n    ${what}`).join('\n');
  return { exit, json: { error: { code, says }, problems }, text: says };
}
