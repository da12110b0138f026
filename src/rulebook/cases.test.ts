import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate, type Finding, loadRulebook } from './index.ts';
import { casesIn, copyOfRulebook, rulebookFolder } from './testing.fixture.ts';

const rulebook = loadRulebook(rulebookFolder);
const allowed = casesIn('ALLOW');
const denied = casesIn('DENY');
const ids = rulebook.rules.map((rule) => rule.id);

function rulesThat(outcome: Finding['outcome'], findings: Finding[]): string[] {
  return findings.filter((finding) => finding.outcome === outcome).map((finding) => finding.rule);
}

describe('cases that are allowed', () => {
  test.each(allowed)('$name', ({ facts, passes }) => {
    const { verdict, findings } = evaluate(rulebook, facts);
    expect(rulesThat('fails', findings)).toEqual([]);
    expect(rulesThat('passes', findings)).toEqual(expect.arrayContaining(passes));
    expect(verdict).toBe('share');
  });
});

describe('cases that are denied, by exactly these rules [R31]', () => {
  test.each(denied)('$name', ({ facts, fails, verdict }) => {
    const evaluation = evaluate(rulebook, facts);
    expect(rulesThat('fails', evaluation.findings)).toEqual([...fails].sort());
    expect(evaluation.verdict).toBe(verdict);
  });
});

describe('every rule has its cases', () => {
  test.each(ids)('%s is seen to pass and, alone, to fail', (id) => {
    expect(allowed.some((one) => one.passes.includes(id))).toBe(true);
    expect(denied.some((one) => one.fails.join() === id)).toBe(true);
  });

  test.each(ids)('without %s, a case that it denies would be allowed', (id) => {
    const folder = copyOfRulebook();
    rmSync(join(folder, `${id}.cedar`));
    const without = loadRulebook(folder);
    const itsCases = denied.filter((one) => one.fails.includes(id));
    expect(itsCases.map((one) => evaluate(without, one.facts).verdict)).toContain('share');
  });
});
