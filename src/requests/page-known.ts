import { findAgreementById, type KeptAgreement } from '../agreements/index.ts';
import { findNames, findPeople } from '../organisations/index.ts';
import type { Caller, Organisation, Person } from '../organisations/rules.ts';
import type { Db } from '../platform/database.ts';
import { type Day, type Instant, londonDay } from '../platform/pure/dates.ts';
import { type DataRequest, type Decision, findDecisions, findRequest, findRequestsBetween } from './store.ts';

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

/** How releases are found that the transaction's organisation may see, newest first. */
export type FindReleases = {
  /** Up to `limit` of each of some requests. */
  ofRequests(db: Db, requestIds: readonly string[], limit: number): Promise<KnownRelease[]>;
  /** From one body to another. */
  between(db: Db, senderId: string, recipientId: string, limit: number): Promise<KnownRelease[]>;
  /** How many from one body to another should have been destroyed before a day. */
  overdue(db: Db, senderId: string, recipientId: string, today: Day): Promise<number>;
};

/** How far back a partner's past is looked at: so many requests, and so many releases. */
export const mostPast = 100;

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
  /**
   * The newest requests and releases between the same two bodies before this one, up to `mostPast` of each, with the
   * decisions; and how many releases of all time are overdue to be destroyed.
   */
  past: {
    requests: { request: DataRequest; decision: Decision | null }[];
    releases: KnownRelease[];
    overdue: number;
  };
};

/** Reads a request by its reference, with what its page shows; null if the caller's organisation may not see it. */
export async function findKnownRequest(
  db: Db,
  find: FindReleases,
  key: string,
  now: Instant,
): Promise<KnownRequest | null> {
  const request = await findRequest(db, key);
  if (!request) return null;
  const { id, holderId, recipientId } = request;
  const organisations = await findNames(db, [holderId, recipientId]);
  const holder = organisations.get(holderId);
  const recipient = organisations.get(recipientId);
  if (!holder || !recipient) throw new Error('A request between organisations that are not there');
  const newest = await findRequestsBetween(db, request, mostPast + 1);
  const before = newest.filter((one) => one.id !== id).slice(0, mostPast);
  const decisions = await findDecisions(db, [id, ...before.map((one) => one.id)]);
  return {
    request,
    holder,
    recipient,
    kept: await findAgreementById(db, request.agreementId),
    decision: decisions.get(id) ?? null,
    people: await findPeople(db, londonDay(now)),
    releases: await find.ofRequests(db, [id], mostPast),
    past: {
      requests: before.map((one) => ({ request: one, decision: decisions.get(one.id) ?? null })),
      releases: await find.between(db, holderId, recipientId, mostPast),
      overdue: await find.overdue(db, holderId, recipientId, londonDay(now)),
    },
  };
}

/** Whether the caller's organisation is the one that decides. */
export function isHolder(caller: Caller, request: DataRequest): boolean {
  return request.holderId === caller.organisation.id;
}
