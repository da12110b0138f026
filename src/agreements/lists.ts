import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { countUpTo, inOrder, type Listed, type Order, type Place, pageOf } from '../platform/keyset.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { Brief, ListedAgreement } from './store.ts';

/** The lists of a body's agreements: to be signed, current (in force or about to be), and over. */
export const agreementLists = ['draft', 'current', 'over'] as const;
export type AgreementList = (typeof agreementLists)[number];

const id = { name: 'id', type: 'uuid' } as const;
const startsSoonest: Order = { columns: [{ name: 'starts_on', type: 'date' }, id], direction: 'asc' };
const endsSoonest: Order = { columns: [{ name: 'ends_on', type: 'date' }, id], direction: 'asc' };
const endedLast: Order = { ...endsSoonest, direction: 'desc' };

/** How each list is ordered: drafts by their first day, current ones by their last day, and over the last to end first. */
export const agreementOrder = {
  draft: startsSoonest,
  current: endsSoonest,
  over: endedLast,
} as const satisfies Record<AgreementList, Order>;

function walksOf(list: AgreementList, today: Day, partner: string | null): RawBuilder<unknown>[] {
  const whose = partner ? sql`id in (select agreements_with(${partner})) and ` : sql``;
  switch (list) {
    case 'draft':
      return [sql`${whose}state = 'draft'`];
    case 'current':
      return [sql`${whose}state = 'signed' and ends_on >= ${today}::date`];
    case 'over':
      return [sql`${whose}state = 'signed' and ends_on < ${today}::date`, sql`${whose}state = 'ended'`];
  }
}

/** A page of one of the transaction's organisation's lists, of all partners or of one (its id). */
export async function findAgreementList(
  db: Db,
  list: AgreementList,
  about: { today: Day; partner: string | null; after: Place | null; size: number },
): Promise<Listed<ListedAgreement>> {
  const select = sql`select id, state, brief, parties, starts_on, ends_on from agreements`;
  const walks = walksOf(list, about.today, about.partner);
  const { rows } = await inOrder(select, walks, agreementOrder[list], about.after, about.size + 1)
    .$castTo<{ id: string; state: ListedAgreement['state']; brief: Brief; parties: string[] }>()
    .execute(db);
  const signed = await findSigners(
    db,
    rows.map((row) => row.id),
  );
  const found = rows.map((row) => ({
    id: row.id,
    state: row.state,
    agreement: row.brief,
    partyIds: row.parties,
    signatures: signed.filter((one) => one.agreementId === row.id),
  }));
  return pageOf(found, about.size, ({ id: place, agreement }) => [
    list === 'draft' ? agreement.startsOn : agreement.endsOn,
    place,
  ]);
}

async function findSigners(
  db: Db,
  ids: readonly string[],
): Promise<{ agreementId: string; organisationId: string }[]> {
  const { rows } = await sql<{ agreementId: string; organisationId: string }>`
    select agreement_id as "agreementId", organisation_id as "organisationId" from agreement_signatures
    where agreement_id = any (${ids}::uuid[])`.execute(db);
  return rows;
}

/** How many agreements each list has, counted to one past `countLimit`. */
export async function countAgreements(
  db: Db,
  today: Day,
  partner: string | null,
): Promise<Record<AgreementList, number>> {
  const count = (list: AgreementList) =>
    countUpTo('agreements', walksOf(list, today, partner), agreementOrder[list]);
  const { rows } = await sql<Record<AgreementList, number>>`select ${count('draft')} as draft,
    ${count('current')} as current, ${count('over')} as over`.execute(db);
  return rows[0] ?? { draft: 0, current: 0, over: 0 };
}
