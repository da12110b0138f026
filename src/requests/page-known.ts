import { findAgreementById, type KeptAgreement } from '../agreements/index.ts';
import { findPeople, findPublicOrganisations } from '../organisations/index.ts';
import type { Caller, Organisation, Person } from '../organisations/rules.ts';
import type { Db } from '../platform/database.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import { type DataRequest, type Decision, findDecision, findRequest, findRequests } from './store.ts';

/** What a request's page needs to know of a release. Releases come later in the house: main/compose.ts hands them in. */
export type KnownRelease = {
  reference: string;
  requestId: string;
  senderId: string;
  recipientId: string;
  state: 'prepared' | 'refused' | 'withdrawn' | 'sent' | 'collected' | 'destroyed';
  preparedAt: Instant;
  sentAt: Instant | null;
  collectedAt: Instant | null;
  destroyedAt: Instant | null;
  keepUntil: Day | null;
};

/** The releases that the transaction's organisation may see, newest first. */
export type FindReleases = (db: Db) => Promise<KnownRelease[]>;

/** A request with everything its page shows. `people` are the caller's own organisation's, nobody else's. */
export type KnownRequest = {
  request: DataRequest;
  holder: Organisation;
  recipient: Organisation;
  /** Null where the caller's organisation is no party to the agreement that was named. */
  kept: KeptAgreement | null;
  decision: Decision | null;
  people: Person[];
  /** Of this request, newest first. */
  releases: KnownRelease[];
  /** Requests and releases between the same two bodies before this one, with the decisions. */
  past: { requests: { request: DataRequest; decision: Decision | null }[]; releases: KnownRelease[] };
};

/** Reads a request by its reference, with what its page shows; null if the caller's organisation may not see it. */
export async function findKnownRequest(
  db: Db,
  findReleases: FindReleases,
  key: string,
): Promise<KnownRequest | null> {
  const request = await findRequest(db, key);
  if (!request) return null;
  const organisations = await findPublicOrganisations(db);
  const holder = organisations.find((one) => one.id === request.holderId);
  const recipient = organisations.find((one) => one.id === request.recipientId);
  if (!holder || !recipient) throw new Error('A request between organisations that are not there');
  const releases = await findReleases(db);
  const before = (await findRequests(db, 500)).filter(
    (one) => one.id !== request.id && sameBodies(one, request) && one.raisedAt <= request.raisedAt,
  );
  const decided = await Promise.all(
    before.map(async (one) => ({ request: one, decision: await findDecision(db, one.id) })),
  );
  return {
    request,
    holder,
    recipient,
    kept: await findAgreementById(db, request.agreementId),
    decision: await findDecision(db, request.id),
    people: await findPeople(db),
    releases: releases.filter((one) => one.requestId === request.id),
    past: {
      requests: decided,
      releases: releases.filter(
        (one) => one.senderId === request.holderId && one.recipientId === request.recipientId,
      ),
    },
  };
}

/** Whether the caller's organisation is the one that decides. */
export function isHolder(caller: Caller, request: DataRequest): boolean {
  return request.holderId === caller.organisation.id;
}

function sameBodies(one: DataRequest, other: DataRequest): boolean {
  return one.holderId === other.holderId && one.recipientId === other.recipientId;
}
