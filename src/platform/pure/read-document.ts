import { type ErrorCode, parseDocument } from 'yaml';
import type { z } from 'zod';

// Documents that people write, as YAML or JSON, and what is wrong with one in words that say where.

/** One thing wrong with a document: where (`terms.shares[0].to`, `line 3`, `document`), and what to do. */
export type Problem = { path: string; says: string };

const longest = 1_000_000; // characters

const yamlFaults: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'This name is given twice. Keep one of them.',
  MULTIPLE_DOCS: 'A second document starts here. Put one document in a file.',
  TAG_RESOLVE_FAILED: 'There is a tag here (a word that starts with !). Take it out.',
};

// The text may come from anybody. No tags (they name types of YAML's own), no aliases (a few lines of
// them unfold to gigabytes) and no repeated keys (a reader would see one value, and a program another).
/** Reads plain YAML or JSON from anybody. */
export function readYaml(text: string): { ok: true; value: unknown } | { ok: false; problems: Problem[] } {
  const refuse = (path: string, says: string) => ({ ok: false as const, problems: [{ path, says }] });
  if (text.length > longest)
    return refuse('document', 'This is over a million characters: too long to read.');
  const parsed = parseDocument(text, { schema: 'core', resolveKnownTags: false, uniqueKeys: true });
  const faults = [...parsed.errors, ...parsed.warnings].map((fault) => ({
    path: fault.linePos ? `line ${fault.linePos[0].line}` : 'document',
    says:
      yamlFaults[fault.code] ?? `This is not plain YAML or JSON: ${fault.message.split(/ at line /, 1)[0]}.`,
  }));
  if (faults.length > 0) return { ok: false, problems: faults };
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: 0 });
    const halves = halfCharacters(value, '');
    return halves.length === 0 ? { ok: true, value } : { ok: false, problems: halves };
  } catch (fault) {
    if (!(fault instanceof ReferenceError)) throw fault;
    return refuse(
      'document',
      'A document is written out in full. Replace each alias (*name) with its value.',
    );
  }
}

// Half of a surrogate pair, which an escape can ask for, is no text: nothing that holds one has a digest (RFC 8785 s.3.2.2.2).
function halfCharacters(value: unknown, path: string): Problem[] {
  const says = 'This holds half of a character. Write the whole character, or take it out.';
  if (typeof value === 'string') return value.isWellFormed() ? [] : [{ path: path || 'document', says }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const step = Array.isArray(value) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`;
    return key.isWellFormed() ? halfCharacters(part, `${path}${step}`) : [{ path: path || 'document', says }];
  });
}

/** A fault of a document's shape, as a problem. */
export function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return { path: path.replace(/^\./, '') || 'document', says: issue.message };
}

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of named values',
};

/** What to say of each kind of fault: give it to a schema's `safeParse` as `error`. */
export function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This is missing. Add it.';
      if (issue.expected === 'string') return 'This must be text. Put it in quotation marks.';
      return `This must be ${kinds[issue.expected] ?? issue.expected}.`;
    case 'unrecognized_keys':
      return `There is no such part here: ${issue.keys.join(', ')}. Check the spelling, or take it out.`;
    case 'invalid_value':
      if (issue.input === undefined) return `This is missing. Choose one of: ${issue.values.join(', ')}.`;
      return `This must be one of: ${issue.values.join(', ')}.`;
    case 'too_small':
      return 'This is too short or too small.';
    default:
      return 'This is not in the form that is needed here.';
  }
}
