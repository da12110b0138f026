import { findAgreementById } from '../agreements/index.ts';
import { appendToLedger } from '../ledger/index.ts';
import { findNames } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import type { Database, Db, Tx } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Evaluation, evaluate, type Rulebook } from '../rulebook/index.ts';
import { type AboutTheRelease, type Asked, gatherFacts } from './facts.ts';
import { type DecideRequest, mayDecide, requestCan } from './rules.ts';
import { sealedDecisions, sealedRequests } from './sealed.ts';
import {
  type DataRequest,
  type Decision,
  findRequest,
  moveRequest,
  partiesOf,
  saveDecision,
} from './store.ts';

/** What a kept request asks, with its parties' names. */
export async function askedOf(db: Db, request: DataRequest): Promise<Asked> {
  const known = await findNames(db, [request.holderId, request.recipientId]);
  const sender = known.get(request.holderId);
  const recipient = known.get(request.recipientId);
  if (!sender || !recipient) throw new Error('A request between organisations that are not there');
  return { sender, recipient, dataSet: request.dataSet, purpose: request.purpose };
}

/** What the rules say of a request now, to its holder. */
export async function judgeRequest(
  db: Db,
  rulebook: Rulebook,
  request: DataRequest,
  now: Instant,
  release: AboutTheRelease = null,
): Promise<Evaluation> {
  const kept = await findAgreementById(db, request.agreementId);
  if (!kept) throw new Error('A request under an agreement that its holder cannot see');
  return evaluate(rulebook, await gatherFacts(db, kept, await askedOf(db, request), now, release));
}

/**
 * A person of the holder answers a request. What a `must` rule forbids nobody can agree to: then only a refusal is
 * left, or correcting the facts. Agreed or refused, both logs record it, with the rules that failed.
 */
export async function decideRequest(
  database: Database,
  rulebook: Rulebook,
  caller: Caller,
  requestKey: string,
  given: DecideRequest,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; reference: string; decision: 'share' | 'refuse' } | Refusal> {
  if (!holdsRole(caller, mayDecide)) {
    const says =
      'Your role cannot decide requests. The information asset owner or the single point of contact can.';
    return refuse('no-authority', 'request.decide-no-authority', says);
  }
  return database.write(actorOf(caller), (tx) =>
    once(tx, key, ['request.decide', requestKey, given], async () => {
      const request = await findRequest(tx, requestKey);
      if (request?.holderId !== caller.organisation.id) {
        return refuse(
          'not-found',
          'request.not-found',
          'There is no such request for your organisation to decide.',
        );
      }
      const evaluation = await judgeRequest(tx, rulebook, request, now);
      if (given.decision === 'share' && evaluation.verdict === 'refuse') {
        const says =
          'The law or the agreement forbids this, so it cannot be shared. Refuse it, or mend what fails first.';
        return refuse('rules', 'request.forbidden', says, 'decision');
      }
      const moved = await recordDecision(
        tx,
        caller,
        request,
        evaluation,
        given,
        { person: caller.person?.id ?? null },
        now,
      );
      if (!moved)
        return refuse('conflict', 'request.decided-already', 'This request has been decided already.');
      return { ok: true, reference: request.reference, decision: given.decision } as const;
    }),
  );
}

/**
 * Keeps a decision and moves the request on, in the caller's transaction: the act is in both logs with it. False if
 * the request no longer waits. A refusal names the rules that failed, so that it can be looked into without the data.
 */
export async function recordDecision(
  tx: Tx,
  caller: Caller,
  request: DataRequest,
  evaluation: Evaluation,
  given: DecideRequest,
  decidedBy: Decision['decidedBy'],
  now: Instant,
): Promise<boolean> {
  const agreed = given.decision === 'share';
  if (!requestCan('decide', request.state)) return false;
  if (!(await moveRequest(tx, request.id, request.state, agreed ? 'agreed' : 'refused'))) return false;
  const decision = {
    id: newId(),
    ...given,
    verdict: evaluation.verdict,
    findings: evaluation.findings,
    decidedBy,
    rulebook: evaluation.rulebook,
    factsHash: evaluation.factsHash,
    decidedAt: now,
  };
  await saveDecision(tx, request, decision);
  await appendToLedger(tx, {
    act: agreed ? 'request.agreed' : 'request.refused',
    at: now,
    by: caller.organisation.id,
    parties: partiesOf(request),
    personId: caller.person?.id ?? null,
    subject: { type: 'request', id: request.id },
    detail: {
      decidedBy: 'agreement' in decidedBy ? 'agreement' : 'person',
      decision: decision.id,
      facts: evaluation.factsHash,
      failing: failingRules(evaluation),
      reference: request.reference,
      rulebook: evaluation.rulebook,
      verdict: evaluation.verdict,
      ...('agreement' in decidedBy ? {} : underOf(caller, mayDecide)),
    },
    seals: [
      { of: sealedRequests, key: [request.id] },
      { of: sealedDecisions, key: [decision.id] },
    ],
  });
  return true;
}

/** The ids of the rules that fail, for the ledger. */
export function failingRules(evaluation: Evaluation): string[] {
  return evaluation.findings.filter((finding) => finding.outcome === 'fails').map((finding) => finding.rule);
}
