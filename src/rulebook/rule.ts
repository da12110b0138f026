import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import type { Day } from '../platform/pure/dates.ts';

const day = z.iso.date();

/** What stands above a rule in its `.cedar` file: who it is, what it says to people, its law and its dates. */
export const annotationsSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  says: z.string().min(1),
  found: z.string().min(1),
  limit: z.string().min(1),
  fix: z.string().min(1),
  cite: z.string().min(1),
  from: day,
  until: day.optional(),
  severity: z.enum(['must', 'should']),
});

/** One entry of `citations.yaml`. */
export const citationSchema = z.strictObject({
  law: z.string().min(1),
  section: z.string().min(1),
  about: z.string().min(1),
  source: z.string().min(1),
  from: day.nullable(),
  until: day.nullable(),
  verifiedAsOf: day.nullable(),
});

/** Where a rule comes from. `verifiedAsOf` is the date of the text that was read; null: not read at its source. */
export type Citation = z.infer<typeof citationSchema>;

/** `must` is law or signed terms: nobody overrides it. `should` is advice: a person may, with a reason. */
export type Severity = 'must' | 'should';

/** A rule as loaded. `found`, `limit` and `fix` are sentences with `{words}` to fill in. */
export type Rule = {
  id: string;
  title: string;
  says: string;
  found: string;
  limit: string;
  fix: string;
  cite: Citation[];
  from: Day;
  until: Day | null;
  severity: Severity;
  /** The Cedar text. */
  policy: string;
  /** The cases the rule looks at: its action and its `when`, as a permit. */
  looksAt: PolicyJson;
};

/** A rulebook that parsed, validated and may be evaluated. */
export type Rulebook = {
  /** `sha256:` over the names and bytes of its files. */
  hash: string;
  schema: string;
  permit: string;
  rules: Rule[];
};

/** Is it in force on this day? The first and last day are. */
export function inForce(dated: { from: Day | null; until: Day | null }, today: Day): boolean {
  return (dated.from === null || dated.from <= today) && (dated.until === null || today <= dated.until);
}

/** A citation as people read it; it says when its wording was not verified. */
export function showCitation(citation: Citation): string {
  return `${citationName(citation)}${citation.verifiedAsOf === null ? ' (not verified)' : ''}`;
}

/** The name a rule's `@cite` uses: law and section. */
export function citationName(citation: Citation): string {
  return `${citation.law} ${citation.section}`;
}
