import type { Severity } from './rule.ts';

/** What the rules say. A person gives the decision. */
export type Verdict = 'share' | 'smaller-set' | 'refer' | 'refuse';

/** One rule's result, in the words people read. */
export type Finding = {
  rule: string;
  title: string;
  severity: Severity;
  outcome: 'fails' | 'passes';
  found: string;
  limit: string;
  /** What would make it pass; null where it passes. */
  fixedBy: string | null;
  /** Citations in force that day; one whose wording was not verified says so. */
  cite: string[];
};

/** The fields to leave out so that every `must` passes, and the sentence that says so. */
export type SmallerSet = { leaveOut: string[]; says: string };

/**
 * The verdict of some findings. A failing `must` refuses unless a smaller set passes; a failing `should` alone
 * refers the matter to a person.
 */
export function verdictOf(findings: Finding[], smallerSet: SmallerSet | null): Verdict {
  const failing = findings.filter((finding) => finding.outcome === 'fails');
  if (failing.length === 0) return 'share';
  if (failing.every((finding) => finding.severity === 'should')) return 'refer';
  return smallerSet ? 'smaller-set' : 'refuse';
}

/** The order findings are shown in: failing first, then `must` before `should`, then by rule. */
export function byImportance(a: Finding, b: Finding): number {
  return compare(rank(a), rank(b)) || compare(a.rule, b.rule);
}

function rank(finding: Finding): number {
  return (finding.outcome === 'fails' ? 0 : 2) + (finding.severity === 'must' ? 0 : 1);
}

function compare<T extends string | number>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
