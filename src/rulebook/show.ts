import type { Finding, Verdict } from './verdict.ts';

/** What a verdict means, in a line. */
export const verdictWords: Record<Verdict, string> = {
  share: 'You can share this.',
  'smaller-set': 'You can share a smaller set.',
  refer: 'A person has to decide.',
  refuse: 'This cannot be shared.',
};

/** Findings as text for a terminal: each failing rule whole, then how many pass. */
export function showFindings(findings: readonly Finding[]): string {
  const failing = findings.filter((finding) => finding.outcome === 'fails');
  const passing = findings.length - failing.length;
  const parts = failing.map((finding) =>
    [
      `✗ ${finding.title}`,
      `    Found     ${finding.found}`,
      `    Limit     ${finding.limit}`,
      `    Fixed by  ${finding.fixedBy ?? 'nothing that can be done here'}`,
      `    Law       ${finding.cite.join('\n              ')}`,
      `    Rule      ${finding.rule} (${finding.severity})`,
    ].join('\n'),
  );
  return [...parts, `✓ ${passing} ${passing === 1 ? 'check passes' : 'checks pass'}`].join('\n\n');
}
