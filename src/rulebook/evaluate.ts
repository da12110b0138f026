import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { showAlternative } from './data-words.ts';
import { applyRules, type Ruling } from './engine.ts';
import { type Alternative, isPrepared, type ReleaseFacts, releaseFactsSchema } from './facts.ts';
import { inForce, type Rule, type Rulebook, showCitation } from './rule.ts';
import { byImportance, type Finding, type SmallerSet, type Verdict, verdictOf } from './verdict.ts';
import { fill } from './words.ts';

/** A verdict and why. `rulebook` and `factsHash` (`sha256:`, of the facts' RFC 8785 text) let it be checked again. */
export type Evaluation = {
  verdict: Verdict;
  findings: Finding[];
  smallerSet: SmallerSet | null;
  rulebook: string;
  factsHash: string;
};

/**
 * The rules' verdict on some facts, with a finding for every rule that looks at the case, failing first.
 * Throws if the facts are incomplete or a rule cannot be applied: that is a fault, never a pass.
 */
export function evaluate(rulebook: Rulebook, facts: ReleaseFacts): Evaluation {
  const checked = releaseFactsSchema.parse(facts);
  const ruling = applyRules(rulebook, checked);
  const { alternative, smallerSet } = smallerSetOf(rulebook, checked, ruling);
  const findings = ruling.looking
    .map((rule) => findingOf(rule, ruling.forbidding.has(rule), checked, alternative))
    .sort(byImportance);
  return {
    verdict: verdictOf(findings, smallerSet),
    findings,
    smallerSet,
    rulebook: rulebook.hash,
    factsHash: `sha256:${sha256Hex(canonicalJson(checked))}`,
  };
}

function findingOf(
  rule: Rule,
  fails: boolean,
  facts: ReleaseFacts,
  alternative: Alternative | null,
): Finding {
  return {
    rule: rule.id,
    title: rule.title,
    severity: rule.severity,
    outcome: fails ? 'fails' : 'passes',
    found: fill(rule.found, facts, alternative),
    limit: fill(rule.limit, facts, alternative),
    fixedBy: fails ? fill(rule.fix, facts, alternative) : null,
    cite: rule.cite.filter((citation) => inForce(citation, facts.today)).map(showCitation),
  };
}

type Smaller = { alternative: Alternative | null; smallerSet: SmallerSet | null };

/**
 * Puts the alternative that holds back the fewest rows to the same rules. It is worth naming if it lets a failing
 * rule pass (`alternative`), and it is the smaller set if no `must` fails any more.
 */
function smallerSetOf(rulebook: Rulebook, facts: ReleaseFacts, { forbidding }: Ruling): Smaller {
  const none = { alternative: null, smallerSet: null };
  const best = isPrepared(facts) ? fewestHeldBack(facts.data.alternatives) : undefined;
  if (!isPrepared(facts) || !best || forbidding.size === 0) return none;

  const smaller = { ...facts, data: { ...facts.data, heldBack: best.heldBack, alternatives: [] } };
  const still = applyRules(rulebook, smaller).forbidding;
  if (still.size === forbidding.size) return none;
  const passes = someMust(forbidding) && !someMust(still);
  return {
    alternative: best,
    smallerSet: passes ? { leaveOut: [best.leaveOut], says: showAlternative(best) } : null,
  };
}

function fewestHeldBack(alternatives: Alternative[]): Alternative | undefined {
  return alternatives.toSorted((a, b) => a.heldBack - b.heldBack)[0];
}

function someMust(rules: ReadonlySet<Rule>): boolean {
  return [...rules].some((rule) => rule.severity === 'must');
}
