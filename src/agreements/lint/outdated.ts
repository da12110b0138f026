import { lineAt, type Reading, type Sentence, sentenceOf } from '../read/reading.ts';
import type { Outdated } from './lint-law.ts';

/** Something that an agreement should not say any more: where, what it says, and what to say instead. */
export type FoundOutdated = {
  id: string;
  line: number;
  text: string;
  severity: Outdated['severity'];
  instead: string;
  since: string | null;
  source: string;
};

/** Looks for out-of-date wording, each place once, but not in what speaks of the past. */
export function findOutdated(
  rule: Outdated,
  history: readonly RegExp[],
  { sentences, headings, apart }: Reading,
): FoundOutdated[] {
  const { any, not, unless } = rule;
  const isIn = (text: string) => (pattern: RegExp) => text.search(pattern) >= 0;
  const said: Sentence[] = [...sentences, ...apart, ...headings.map(sentenceOf)];
  if (said.some(({ text }) => unless.some(isIn(text)))) return [];
  const lines = new Set<number>();
  const found = said.flatMap((sentence, at): FoundOutdated[] => {
    if ([...not, ...history].some(isIn(sentence.text))) return [];
    // “Both had a probation trust. That arrangement came to an end.”
    const next = said[at + 1];
    const isSame = next !== undefined && next.block > 0 && next.block === sentence.block;
    if (isSame && goesOn.test(next.text) && history.some(isIn(next.text))) return [];
    return any.flatMap((pattern) =>
      [...sentence.text.matchAll(pattern)].flatMap((match) => {
        // Of a pattern about two things, the one that is called `here` is the one to change.
        const [from, to] = match.indices?.groups?.['here'] ??
          match.indices?.[0] ?? [match.index, match.index];
        const line = lineAt(sentence, from);
        if (lines.has(line)) return [];
        lines.add(line);
        const { id, severity, instead, since, source } = rule;
        return [{ id, line, text: sentence.text.slice(from, to), severity, instead, since, source }];
      }),
    );
  });
  const inOrder = found.sort((one, other) => one.line - other.line);
  return rule.once ? inOrder.slice(0, 1) : inOrder;
}

const goesOn = /^(?:that|those|both|neither|the latter|this one)\b/i;
