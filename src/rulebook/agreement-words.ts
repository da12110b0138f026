import { showDay } from '../platform/pure/dates.ts';
import type { ReleaseFacts } from './facts.ts';

/** The words about bodies, agreement and screening that a rule's sentences may use, each told from the facts. */
export const agreementWords = {
  sender: (f) => f.sender.name,
  recipient: (f) => f.recipient.name,
  'recipient.isParty': (f) =>
    f.agreement.parties.includes(f.recipient.slug) ? 'is a party' : 'is not a party',
  purpose: (f) => f.purpose,
  dataSet: (f) => f.dataSet,
  agreement: (f) => f.agreement.reference,
  'agreement.parties': (f) => bodies(f, f.agreement.parties),
  'agreement.purposes': (f) => list(f.agreement.purposes),
  'agreement.startsOn': (f) => showDay(f.agreement.startsOn),
  'agreement.endsOn': (f) => showDay(f.agreement.endsOn),
  'agreement.inForce': inForce,
  'agreement.inForceFix': (f) =>
    f.today < f.agreement.startsOn
      ? `Wait until ${showDay(f.agreement.startsOn)}, or agree an earlier start that every party signs`
      : 'Renew the agreement: agree a new end date that every party signs',
  'agreement.signatures': signatures,
  'agreement.unsigned': (f) => bodies(f, unsigned(f)),
  'agreement.sharesBetween': sharesBetween,
  'share.isAgreed': (f) => (isAgreed(f) ? 'lets' : 'does not let'),
  'agreement.groundsNamed': groundsNamed,
  'agreement.groundsNeeded': (f) => list(groundsNeeded(f).map(textOf)),
  'agreement.groundsLacking': (f) =>
    list(
      groundsNeeded(f)
        .filter((ground) => !ground.named)
        .map(textOf),
    ),
  screening,
  'screening.fix': screeningFix,
} satisfies Record<string, (facts: ReleaseFacts) => string>;

/** `a, b and c`; `nothing` when there is none. */
export function list(parts: string[]): string {
  return parts.length === 0 ? 'nothing' : new Intl.ListFormat('en-GB').format(parts);
}

/** Bodies by name where the facts hold the name, else by slug. */
function bodies(facts: ReleaseFacts, slugs: string[]): string {
  const names = new Map([facts.sender, facts.recipient].map((body) => [body.slug, body.name]));
  return list(slugs.map((slug) => names.get(slug) ?? slug));
}

function inForce({ today, agreement }: ReleaseFacts): string {
  const runs = `runs from ${showDay(agreement.startsOn)} to ${showDay(agreement.endsOn)}, and today is ${showDay(today)}`;
  if (today < agreement.startsOn) return `${agreement.reference} has not started: it ${runs}`;
  if (today > agreement.endsOn) return `${agreement.reference} has ended: it ${runs}`;
  return `${agreement.reference} is in force: it ${runs}`;
}

function unsigned({ agreement }: ReleaseFacts): string[] {
  return agreement.parties.filter((party) => !agreement.signedBy.includes(party));
}

function signatures(facts: ReleaseFacts): string {
  const { parties, signedBy } = facts.agreement;
  const signed = parties.filter((party) => signedBy.includes(party));
  const lacking = unsigned(facts);
  if (lacking.length === 0) return `Signed for ${bodies(facts, signed)}`;
  if (signed.length === 0) return `Signed for no party by a role that may sign`;
  return `Signed for ${bodies(facts, signed)}. Not signed for ${bodies(facts, lacking)} by a role that may sign`;
}

function between({ agreement, sender, recipient }: ReleaseFacts): ReleaseFacts['agreement']['shares'] {
  return agreement.shares.filter((share) => share.from === sender.slug && share.to === recipient.slug);
}

function sharesBetween(facts: ReleaseFacts): string {
  return list(between(facts).map((share) => `${share.dataSet} for ${share.purpose}`));
}

function isAgreed(facts: ReleaseFacts): boolean {
  return between(facts).some((share) => share.dataSet === facts.dataSet && share.purpose === facts.purpose);
}

type Ground = { text: string; named: boolean };

function groundsNeeded({ agreement }: ReleaseFacts): Ground[] {
  const basis = { text: 'a lawful basis', named: agreement.lawfulBasis };
  const power = { text: 'a legal power', named: agreement.gateway };
  return agreement.personalData ? [basis, power] : [power];
}

/** `a lawful basis`, or `a lawful basis and not a legal power`: what is missing is never left to be guessed. */
function groundsNamed(facts: ReleaseFacts): string {
  const needed = groundsNeeded(facts);
  const named = needed.filter((ground) => ground.named).map(textOf);
  const lacking = needed.filter((ground) => !ground.named).map(textOf);
  if (named.length === 0 || lacking.length === 0) return list(named);
  return `${list(named)} and not ${list(lacking)}`;
}

function textOf(ground: Ground): string {
  return ground.text;
}

function screening({ today, dataSet, agreement }: ReleaseFacts): string {
  const { done, on, outcome, reference } = agreement.dpiaScreening;
  if (!done) return `${dataSet} holds personal data, and no screening of it is recorded`;
  if (on === null || outcome === null) return 'The screening is recorded without its date or its outcome';
  if (on > today) return `The screening is dated ${showDay(on)}, which is after today`;
  const results = {
    'dpia-not-needed': 'a DPIA is not needed',
    'dpia-done': 'a DPIA was needed and has been done',
    'dpia-needed': 'a DPIA is needed and has not been done',
  };
  return `Screened on ${showDay(on)}${reference === null ? '' : ` (${reference})`}: ${results[outcome]}`;
}

function screeningFix({ today, dataSet, agreement }: ReleaseFacts): string {
  const { done, on, outcome } = agreement.dpiaScreening;
  if (!done)
    return `Screen ${dataSet} with your data protection officer and record the outcome in the agreement`;
  if (on === null || outcome === null || on > today) return 'Record the day and the outcome of the screening';
  return 'Do the DPIA with your data protection officer and record it in the agreement';
}
