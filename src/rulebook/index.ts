export { type Evaluation, evaluate } from './evaluate.ts';
export type { ReleaseFacts } from './facts.ts';
export { loadRulebook, shippedRules } from './load.ts';
export type { Rulebook } from './rule.ts';
export { showFindings, verdictWords } from './show.ts';
export type { Finding, Verdict } from './verdict.ts';
