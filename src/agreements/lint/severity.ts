import type { Linted } from './lint.ts';
import type { LintLaw } from './lint-law.ts';

/** How grave something is, the gravest first. */
export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Whether something is as grave as `least`, or graver. Nothing at all is not. */
export function isAtLeast(gravest: Severity | null, least: Severity): boolean {
  return gravest !== null && severities.indexOf(gravest) <= severities.indexOf(least);
}

/**
 * The gravest thing about a document. A part that must be there and is not is as grave as law that is gone; what does not fit, as a
 * warning.
 */
export function gravestOf({ components, outdated, logic }: Linted, law: LintLaw): Severity | null {
  const must = new Set(law.components.filter(({ importance }) => importance === 'must').map(({ id }) => id));
  const graves: Severity[] = [
    ...components.flatMap(({ id, status }): Severity[] => {
      if (status === 'missing') return [must.has(id) ? 'error' : 'warning'];
      return status === 'weak' ? ['warning'] : [];
    }),
    ...outdated.map(({ severity }) => severity),
    ...logic.map((): Severity => 'warning'),
  ];
  return severities.find((severity) => graves.includes(severity)) ?? null;
}
