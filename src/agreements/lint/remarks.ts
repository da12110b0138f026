import { type Day, showDay } from '../../platform/pure/dates.ts';
import { inOneLine } from '../../platform/pure/words.ts';
import type { Linted } from './lint.ts';
import type { LintLaw } from './lint-law.ts';
import type { Remark } from './word-comments.ts';

/** What was found in a Word file, as comments at its paragraphs. What is missing has no place, and stands at the title. */
export function remarksOf(found: Linted, law: LintLaw): Remark[] {
  const about = new Map(law.components.map((one) => [one.id, one]));
  const of = (status: string) =>
    found.components.flatMap((one) => {
      const component = about.get(one.id);
      return component && one.status === status ? [{ ...one, component }] : [];
    });
  const missing = of('missing').map(
    ({ id, component }) =>
      `${id} ${component.title}${component.importance === 'must' ? '' : ', where it applies'}: ${component.instead} (${component.source})`,
  );
  const remarks: Remark[] = [
    ...(missing.length === 0
      ? []
      : [
          {
            paragraph: found.titleAt?.line ?? 1,
            text: ['Missing from this agreement:', ...missing].join('\n'),
          },
        ]),
    ...of('weak').map(({ id, component, lacks, evidence }) => ({
      paragraph: evidence[0]?.line ?? 1,
      text: `${id} ${component.title} is there in part. It lacks ${inOneLine(lacks)}.\n${component.instead} (${component.source})`,
    })),
    ...found.outdated.map(({ id, line, text, instead, since, source }) => ({
      paragraph: line,
      text: `${id} Out of date${since === null ? '' : ` since ${showDay(since as Day)}`}: “${text}”.\nInstead: ${instead}. (${source})`,
    })),
    ...found.logic.map(({ line, says }) => ({ paragraph: line, text: says })),
  ];
  return remarks.toSorted((one, other) => one.paragraph - other.paragraph);
}
