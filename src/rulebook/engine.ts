import {
  preparsePolicySet,
  preparseSchema,
  type StaticPolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import { type CedarRequest, cedarRequest } from './cedar-request.ts';
import type { ReleaseFacts } from './facts.ts';
import { inForce, type Rule, type Rulebook } from './rule.ts';

/** What Cedar answers: the rules that look at this case, and those of them that forbid it. */
export type Ruling = { looking: Rule[]; forbidding: ReadonlySet<Rule> };

/**
 * Puts the facts to every rule in force on `facts.today`. Cedar skips a rule that errors, and so would let through
 * what that rule forbids: here any error is a fault, and so is a `deny` that no rule explains.
 */
export function applyRules(rulebook: Rulebook, facts: ReleaseFacts): Ruling {
  const rules = rulebook.rules.filter((rule) => inForce(rule, facts.today));
  if (rules.length === 0) throw new Error(`The rulebook has no rule in force on ${facts.today}`);
  const request = cedarRequest(facts);

  const looking = ask(rulebook, rules, 'looks', request);
  const looks = rules.filter((rule) => looking.reasons.includes(rule.id));

  const { decision, reasons } = ask(rulebook, rules, 'forbids', request);
  const forbids = looks.filter((rule) => reasons.includes(rule.id));
  const explained = decision === 'allow' ? reasons.join() === 'permit' : reasons.length > 0;
  if (!explained || (decision === 'deny' && forbids.length !== reasons.length)) {
    throw new Error(
      `Cedar says ${decision} because of "${reasons.join(', ')}": the rules do not explain that`,
    );
  }
  return { looking: looks, forbidding: new Set(forbids) };
}

type Answer = { decision: 'allow' | 'deny'; reasons: string[] };

/** `looks`: every rule's scope and `when`, as permits. `forbids`: the rules themselves and the one permit. */
function ask(
  rulebook: Rulebook,
  rules: Rule[],
  question: 'looks' | 'forbids',
  request: CedarRequest,
): Answer {
  const preparsedPolicySetId = `${rulebook.hash} ${question} ${rules.map((rule) => rule.id).join()}`;
  prepare(preparsedPolicySetId, () =>
    preparsePolicySet(preparsedPolicySetId, { staticPolicies: policies(rulebook, rules, question) }),
  );
  prepare(rulebook.hash, () => preparseSchema(rulebook.hash, rulebook.schema));
  const answer = statefulIsAuthorized({
    ...request,
    preparsedSchemaName: rulebook.hash,
    preparsedPolicySetId,
    validateRequest: true,
    entities: [],
  });
  if (answer.type === 'failure') throw fault(answer.errors);
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) throw fault(diagnostics.errors.map((failed) => failed.error));
  return { decision, reasons: diagnostics.reason };
}

function policies(rulebook: Rulebook, rules: Rule[], question: 'looks' | 'forbids'): StaticPolicySet {
  return question === 'looks'
    ? Object.fromEntries(rules.map((rule) => [rule.id, rule.looksAt]))
    : { permit: rulebook.permit, ...Object.fromEntries(rules.map((rule) => [rule.id, rule.policy])) };
}

/** What Cedar has parsed and keeps, by name: parsing is most of the cost of an answer. */
const prepared = new Set<string>();

function prepare(name: string, parse: () => ReturnType<typeof preparseSchema>): void {
  if (prepared.has(name)) return;
  const answer = parse();
  if (answer.type === 'failure') throw fault(answer.errors);
  prepared.add(name);
}

function fault(errors: { message: string }[]): Error {
  return new Error(`The rules could not be applied: ${errors.map((error) => error.message).join('; ')}`);
}
