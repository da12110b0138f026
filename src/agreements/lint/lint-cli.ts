import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { command, exits, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { type Day, londonDay, showDay } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { readText } from '../read/read-text.ts';
import { type Lint, lint } from './lint.ts';
import { type LintLaw, readLintLaw } from './lint-law.ts';
import { partiesOf } from './parties.ts';

const mostBytes = 20_000_000;
const readable = ['.txt', '.md', '.markdown', '.text'];
const severities = ['error', 'warning', 'info'] as const;
type Severity = (typeof severities)[number];

export const agreementLint = command<{ asOf?: string; failOn?: string }, [string]>({
  brief: 'Say what an agreement lacks, what is out of date in it, and what does not fit',
  full: 'Reads an agreement as it is, as text or Markdown. What is missing is said with the law that asks for it, what is out of date with what to say instead.',
  flags: {
    asOf: optionalValue('YYYY-MM-DD', 'The day to read it as of; today if not said'),
    failOn: optionalValue('SEVERITY', 'error, warning or info: end with 11 where it has that or graver'),
  },
  args: [{ brief: 'A .txt or .md file', placeholder: 'FILE' }],
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
    const text = await textOf(resolve(at.folder, file), file);
    if (typeof text !== 'string') return refusedOutcome(text);
    const law = readLintLaw();
    const reading = readText(text);
    const found = lint(reading, law, asOf);
    const parties = partiesOf(reading);
    return {
      exit: failOn && fails(found, law, failOn) ? exits.refused : exits.done,
      json: { file, ...found, parties } as unknown as Json,
      text: inWords(file, found, parties, law),
    };
  },
});

function dayOf(text: string): Day | null {
  const day = new Date(`${text}T00:00:00Z`);
  const real =
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  return real ? (text as Day) : null;
}

async function textOf(path: string, named: string): Promise<string | Refusal> {
  const ending = extname(named).toLowerCase();
  if (!readable.includes(ending)) {
    const says = `${named} is not read: give text (.txt) or Markdown (.md). In Word, save the document as plain text; of a PDF, copy its text into a file.`;
    return refuse('invalid', 'lint.form', says);
  }
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return refuse('not-found', 'agreement.no-file', `There is no file ${named} that can be read.`);
  if (bytes.length > mostBytes)
    return refuse('invalid', 'lint.large', `${named} is larger than 20 MB: it is no agreement.`);
  if (bytes.includes(0))
    return refuse('invalid', 'lint.form', `${named} is not text. Give text (.txt) or Markdown (.md).`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

// A component that must be there and is not is as grave as law that is gone; what does not fit, as a warning.
function fails({ components, outdated, logic }: Lint, law: LintLaw, least: Severity): boolean {
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

function inWords(file: string, found: Lint, parties: readonly string[], law: LintLaw): string {
  const about = (id: string) => law.components.find((one) => one.id === id);
  const of = (status: string) => found.components.filter((one) => one.status === status);
  const [missing, weak, present] = [of('missing'), of('weak'), of('present')];
  const must = missing.filter(({ id }) => about(id)?.importance === 'must');
  const rest = missing.filter(({ id }) => about(id)?.importance !== 'must');
  const lines = [
    `${file}: ${found.title ?? 'no title'}${parties.length > 0 ? `, between ${parties.join(' and ')}` : ''}`,
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
        ({ id, line, text, instead, since }) =>
          `line ${line}: “${text}” (${id}${since ? `, since ${showDay(since as Day)}` : ''})\n      Instead: ${instead}.`,
      ),
    ),
    ...part(
      'Does not fit',
      found.logic.map(({ line, says }) => `line ${line}: ${says}`),
    ),
  ];
  return lines.join('\n');
}

function part(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${heading}:`, ...items.map((item) => `  - ${item}`)];
}
