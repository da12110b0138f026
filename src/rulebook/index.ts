export { type Evaluation, evaluate } from './evaluate.ts';
export type { ReleaseFacts } from './facts.ts';
export { loadRulebook, shippedRules } from './load.ts';
export { type Citation, type Rule, type Rulebook, showCitation } from './rule.ts';
export type { Finding, SmallerSet, Verdict } from './verdict.ts';
export { showFindings, verdictWords } from './show.ts';
