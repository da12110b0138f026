import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { countUpTo, inOrder, type Listed, type Order, type Place, pageOf } from '../platform/keyset.ts';
import type { Day } from '../platform/pure/dates.ts';
import { type DataRequest, type RequestRow, requestOf } from './store.ts';

/** The lists of a body's requests: what waits on it, what waits on others, and what was answered. */
export const requestLists = ['ours', 'theirs', 'answered'] as const;
export type RequestList = (typeof requestLists)[number];

const id = { name: 'id', type: 'uuid' } as const;
const raised = { name: 'raised_at', type: 'timestamptz' } as const;
const byDue: Order = { columns: [{ name: 'due', type: 'date' }, raised, id], direction: 'asc' };
const newestFirst: Order = { columns: [raised, id], direction: 'desc' };

/** How each list is ordered: what is open by the day it is needed, what was answered the newest first. */
export const requestOrder = { ours: byDue, theirs: byDue, answered: newestFirst } as const satisfies Record<
  RequestList,
  Order
>;

const weHold = sql`holder_id = me()`;
// A body that asks itself is in its holder's lists, and in no list twice.
const weAsked = sql`recipient_id = me() and holder_id <> me()`;
const isOpen = sql`state in ('waiting', 'agreed')`;
const isAnswered = sql`state in ('refused', 'answered')`;
const all = sql`select * from requests`;

function walksOf(list: RequestList, partner: string | null): RawBuilder<unknown>[] {
  const held = partner ? sql`${weHold} and recipient_id = ${partner}` : weHold;
  const asked = partner ? sql`${weAsked} and holder_id = ${partner}` : weAsked;
  if (list === 'ours') return [sql`${held} and state = 'waiting'`, sql`${held} and state = 'agreed'`];
  if (list === 'theirs') return [sql`${asked} and ${isOpen}`];
  return [sql`${held} and ${isAnswered}`, sql`${asked} and ${isAnswered}`];
}

/** A page of one of the transaction's organisation's lists, of all partners or of one (its id). */
export async function findRequestList(
  db: Db,
  list: RequestList,
  { partner, after, size }: { partner: string | null; after: Place | null; size: number },
): Promise<Listed<DataRequest>> {
  const order = requestOrder[list];
  const { rows } = await inOrder(all, walksOf(list, partner), order, after, size + 1)
    .$castTo<RequestRow>()
    .execute(db);
  const placeOf = (one: DataRequest) =>
    order === byDue ? [one.neededBy ?? 'infinity', one.raisedAt, one.id] : [one.raisedAt, one.id];
  return pageOf(rows.map(requestOf), size, placeOf);
}

/** How many requests each list has, counted to one past `countLimit`. */
export async function countRequests(db: Db, partner: string | null): Promise<Record<RequestList, number>> {
  const count = (list: RequestList) => countUpTo('requests', walksOf(list, partner), requestOrder[list]);
  const { rows } = await sql<Record<RequestList, number>>`select ${count('ours')} as ours,
    ${count('theirs')} as theirs, ${count('answered')} as answered`.execute(db);
  return rows[0] ?? { ours: 0, theirs: 0, answered: 0 };
}

/** How many requests wait for a decision of the transaction's organisation, and how many for it to prepare the data. */
export async function countWork(db: Db): Promise<{ decide: number; prepare: number }> {
  const count = (state: RawBuilder<unknown>) =>
    countUpTo('requests', [sql`${weHold} and state = ${state}`], byDue);
  const { rows } = await sql<{ decide: number; prepare: number }>`select ${count(sql`'waiting'`)} as decide,
    ${count(sql`'agreed'`)} as prepare`.execute(db);
  return rows[0] ?? { decide: 0, prepare: 0 };
}

/**
 * The most urgent open requests of the transaction's organisation, up to `limit` of each kind: to be decided, to be
 * prepared, and asked of others; due up to a day, due later, and with no day.
 */
export async function findUrgentRequests(db: Db, soon: Day, limit: number): Promise<DataRequest[]> {
  const now = sql`due <= ${soon}::date`;
  const later = sql`due > ${soon}::date and due < 'infinity'`;
  const undated = sql`due = 'infinity'`;
  const kinds = [
    ...[now, later, undated].flatMap((when) => [
      sql`${weHold} and state = 'waiting' and ${when}`,
      sql`${weHold} and state = 'agreed' and ${when}`,
    ]),
    ...[now, undated].map((when) => sql`${weAsked} and ${isOpen} and ${when}`),
  ];
  const each = kinds.map((kind) => sql`(${inOrder(all, [kind], byDue, null, limit)})`);
  const { rows } = await sql<RequestRow>`${sql.join(each, sql` union all `)}`.execute(db);
  return rows.map(requestOf);
}
