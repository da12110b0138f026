import { extname, resolve } from 'node:path';
import { command, exits, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { type Day, londonDay, showDay } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import { refuse } from '../../platform/refusal.ts';
import type { Markup, Place } from '../read/reading.ts';
import type { Linted } from './lint.ts';
import { lintFile } from './lint-file.ts';
import { type LintLaw, readLintLaw } from './lint-law.ts';

const severities = ['error', 'warning', 'info'] as const;
type Severity = (typeof severities)[number];

export const agreementLint = command<{ asOf?: string; failOn?: string }, [string]>({
  brief: 'Say what an agreement lacks, what is out of date in it, and what does not fit',
  full: 'Reads an agreement as it is: Word, PDF, text or Markdown. What is missing is said with the law that asks for it, what is out of date with what to say instead.',
  flags: {
    asOf: optionalValue('YYYY-MM-DD', 'The day to read it as of; today if not said'),
    failOn: optionalValue('SEVERITY', 'error, warning or info: end with 11 where it has that or graver'),
  },
  args: [{ brief: 'A .docx, .pdf, .txt or .md file', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const asOf = flags.asOf === undefined ? londonDay(at.now) : dayOf(flags.asOf);
    const failOn = severities.find((one) => one === flags.failOn);
    if (asOf === null)
      return refusedOutcome(
        refuse('invalid', 'lint.as-of', `${flags.asOf} is no day. Write it as 2026-11-22.`),
      );
    if (flags.failOn !== undefined && !failOn) {
      const says = `${flags.failOn} is no severity. Write error, warning or info.`;
      return refusedOutcome(refuse('invalid', 'lint.fail-on', says));
    }
    const found = await lintFile(resolve(at.folder, file), file, asOf);
    if ('ok' in found) return refusedOutcome(found);
    const law = readLintLaw();
    return {
      exit: failOn && fails(found, law, failOn) ? exits.refused : exits.done,
      json: { file, ...found } as unknown as Json,
      text: inWords(file, found, law),
    };
  },
});

function dayOf(text: string): Day | null {
  const day = new Date(`${text}T00:00:00Z`);
  const real =
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  return real ? (text as Day) : null;
}

// A component that must be there and is not is as grave as law that is gone; what does not fit, as a warning.
function fails({ components, outdated, logic }: Linted, law: LintLaw, least: Severity): boolean {
  const must = new Set(law.components.filter(({ importance }) => importance === 'must').map(({ id }) => id));
  const graves: Severity[] = [
    ...components.flatMap(({ id, status }): Severity[] => {
      if (status === 'missing') return [must.has(id) ? 'error' : 'warning'];
      return status === 'weak' ? ['warning'] : [];
    }),
    ...outdated.map(({ severity }) => severity),
    ...logic.map((): Severity => 'warning'),
  ];
  return graves.some((grave) => severities.indexOf(grave) <= severities.indexOf(least));
}

function inWords(file: string, found: Linted, law: LintLaw): string {
  const form = extname(file).toLowerCase();
  const about = (id: string) => law.components.find((one) => one.id === id);
  const of = (status: string) => found.components.filter((one) => one.status === status);
  const [missing, weak, present] = [of('missing'), of('weak'), of('present')];
  const must = missing.filter(({ id }) => about(id)?.importance === 'must');
  const rest = missing.filter(({ id }) => about(id)?.importance !== 'must');
  const lines = [
    `${file}: ${found.title ?? 'no title'}${found.parties.length > 0 ? `, between ${found.parties.join(' and ')}` : ''}`,
    `${counted(present.length, 'component is', 'components are')} there, ${weak.length} in part, ${missing.length} not.`,
    ...part(
      'Missing, and must be there',
      must.map(({ id }) => `${id} ${about(id)?.title}\n      ${about(id)?.instead}`),
    ),
    ...part(
      'Missing, and needed where it applies',
      rest.map(({ id }) => `${id} ${about(id)?.title}`),
    ),
    ...part(
      'There in part',
      weak.map(({ id, lacks }) => `${id} ${about(id)?.title}: it lacks ${lacks.join('; ')}`),
    ),
    ...part(
      'Out of date',
      found.outdated.map(
        ({ id, text, instead, since, ...place }) =>
          `${inPlace(place, form)}: “${text}” (${id}${since ? `, since ${showDay(since as Day)}` : ''})\n      Instead: ${instead}.`,
      ),
    ),
    ...part(
      'Does not fit',
      found.logic.map(
        ({ says, other, ...place }) =>
          `${inPlace(place, form)}${other ? ` and ${inPlace(other, form)}` : ''}: ${says}`,
      ),
    ),
    ...part(
      'In the file, and read as if it were accepted or not there',
      found.markup.map((one) => inMarkup(one, form)),
    ),
  ];
  return lines.join('\n');
}

// Where it is in the file, as a person looks for it.
function inPlace({ line, page, part }: Place, form: string): string {
  const beside = part === undefined ? '' : ` (${part})`;
  if (page !== undefined) return `page ${page}, line ${line}`;
  return `${form === '.docx' ? 'paragraph' : 'line'} ${line}${beside}`;
}

function inMarkup({ place, kind, text, by }: Markup, form: string): string {
  if (kind === 'picture') return `page ${place.page}: a picture, without text. Nothing of it was read.`;
  const who = by === null ? '' : ` by ${by}`;
  return `${inPlace(place, form)}: ${kind}${who}: “${text}”`;
}

function part(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${heading}:`, ...items.map((item) => `  - ${item}`)];
}
