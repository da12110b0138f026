import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandAt, command, exits, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { type Day, londonDay } from '../../platform/pure/dates.ts';
import { lowerFirst, upperFirst } from '../../platform/pure/words.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { lintFolder } from '../survey/survey-cli.ts';
import { lintFile } from './lint-file.ts';
import { type LintLaw, readLintLaw } from './lint-law.ts';
import { withOwnRules } from './own-rules.ts';
import { countsInWords, type Report, reportOf, type ToDo } from './report.ts';
import { gravestOf, isAtLeast, severities } from './severity.ts';

export const agreementLint = command<
  { asOf?: string; failOn?: string; out?: string; rules?: string },
  [string]
>({
  brief: 'Say what an agreement lacks, what is out of date in it, and what does not fit',
  full: 'Reads an agreement as it is: Word, PDF, text or Markdown. What is missing is said with the law that asks for it, what is out of date with what to say instead. Of a folder, every agreement below it is read, and they come back as one table, those that need work most first.',
  flags: {
    asOf: optionalValue('YYYY-MM-DD', 'The day to read it as of; today if not said'),
    failOn: optionalValue('SEVERITY', 'error, warning or info: end with 11 where it has that or graver'),
    rules: optionalValue(
      'FILE',
      'Components and wording that your organisation asks for besides the law (.yaml)',
    ),
    out: optionalValue(
      'FILE',
      'Write a report to a new file: .html to read and forward, .json, or .docx: the Word file with comments. Of a folder: .html, .csv, .xlsx or .json',
    ),
  },
  args: [{ brief: 'A .docx, .pdf, .txt or .md file, or a folder of them', placeholder: 'FILE' }],
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
    const own = await ownRules(at, flags.rules);
    if (!own.ok) return refusedOutcome(own);
    const { law, rules } = own;
    const asked = { path: resolve(at.folder, file), named: file, asOf, rules };
    if ((await stat(asked.path).catch(() => null))?.isDirectory())
      return lintFolder(at, { ...asked, law }, { failOn, out: flags.out });
    const out = flags.out === undefined ? null : resolve(at.folder, flags.out);
    const form = out === null ? null : outForms.find((ending) => out.toLowerCase().endsWith(ending));
    if (form === undefined)
      return refusedOutcome(
        refuse('invalid', 'lint.out', `${flags.out} is no report. Name it .html, .json or .docx.`),
      );
    const linted = await lintFile(asked, form === '.docx' ? { commented: true } : {});
    if (!linted.ok) return refusedOutcome(linted);
    const { found, commented } = linted;
    const report = reportOf(found, law, file, asOf);
    const { titleAt: _, ...told } = found;
    const json = { file, ...told } as unknown as Json;
    if (out !== null) {
      const content =
        form === '.docx'
          ? (commented ?? '')
          : form === '.json'
            ? `${JSON.stringify(json, null, 2)}\n`
            : await reportFile(report, at);
      const refused = await writeNew(out, content);
      if (refused) return refusedOutcome(refused);
    }
    return {
      exit: failOn && isAtLeast(gravestOf(found, law), failOn) ? exits.refused : exits.done,
      json,
      text: out === null ? inWords(report) : `${countsInWords(report)}\n${out} says what to do.`,
    };
  },
});

const mostRules = 1_000_000;

// The law, with the rules of a file added to it.
async function ownRules(
  at: CommandAt,
  file: string | undefined,
): Promise<{ ok: true; law: LintLaw; rules: string | undefined } | Refusal> {
  const law = readLintLaw();
  if (file === undefined) return { ok: true, law, rules: undefined };
  const rules = await readFile(resolve(at.folder, file), 'utf8').catch(() => null);
  if (rules === null)
    return refuse('not-found', 'lint.no-rules', `There is no file ${file} that can be read.`);
  if (rules.length > mostRules)
    return refuse('invalid', 'lint.rules', `${file} is larger than 1 MB: these are no rules.`);
  const read = withOwnRules(law, rules);
  if (read.ok) return { ok: true, law: read.law, rules };
  const says = read.problems.map(({ path, says: why }) => `${path}: ${why}`).join('\n  ');
  return refuse('invalid', 'lint.rules', `${file} has rules that cannot be used.\n  ${says}`);
}

const outForms = ['.html', '.json', '.docx'] as const;

// The page brings its look, which takes a while to load.
async function reportFile(report: Report, { process }: CommandAt): Promise<string> {
  const { standalonePage } = await import('../../platform/http/index.ts');
  const templates = [fileURLToPath(new URL('..', import.meta.url))];
  return standalonePage(templates, 'lint-file.njk', { r: report }, (line) =>
    process.stderr.write(`${line}\n`),
  );
}

async function writeNew(path: string, content: string | Buffer): Promise<Refusal | null> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'a fault';
    return refuse('conflict', 'lint.not-written', `${path} cannot be made (${code}). Give a new file name.`);
  }
}

function dayOf(text: string): Day | null {
  const day = new Date(`${text}T00:00:00Z`);
  const real =
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  return real ? (text as Day) : null;
}

function inWords(report: Report): string {
  const { file, title, parties } = report;
  const lacking = ({ id, heading, instead }: ToDo) => `${id} ${heading}\n      ${instead}`;
  const lines = [
    `${file}: ${title}${parties === '' ? '' : `, between ${parties}`}`,
    countsInWords(report),
    ...part(
      'Out of date: ten minutes’ work',
      report.words.map(
        ({ id, where, quote, says, instead }) =>
          `${upperFirst(where ?? '')}: ${quote} (${id}${says === '' ? '' : `, ${lowerFirst(says.slice(0, -1))}`})\n      Instead: ${instead}.`,
      ),
    ),
    ...part('Missing, and must be there', report.missing.map(lacking)),
    ...part(
      'Does not fit',
      report.faults.map(({ where, says }) => `${where}: ${says}`),
    ),
    ...part(
      'There in part',
      report.weak.map(({ id, heading, says, where }) => `${id} ${heading} (${where}): ${lowerFirst(says)}`),
    ),
    ...part('Missing, and needed where it applies', report.further.map(lacking)),
    ...part(
      'In the file, and read as if it were accepted',
      report.markup.map(({ where, says }) => `${where}: ${says}`),
    ),
  ];
  return lines.join('\n');
}

function part(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${heading}:`, ...items.map((item) => `  - ${item}`)];
}
