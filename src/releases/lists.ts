import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { countUpTo, inOrder, type Listed, type Order, type Place, pageOf } from '../platform/keyset.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { Release } from './store.ts';

/** The lists of a body's releases: to approve, to collect, sent and not collected yet, kept until a day, and closed. */
export const releaseLists = ['approve', 'collect', 'sent', 'kept', 'closed'] as const;
export type ReleaseList = (typeof releaseLists)[number];

/** What lists show of a release. */
export type ListedRelease = Pick<
  Release,
  | 'id'
  | 'reference'
  | 'requestId'
  | 'agreementId'
  | 'senderId'
  | 'recipientId'
  | 'dataSet'
  | 'purpose'
  | 'state'
  | 'preparedBy'
  | 'preparedAt'
  | 'sentAt'
  | 'collectedAt'
  | 'destroyedAt'
  | 'keepUntil'
>;

const id = { name: 'id', type: 'uuid' } as const;
const by = (...names: string[]) => names.map((name) => ({ name, type: 'timestamptz' }) as const);
const byPreparing: Order = { columns: [...by('prepared_at'), id], direction: 'asc' };
const bySending: Order = { columns: [...by('sent_at'), id], direction: 'asc' };
const byDue: Order = {
  columns: [{ name: 'due', type: 'date' }, ...by('collected_at'), id],
  direction: 'asc',
};
const newestFirst: Order = { columns: [...by('prepared_at'), id], direction: 'desc' };

/** How each list is ordered: what waits, the longest waiting first; what is kept, by its day; what is closed, newest first. */
export const releaseOrder = {
  approve: byPreparing,
  collect: bySending,
  sent: bySending,
  kept: byDue,
  closed: newestFirst,
} as const satisfies Record<ReleaseList, Order>;

// Not the manifest: it is long, and no list shows it.
const listed = sql`select id, reference, request_id as "requestId", agreement_id as "agreementId", sender_id as "senderId",
  recipient_id as "recipientId", data_set as "dataSet", purpose, state, prepared_by as "preparedBy", prepared_at as "preparedAt",
  sent_at as "sentAt", collected_at as "collectedAt", destroyed_at as "destroyedAt", keep_until as "keepUntil",
  prepared_at, sent_at, collected_at, due from releases`;

const weSent = sql`sender_id = me()`;
const weReceived = sql`recipient_id = me() and sender_id <> me()`;

function walksOf(list: ReleaseList, partner: string | null): RawBuilder<unknown>[] {
  const sent = partner ? sql`${weSent} and recipient_id = ${partner}` : weSent;
  const received = partner ? sql`${weReceived} and sender_id = ${partner}` : weReceived;
  switch (list) {
    case 'approve':
      return [sql`${sent} and state = 'prepared'`];
    case 'collect':
      return [sql`${received} and state = 'sent'`];
    case 'sent':
      return [sql`${sent} and state = 'sent'`];
    case 'kept':
      return [sql`${sent} and state = 'collected'`, sql`${received} and state = 'collected'`];
    case 'closed':
      // What never left its recipient does not see.
      return [
        sql`${sent} and state in ('refused', 'withdrawn', 'destroyed')`,
        sql`${received} and state = 'destroyed'`,
      ];
  }
}

/** A page of one of the transaction's organisation's lists, of all partners or of one (its id). */
export async function findReleaseList(
  db: Db,
  list: ReleaseList,
  { partner, after, size }: { partner: string | null; after: Place | null; size: number },
): Promise<Listed<ListedRelease>> {
  const order = releaseOrder[list];
  const { rows } = await inOrder(listed, walksOf(list, partner), order, after, size + 1)
    .$castTo<ListedRelease>()
    .execute(db);
  return pageOf(rows, size, (one) => {
    if (order === byDue) return [one.keepUntil ?? 'infinity', one.collectedAt ?? '', one.id];
    return [order === bySending ? (one.sentAt ?? '') : one.preparedAt, one.id];
  });
}

/** How many releases each list has, counted to one past `countLimit`. */
export async function countReleases(db: Db, partner: string | null): Promise<Record<ReleaseList, number>> {
  const counts = releaseLists.map(
    (list) => sql`${countUpTo('releases', walksOf(list, partner), releaseOrder[list])} as ${sql.ref(list)}`,
  );
  const { rows } = await sql<Record<ReleaseList, number>>`select ${sql.join(counts)}`.execute(db);
  return rows[0] ?? { approve: 0, collect: 0, sent: 0, kept: 0, closed: 0 };
}

/** How many releases wait for the transaction's organisation to approve, collect, or destroy what is due up to a day. */
export async function countWork(
  db: Db,
  soon: Day,
): Promise<{ approve: number; collect: number; destroy: number }> {
  const destroy = sql`${weReceived} and state = 'collected' and due <= ${soon}::date`;
  const { rows } = await sql<{ approve: number; collect: number; destroy: number }>`select
    ${countUpTo('releases', walksOf('approve', null), byPreparing)} as approve,
    ${countUpTo('releases', walksOf('collect', null), bySending)} as collect,
    ${countUpTo('releases', [destroy], byDue)} as destroy`.execute(db);
  return rows[0] ?? { approve: 0, collect: 0, destroy: 0 };
}

/**
 * The most urgent open releases of the transaction's organisation, up to `limit` of each kind: those that `personId` prepared
 * and those that others did, to be collected by either side, and to be destroyed by either side up to a day, later, and with no day.
 */
export async function findUrgentReleases(
  db: Db,
  personId: string | null,
  soon: Day,
  limit: number,
): Promise<ListedRelease[]> {
  const now = sql`due <= ${soon}::date`;
  const later = sql`due > ${soon}::date and due < 'infinity'`;
  const undated = sql`due = 'infinity'`;
  const prepared = sql`${weSent} and state = 'prepared'`;
  const kinds: [RawBuilder<unknown>, Order][] = [
    [sql`${prepared} and prepared_by is distinct from ${personId}::uuid`, byPreparing],
    [sql`${prepared} and prepared_by = ${personId}::uuid`, byPreparing],
    [sql`${weReceived} and state = 'sent'`, bySending],
    [sql`${weSent} and state = 'sent'`, bySending],
    ...[now, later, undated].map((when): [RawBuilder<unknown>, Order] => [
      sql`${weReceived} and state = 'collected' and ${when}`,
      byDue,
    ]),
    ...[now, undated].map((when): [RawBuilder<unknown>, Order] => [
      sql`${weSent} and state = 'collected' and ${when}`,
      byDue,
    ]),
  ];
  const each = kinds.map(([kind, order]) => sql`(${inOrder(listed, [kind], order, null, limit)})`);
  const { rows } = await sql<ListedRelease>`${sql.join(each, sql` union all `)}`.execute(db);
  return rows;
}

/** Up to `limit` releases of each of some requests that the transaction's organisation may see, newest first. */
export async function findReleasesOf(
  db: Db,
  requestIds: readonly string[],
  limit: number,
): Promise<ListedRelease[]> {
  const { rows } =
    await sql<ListedRelease>`select newest.* from unnest(${requestIds}::uuid[]) asked (asked_id)
    cross join lateral (${listed} where request_id = asked_id order by prepared_at desc limit ${limit}) newest`.execute(
      db,
    );
  return rows;
}

/** The newest releases from one body to another that the transaction's organisation may see. */
export async function findReleasesBetween(
  db: Db,
  senderId: string,
  recipientId: string,
  limit: number,
): Promise<ListedRelease[]> {
  const walk = sql`sender_id = ${senderId} and recipient_id = ${recipientId}`;
  const { rows } = await inOrder(listed, [walk], newestFirst, null, limit)
    .$castTo<ListedRelease>()
    .execute(db);
  return rows;
}

/** How many releases from one body to another should have been destroyed before a day, counted to one past `countLimit`. */
export async function countOverdue(
  db: Db,
  senderId: string,
  recipientId: string,
  today: Day,
): Promise<number> {
  const walk = sql`sender_id = ${senderId} and recipient_id = ${recipientId} and state = 'collected' and due < ${today}::date`;
  const { rows } = await sql<{
    count: number;
  }>`select ${countUpTo('releases', [walk], byDue)} as count`.execute(db);
  return rows[0]?.count ?? 0;
}
