import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

// Templates as data: templates/*.yaml, with the clauses that they share in templates/clauses.yaml. See templates/README.md.

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const words = z.string().min(1);

// - C05, C09: A sentence.
const Sentence = z
  .record(words, words)
  .refine((one) => Object.keys(one).length === 1, 'A sentence stands alone, after the components it answers.')
  .transform((one) => {
    const [[answers, text] = ['', '']] = Object.entries(one);
    return { answers: answers.split(/, ?/), text };
  });

const Clause = z.strictObject({
  heading: words,
  /** Once for each data set, rather than once. */
  each: z.literal('data-set').exactOptional(),
  says: z.array(Sentence).min(1),
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const Blank = z.strictObject({
  /** What a form asks, where one does: what a party's entry says is not asked. */
  label: words.exactOptional(),
  /** What a document says is to be filled in, after “say”. */
  say: words,
  /** How it is written in the terms, after what is to be filled in: “such as P1Y”. People who read the words are not told. */
  form: words.exactOptional(),
  /** Asked for in a box of several lines. */
  prose: z.literal(true).exactOptional(),
  usually: scalar.exactOptional(),
  /** The values there are, where there are only some. */
  choices: z.array(scalar).exactOptional(),
  /** What is counted, as one and as several. */
  unit: z.tuple([words, words]).exactOptional(),
  /** How a value reads in words, where it does not read as it is. */
  reads: z.record(z.string(), words).exactOptional(),
});

const Blanks = z.record(z.string(), Blank);
const Clauses = z.record(slug, Clause);
const Outline = z.array(z.strictObject({ opens: slug, clauses: z.array(slug) }));

/** A condition for what a data set holds: `for` is the blank that says what, and the clause. Of one party, or of each. */
const Conditions = z.array(
  z.strictObject({
    condition: z.string(),
    for: z.enum(['special', 'offences']),
    party: slug.exactOptional(),
  }),
);

const terms = z.record(z.string(), z.unknown());

const Shared = z.strictObject({
  schema: z.literal('clauses/1'),
  outline: Outline,
  /** Clauses that outlive the agreement. */
  survive: z.array(slug).min(1),
  clauses: Clauses,
  terms,
  eachDataSet: z.strictObject({ shares: terms, dpia: terms, retention: terms }),
  party: terms,
  conditions: Conditions,
  blanks: Blanks,
  partyBlanks: Blanks,
  dataSetBlanks: Blanks,
});

const Own = z.strictObject({
  schema: z.literal('template/1'),
  name: words,
  use: words,
  type: z.enum(['MoU', 'DSA', 'ISA']),
  title: words,
  /** Each party, as it is called in the words. */
  parties: z.tuple([
    z.strictObject({ id: slug, called: words }),
    z.strictObject({ id: slug, called: words }),
  ]),
  /** Who gives to whom. */
  flows: z.array(z.strictObject({ from: slug, to: slug })).min(1),
  outline: Outline.exactOptional(),
  clauses: Clauses,
  blanks: Blanks.exactOptional(),
  /** What blanks usually say in agreements of this kind. */
  values: z.record(z.string(), scalar).exactOptional(),
  conditions: Conditions.exactOptional(),
  terms,
});

export type Clause = z.infer<typeof Clause>;
export type Blank = z.infer<typeof Blank>;
export type Value = z.infer<typeof scalar>;

/** A kind of agreement to start from: its own words where it has them, and those that all have in common. */
export type Template = Omit<z.infer<typeof Shared>, 'schema'> &
  Pick<z.infer<typeof Own>, 'name' | 'use' | 'type' | 'title' | 'parties' | 'flows'> & {
    id: TemplateId;
    values: Record<string, Value>;
  };

/** The templates there are, in the order in which they are offered. */
export const templateIds = ['dsa', 'isa', 'mou', 'opcc-police', 'council-police', 'wales'] as const;
export type TemplateId = (typeof templateIds)[number];

/** Reads the templates that are shipped with this version. */
export function readTemplates(): Template[] {
  const { schema: _, ...shared } = Shared.parse(read('clauses'));
  return templateIds.map((id) => {
    const { schema: __, clauses, blanks = {}, values = {}, terms, ...own } = Own.parse(read(id));
    return {
      ...shared,
      ...own,
      id,
      values,
      clauses: { ...shared.clauses, ...clauses },
      blanks: { ...shared.blanks, ...blanks },
      terms: { ...terms, ...shared.terms },
    };
  });
}

function read(name: string): unknown {
  return parse(readFileSync(new URL(`../../../templates/${name}.yaml`, import.meta.url), 'utf8'));
}
