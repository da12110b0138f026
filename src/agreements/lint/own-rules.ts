import { z } from 'zod';
import { inPlainWords, type Problem, problemOf, readYaml } from '../../platform/pure/read-document.ts';
import type { LintLaw } from './lint-law.ts';
import { phraseFault, phrasePattern } from './phrases.ts';

// What an organisation asks of its agreements besides the law: components and wording of its own template, in a file of its own.

const phrases = z
  .array(
    z.string().superRefine((phrase, context) => {
      const fault = phraseFault(phrase);
      if (fault !== null) context.addIssue({ code: 'custom', message: fault });
    }),
  )
  .min(1)
  .max(50)
  .transform((all) => all.map(phrasePattern));
const id = z
  .string()
  .regex(/^[A-Z]{1,6}\d{1,4}$/, 'Write capitals and a number, such as OWN1, that no rule of the law has.');
const words = z.string().min(1).max(500);

const OwnRules = z.strictObject({
  schema: z.literal('rules/1'),
  components: z
    .array(
      z.strictObject({
        id,
        title: words,
        importance: z.enum(['must', 'should']),
        source: words,
        instead: words,
        elements: z
          .array(
            z.strictObject({
              id: words,
              says: words,
              any: phrases,
              not: phrases.exactOptional(),
              denied: z.literal(true).exactOptional(),
            }),
          )
          .min(1)
          .max(20),
      }),
    )
    .max(100)
    .default([]),
  outdated: z
    .array(
      z
        .strictObject({
          id,
          title: words,
          severity: z.enum(['error', 'warning', 'info']),
          since: z.iso.date().nullable().default(null),
          any: phrases,
          not: phrases.default([]),
          instead: words,
          source: words,
        })
        .transform((rule) => ({ ...rule, unless: [] })),
    )
    .max(100)
    .default([]),
});

/** The law with an organisation's own rules added to it. An id that is there already is a problem: no rule of the law is changed. */
export function withOwnRules(
  law: LintLaw,
  text: string,
): { ok: true; law: LintLaw } | { ok: false; problems: Problem[] } {
  const read = readYaml(text);
  if (!read.ok) return read;
  const shaped = OwnRules.safeParse(read.value, { error: inPlainWords });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  const { components, outdated } = shaped.data;
  const seen = new Set([...law.components, ...law.outdated].map((rule) => rule.id));
  const problems = [
    ...components.map((rule, at) => ({ id: rule.id, path: `components[${at}].id` })),
    ...outdated.map((rule, at) => ({ id: rule.id, path: `outdated[${at}].id` })),
  ].flatMap((rule): Problem[] => {
    if (seen.has(rule.id))
      return [{ path: rule.path, says: `${rule.id} is there already. Give it another id.` }];
    seen.add(rule.id);
    return [];
  });
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    law: {
      ...law,
      components: [...law.components, ...components],
      outdated: [...law.outdated, ...outdated],
    },
  };
}
