import { showPeriod } from '../platform/pure/dates.ts';
import type { Finding } from '../rulebook/index.ts';
import { leavingInOneLine } from './page-fields.ts';
import type { KnownRequest } from './page-known.ts';
import { dataSetOf, purposeOf, titleOf } from './page-words.ts';
import type { DecideRequest } from './rules.ts';

/** What the other side reads of a decision. */
export type Letter = { paragraphs: string[]; reasons: string; failing: Finding[]; passing: Finding[] };

/**
 * What the recipient reads: shown to who decides before it is sent and to the recipient after, by the same template.
 */
export function letterOf(
  known: Pick<KnownRequest, 'request' | 'holder' | 'kept'>,
  given: Pick<DecideRequest, 'decision' | 'reasons'>,
  findings: readonly Finding[],
): Letter {
  const { request, holder, kept } = known;
  const agreement = kept?.agreement ?? null;
  const asked = `You asked ${holder.name} for ${titleOf(agreement, request.dataSet)}. The purpose: ${purposeOf(agreement, request.purpose)}.`;
  const checks = {
    failing: findings.filter((one) => one.outcome === 'fails'),
    passing: findings.filter((one) => one.outcome === 'passes'),
  };
  if (given.decision === 'refuse') {
    return { paragraphs: [asked, 'We cannot share it.'], reasons: given.reasons, ...checks };
  }
  const dataSet = dataSetOf(agreement, request.dataSet);
  const retention = agreement?.terms.retention.find((one) => one.dataSet === request.dataSet);
  const paragraphs = [
    asked,
    `We agree to share it under ${agreement?.reference ?? 'the agreement'}. What leaves: ${dataSet ? leavingInOneLine(dataSet.fields) : 'what the agreement lists'}.`,
    'We prepare the file, and a second person looks at exactly what leaves before it is sent. You then collect it here.',
    ...(retention
      ? [
          `You may keep it for ${showPeriod(retention.period)} after you collect it. Then destroy it and certify that you have.`,
        ]
      : []),
  ];
  return { paragraphs, reasons: given.reasons, ...checks };
}

/** Reasons to start from, out of what the rules found; empty where they give none. */
export function suggestedReasons(
  decision: DecideRequest['decision'],
  findings: readonly Finding[],
  agreement: string,
): string {
  const failing = findings.filter((one) => one.outcome === 'fails');
  if (decision === 'refuse') return failing.map((one) => `${one.found}.`).join('\n');
  if (failing.length > 0) return '';
  return `${agreement} covers this data for this purpose, and every check passes.`;
}
