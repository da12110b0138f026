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
  elements: z.array(Element).min(1),
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

export type Element = z.infer<typeof Element>;
export type Component = z.infer<typeof Component>;
export type Outdated = z.infer<typeof Outdated>;

/** What a document is linted by. */
export type LintLaw = { components: readonly Component[]; outdated: readonly Outdated[] };

/** Reads the components and the out-of-date wording that are shipped with this version. */
export function readLintLaw(): LintLaw {
  const read = (file: string): unknown =>
    parse(readFileSync(new URL(`../../../law/${file}`, import.meta.url), 'utf8'));
  return {
    components: z
      .strictObject({ schema: z.literal('components/1'), items: z.array(Component) })
      .parse(read('components.yaml')).items,
    outdated: z
      .strictObject({ schema: z.literal('outdated/1'), items: z.array(Outdated) })
      .parse(read('outdated.yaml')).items,
  };
}
