import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

// What an agreement has to say, and what it should not say any more, as data: law/components.yaml and law/outdated.yaml.

// Read once, here: a test looks at each for what takes for ever on some text.
const patterns = z.array(z.string().min(1)).min(1);
const anyCase = patterns.transform((all) => all.map((pattern) => new RegExp(pattern, 'dgi')));

const Element = z.strictObject({
  id: z.string(),
  says: z.string(),
  any: anyCase.exactOptional(),
  /** Only where what stands above names the component, by its `topic`. */
  beneath: anyCase.exactOptional(),
  /** What in the same sentence makes it no evidence. */
  not: anyCase.exactOptional(),
  /** Also found in a sentence that says what is left out. */
  denied: z.literal(true).exactOptional(),
  computed: z.enum(['title', 'document-date', 'act', 'section', 'each-act']).exactOptional(),
});

const Component = z.strictObject({
  id: z.string().regex(/^[A-Z]+\d+$/),
  title: z.string(),
  importance: z.enum(['must', 'must-if-any', 'should', 'if-it-applies']),
  source: z.string(),
  instead: z.string(),
  when: anyCase.exactOptional(),
  /** That it is said that there is nothing of it: then it does not apply. */
  none: anyCase.exactOptional(),
  /** What names it, in a heading, in what leads in to a list or in the sentences before. */
  topic: anyCase.exactOptional(),
  elements: z.array(Element).min(1),
});

const Components = z.strictObject({
  schema: z.literal('components/1'),
  sources: z.record(z.string(), z.string()),
  nothing: anyCase,
  items: z.array(Component),
});

const Outdated = z
  .strictObject({
    id: z.string().regex(/^[A-Z]+\d+$/),
    title: z.string(),
    severity: z.enum(['error', 'warning', 'info']),
    since: z.iso.date().nullable(),
    basis: z.literal('memory').exactOptional(),
    any: patterns,
    not: patterns.exactOptional(),
    unless: patterns.exactOptional(),
    exact: z.literal(true).exactOptional(),
    once: z.literal(true).exactOptional(),
    instead: z.string(),
    source: z.string(),
  })
  .transform(({ any, not = [], unless = [], exact, ...rule }) => {
    const made = (all: readonly string[]) => all.map((pattern) => new RegExp(pattern, exact ? 'dg' : 'dgi'));
    return { ...rule, any: made(any), not: made(not), unless: made(unless) };
  });

const OutdatedLaw = z.strictObject({
  schema: z.literal('outdated/1'),
  history: anyCase,
  items: z.array(Outdated),
  /** Which repealed Act it is that some of them cite. */
  repealed: z.record(z.string(), z.string()),
});

// Words that many patterns share stand once at the head of the file, and as {name} in a pattern or in a later word.
const WithWords = z.looseObject({ words: z.record(z.string(), z.string()).default({}) });

function inFull(value: unknown, words: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => inFull(one, words));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inFull(one, words)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => {
    const word = words[name];
    if (word === undefined) throw new Error(`There is no {${name}} at the head of law/components.yaml.`);
    return String(inFull(word, words));
  });
}

export type Element = z.infer<typeof Element>;
export type Component = z.infer<typeof Component>;
export type Outdated = z.infer<typeof Outdated>;

/** What a document is linted by. */
export type LintLaw = {
  components: readonly Component[];
  /** What makes a sentence evidence of nothing. */
  nothing: readonly RegExp[];
  /** What makes a sentence speak of the past. */
  history: readonly RegExp[];
  outdated: readonly Outdated[];
  /** Of out-of-date wording, by its id, which repealed Act it cites. */
  repealed: Readonly<Record<string, string>>;
};

/** Reads the components and the out-of-date wording that are shipped with this version. */
export function readLintLaw(): LintLaw {
  const read = (file: string): unknown =>
    parse(readFileSync(new URL(`../../../law/${file}`, import.meta.url), 'utf8'));
  const { words, ...components } = WithWords.parse(read('components.yaml'));
  const { sources, items, nothing } = Components.parse(inFull(components, words));
  const { history, items: outdated, repealed } = OutdatedLaw.parse(read('outdated.yaml'));
  return {
    components: items.map((item) => ({ ...item, source: lookedUp(item.source, sources) })),
    nothing,
    history,
    outdated,
    repealed,
  };
}

// “002 5.2; 003 3” for people: what they can look up, in full.
function lookedUp(source: string, sources: Record<string, string>): string {
  const parts = source.split('; ').flatMap((part) => {
    const [short = '', ...rest] = part.split(' ');
    const name = sources[short];
    if (name !== undefined) return [[name, ...(rest.length === 0 ? [] : [rest.join(' ')])].join(', ')];
    return /^\d{3}$/.test(short) ? [] : [part];
  });
  return parts.length === 0 ? 'agreements of police bodies' : parts.join('; ');
}
