import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import type { Finding, Verdict } from '../rulebook/index.ts';
import type { RequestState } from './rules.ts';

type Tables = {
  requests: {
    id: string;
    reference: string;
    agreement_id: string;
    holder_id: string;
    recipient_id: string;
    data_set: string;
    purpose: string;
    need: string;
    needed_by: Day | null;
    state: RequestState;
    raised_by_organisation: string;
    raised_by_person: string | null;
    raised_at: Instant;
    parties: string[];
  };
  decisions: {
    id: string;
    request_id: string;
    decision: 'share' | 'refuse';
    verdict: Verdict;
    findings: string;
    reasons: string;
    decided_by_agreement: boolean;
    decided_by_person: string | null;
    rulebook: string;
    facts_hash: string;
    decided_at: Instant;
    parties: string[];
  };
};

/** A request as the database has it. */
export type RequestRow = Tables['requests'];

/** A request for data, as both parties see it. */
export type DataRequest = {
  id: string;
  reference: string;
  agreementId: string;
  holderId: string;
  recipientId: string;
  dataSet: string;
  purpose: string;
  need: string;
  neededBy: Day | null;
  state: RequestState;
  raisedByOrganisation: string;
  raisedByPerson: string | null;
  raisedAt: Instant;
};

/** The holder's decision on a request, with what the rules found. */
export type Decision = {
  id: string;
  decision: 'share' | 'refuse';
  verdict: Verdict;
  findings: Finding[];
  reasons: string;
  decidedBy: { agreement: true } | { person: string | null };
  rulebook: string;
  factsHash: string;
  decidedAt: Instant;
};

const tables = (db: Db) => db.withTables<Tables>();

/** The next reference of requests, such as `REQ-2026-0417`. Numbers are never reused; a gap is a request not made. */
export async function nextReference(tx: Tx, now: Instant): Promise<string> {
  const { rows } = await sql<{ number: number }>`select nextval('request_numbers') as number`.execute(tx);
  return `REQ-${now.slice(0, 4)}-${String(rows[0]?.number).padStart(4, '0')}`;
}

/** A new request, for both parties to see. */
export async function saveRequest(tx: Tx, request: DataRequest): Promise<void> {
  await tables(tx)
    .insertInto('requests')
    .values({
      id: request.id,
      reference: request.reference,
      agreement_id: request.agreementId,
      holder_id: request.holderId,
      recipient_id: request.recipientId,
      data_set: request.dataSet,
      purpose: request.purpose,
      need: request.need,
      needed_by: request.neededBy,
      state: request.state,
      raised_by_organisation: request.raisedByOrganisation,
      raised_by_person: request.raisedByPerson,
      raised_at: request.raisedAt,
      parties: partiesOf(request),
    })
    .execute();
}

/** Both parties of a request, each once, in the ledger's order. */
export function partiesOf(request: Pick<DataRequest, 'holderId' | 'recipientId'>): string[] {
  return [...new Set([request.holderId, request.recipientId])].sort();
}

/** Moves a request on, only from the state it was read in; false if somebody was quicker. */
export async function moveRequest(
  tx: Tx,
  id: string,
  from: RequestState,
  to: RequestState,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('requests')
    .set({ state: to })
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Waits until this transaction is the only one that answers a request: what it reads of it from now on stays so. */
export async function lockRequest(tx: Tx, id: string): Promise<void> {
  await sql`select from requests where id = ${id} for no key update`.execute(tx);
}

/** A request by its id or reference, if the transaction's organisation is a party to it. */
export async function findRequest(db: Db, key: string): Promise<DataRequest | null> {
  const row = await tables(db)
    .selectFrom('requests')
    .selectAll()
    .where(isId(key) ? 'id' : 'reference', '=', key)
    .executeTakeFirst();
  return row ? requestOf(row) : null;
}

/** The newest requests between a holder and who asked it, up to one moment, the newest first. */
export async function findRequestsBetween(
  db: Db,
  { holderId, recipientId, raisedAt }: Pick<DataRequest, 'holderId' | 'recipientId' | 'raisedAt'>,
  limit: number,
): Promise<DataRequest[]> {
  const rows = await tables(db)
    .selectFrom('requests')
    .selectAll()
    .where('holder_id', '=', holderId)
    .where('recipient_id', '=', recipientId)
    .where('raised_at', '<=', raisedAt)
    .orderBy('raised_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(requestOf);
}

/** A request out of its row. */
export function requestOf(row: Tables['requests']): DataRequest {
  return {
    id: row.id,
    reference: row.reference,
    agreementId: row.agreement_id,
    holderId: row.holder_id,
    recipientId: row.recipient_id,
    dataSet: row.data_set,
    purpose: row.purpose,
    need: row.need,
    neededBy: row.needed_by,
    state: row.state,
    raisedByOrganisation: row.raised_by_organisation,
    raisedByPerson: row.raised_by_person,
    raisedAt: row.raised_at,
  };
}

/** Keeps the decision on a request. */
export async function saveDecision(tx: Tx, request: DataRequest, decision: Decision): Promise<void> {
  const by = decision.decidedBy;
  await tables(tx)
    .insertInto('decisions')
    .values({
      id: decision.id,
      request_id: request.id,
      decision: decision.decision,
      verdict: decision.verdict,
      findings: JSON.stringify(decision.findings),
      reasons: decision.reasons,
      decided_by_agreement: 'agreement' in by,
      decided_by_person: 'agreement' in by ? null : by.person,
      rulebook: decision.rulebook,
      facts_hash: decision.factsHash,
      decided_at: decision.decidedAt,
      parties: partiesOf(request),
    })
    .execute();
}

/** The latest decision on each of some requests, by the request's id. One that waits has none. */
export async function findDecisions(db: Db, requestIds: readonly string[]): Promise<Map<string, Decision>> {
  const { rows } = await sql<Tables['decisions']>`select latest.*
    from unnest(${requestIds}::uuid[]) asked (request_id) cross join lateral (
      select * from decisions where decisions.request_id = asked.request_id
      order by decided_at desc limit 1) latest`.execute(db);
  return new Map(rows.map((row) => [row.request_id, decisionOf(row)]));
}

function decisionOf(row: Tables['decisions']): Decision {
  return {
    id: row.id,
    decision: row.decision,
    verdict: row.verdict,
    // jsonb arrives parsed; the column is written as text.
    findings: row.findings as unknown as Finding[],
    reasons: row.reasons,
    decidedBy: row.decided_by_agreement ? { agreement: true } : { person: row.decided_by_person },
    rulebook: row.rulebook,
    factsHash: row.facts_hash,
    decidedAt: row.decided_at,
  };
}
