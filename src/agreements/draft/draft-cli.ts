import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { command, exits, optionalValue, refusedOutcome, value } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { londonDay } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import { refuse } from '../../platform/refusal.ts';
import { checkDocument } from '../check-document.ts';
import { readLaw } from '../law.ts';
import { lintFile } from '../lint/lint-file.ts';
import { draftAgreement } from './draft-agreement.ts';
import { inWords, writeReadDraft } from './write-read.ts';

const confidences = ['sure', 'likely', 'unsure'] as const;

export const agreementDraft = command<{ out: string; confirm?: string }, [string]>({
  brief: 'Turn an agreement as it is into a draft that can be mended and signed',
  full: 'Its clauses become clauses; what can be read of its terms is put beside the words that it was read from, for a person to confirm. Nothing is filled in that was not read.',
  flags: {
    out: value('FILE', 'The new file to write, as YAML'),
    confirm: optionalValue(
      'CONFIDENCE',
      'You have looked at what was read, and it is right: sure, likely (and sure), or unsure (all of it)',
    ),
  },
  args: [{ brief: 'A .docx, .pdf, .txt or .md file', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const least = (confidences as readonly string[]).indexOf(flags.confirm ?? '');
    if (flags.confirm !== undefined && least === -1)
      return refusedOutcome(
        refuse(
          'invalid',
          'draft.confirm',
          `${flags.confirm} is no confidence. Write sure, likely or unsure.`,
        ),
      );
    const asked = { path: resolve(at.folder, file), named: file, asOf: londonDay(at.now) };
    const linted = await lintFile(asked, { draft: true });
    if (!linted.ok) return refusedOutcome(linted);
    const { suggestions = [] } = linted.read ?? {};
    const law = readLaw();
    const confirmed = new Set(
      suggestions
        .filter(({ confidence }) => confidences.indexOf(confidence) <= least)
        .map(({ name }) => name),
    );
    const read = linted.read ?? { title: '', clauses: [], suggestions: [] };
    const draft = draftAgreement(read, confirmed, law);
    const text = writeReadDraft(draft, file);
    const out = resolve(at.folder, flags.out);
    try {
      await writeFile(out, text, { flag: 'wx' });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'a fault';
      return refusedOutcome(
        refuse('conflict', 'draft.not-written', `${out} cannot be made (${code}). Give a new file name.`),
      );
    }
    const checked = checkDocument(text, law);
    const problems = checked.ok ? [] : checked.problems;
    return {
      exit: exits.done,
      json: { file, path: out, clauses: read.clauses.length, suggestions, problems } as unknown as Json,
      text: [
        `${out} has ${counted(read.clauses.length, 'clause', 'clauses')} of ${file}, and ${counted(suggestions.length, 'value', 'values')} that were read:`,
        ...suggestions.map(
          (one) => `  - ${one.name}: ${String(one.value).slice(0, 80)}\n      ${inWords(one, file)}`,
        ),
        problems.length === 0
          ? 'It is a whole agreement.'
          : `${counted(problems.length, 'thing is', 'things are')} to be said or confirmed before it is one:\n  chirograph agreement check ${out}`,
      ].join('\n'),
    };
  },
});
