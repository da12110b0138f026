import { type Agreement, findAgreement } from '../agreements/index.ts';
import { appendToLedger } from '../ledger/index.ts';
import { findOrganisation } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import type { Database, Db, Tx } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Evaluation, evaluate, type Rulebook } from '../rulebook/index.ts';
import { type Asked, gatherFacts } from './facts.ts';
import { type MakeRequest, mayAsk } from './rules.ts';
import { sealedRequests } from './sealed.ts';
import { type DataRequest, nextReference, partiesOf, saveRequest } from './store.ts';

/** What a request would ask, resolved: the agreement it is under and the body that holds the data. */
export type Resolved = Asked & { agreementId: string };

/**
 * Finds what a form asks for: the holder is whoever the agreement says shares this data set with the caller's
 * organisation. Refuses in words where nothing fits.
 */
async function resolveRequest(
  db: Db,
  caller: Caller,
  given: MakeRequest,
  now: Instant,
): Promise<(Resolved & { ok: true }) | Refusal> {
  if (given.neededBy && given.neededBy < londonDay(now)) {
    const says = 'The day you need it by has passed. Give today or a later day, or leave it empty.';
    return refuse('invalid', 'request.needed-by-past', says, 'neededBy');
  }
  const kept = await findAgreement(db, given.agreement);
  if (!kept) return refuse('not-found', 'request.no-agreement', 'Choose the data you need.', 'agreement');
  const purposes = kept.agreement.terms.purposes.map((one) => one.id);
  if (!purposes.includes(given.purpose)) {
    const says = `${kept.agreement.reference} has no such purpose. Choose one of its purposes.`;
    return refuse('invalid', 'request.no-purpose', says, 'purpose');
  }
  const recipient = caller.organisation;
  const offers = kept.agreement.terms.shares.filter(
    (share) => share.to === recipient.slug && share.dataSet === given.dataSet,
  );
  const offer = offers.find((share) => share.purpose === given.purpose) ?? offers[0];
  const sender = offer && (await findOrganisation(db, offer.from));
  if (!sender) {
    const says = `${kept.agreement.reference} does not share that data with ${recipient.name}. Choose data it shares with you.`;
    return refuse('invalid', 'request.not-offered', says, 'dataSet');
  }
  return {
    ok: true,
    agreementId: kept.id,
    sender,
    recipient,
    dataSet: given.dataSet,
    purpose: given.purpose,
  };
}

/** What the rules would say of a request, before it is sent: nothing is recorded. */
export async function checkRequest(
  database: Database,
  rulebook: Rulebook,
  caller: Caller,
  given: MakeRequest,
  now: Instant,
): Promise<{ ok: true; agreement: Agreement; asked: Resolved; evaluation: Evaluation } | Refusal> {
  return database.read(actorOf(caller), async (db) => {
    const asked = await resolveRequest(db, caller, given, now);
    if (!asked.ok) return asked;
    const kept = await findAgreement(db, given.agreement);
    if (!kept) throw new Error('An agreement was there a moment ago');
    const evaluation = evaluate(rulebook, await gatherFacts(db, kept, asked, now, null));
    return { ok: true, agreement: kept.agreement, asked, evaluation } as const;
  });
}

/** Sends a request to the body that holds the data; both logs record that it was made. */
export async function makeRequest(
  database: Database,
  caller: Caller,
  given: MakeRequest,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; id: string; reference: string } | Refusal> {
  if (!holdsRole(caller, mayAsk)) {
    return refuse(
      'no-authority',
      'request.ask-no-authority',
      'Your role cannot ask for data. Ask a colleague who can.',
    );
  }
  return database.write(actorOf(caller), (tx) =>
    once(tx, key, ['request.make', given], async () => {
      const asked = await resolveRequest(tx, caller, given, now);
      if (!asked.ok) return asked;
      const request = {
        id: newId(),
        reference: await nextReference(tx, now),
        agreementId: asked.agreementId,
        holderId: asked.sender.id,
        recipientId: asked.recipient.id,
        dataSet: given.dataSet,
        purpose: given.purpose,
        need: given.need,
        neededBy: given.neededBy || null,
        state: 'waiting' as const,
        raisedByOrganisation: caller.organisation.id,
        raisedByPerson: caller.person?.id ?? null,
        raisedAt: now,
      };
      await recordRequest(tx, request, underOf(caller, mayAsk), now);
      return { ok: true, id: request.id, reference: request.reference } as const;
    }),
  );
}

/** Keeps a new request that waits, and says so in both parties' logs, in the caller's transaction. */
export async function recordRequest(
  tx: Tx,
  request: DataRequest,
  under: ReturnType<typeof underOf>,
  now: Instant,
): Promise<void> {
  await saveRequest(tx, request);
  await appendToLedger(tx, {
    act: 'request.made',
    at: now,
    by: request.raisedByOrganisation,
    parties: partiesOf(request),
    personId: request.raisedByPerson,
    subject: { type: 'request', id: request.id },
    detail: {
      agreement: request.agreementId,
      dataSet: request.dataSet,
      purpose: request.purpose,
      reference: request.reference,
      ...under,
    },
    seals: [{ of: sealedRequests, key: [request.id] }],
  });
}
