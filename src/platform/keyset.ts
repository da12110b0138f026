import { type RawBuilder, sql } from 'kysely';

/**
 * How a list is ordered: its columns, the last one unique, so that no two rows have the same place. An index with the
 * columns of a walk's conditions and then these leads straight to any page.
 */
export type Order = {
  columns: readonly { name: string; type: 'date' | 'timestamptz' | 'uuid' | 'text' | 'integer' }[];
  direction: 'asc' | 'desc';
};

/** Where a row stands in an order: its values of the order's columns, as text. */
export type Place = readonly string[];

/** One page of a list, and the place of its last row where there are more after it. */
export type Listed<Row> = { rows: Row[]; next: Place | null };

/** A place as the query of an address has it: `2026-12-18~2026-11-20T10:00:00.000Z~019b...`. */
export function writePlace(place: Place): string {
  return place.join('~');
}

/** Reads a place out of an address. Whatever is not one is null: the list then starts at its beginning. */
export function readPlace(text: string | undefined, order: Order): Place | null {
  const values = text?.split('~') ?? [];
  const fits = order.columns.every(({ type }, at) => isA(type, values[at] ?? ''));
  return fits && values.length === order.columns.length ? values : null;
}

function isA(type: Order['columns'][number]['type'], text: string): boolean {
  switch (type) {
    case 'date':
      return text === 'infinity' || (/^\d{4}-\d\d-\d\d$/.test(text) && isMoment(`${text}T00:00:00.000Z`));
    case 'timestamptz':
      return isMoment(text);
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
    case 'integer':
      return /^\d{1,9}$/.test(text);
    case 'text':
      return text.length > 0 && text.length <= 200;
  }
}

// The one spelling that `toISOString` has: a 31st of February, or the year 0, is none.
function isMoment(text: string): boolean {
  const time = /^[1-9]\d{3}-/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/**
 * The first `limit` rows after a place, of several walks along an index. Each walk is a condition, no row is in two of them,
 * and each is read no further than the page needs; `select` is what to read and from where.
 */
export function inOrder(
  select: RawBuilder<unknown>,
  walks: readonly RawBuilder<unknown>[],
  { columns, direction }: Order,
  after: Place | null,
  limit: number,
): RawBuilder<unknown> {
  const way = direction === 'asc' ? sql`asc` : sql`desc`;
  const names = sql.join(columns.map(({ name }) => sql.ref(name)));
  const by = sql.join(columns.map(({ name }) => sql`${sql.ref(name)} ${way}`));
  const place = after && sql.join(columns.map(({ type }, at) => sql`${after[at]}::${sql.raw(type)}`));
  const beyond = place && sql` and (${names}) ${direction === 'asc' ? sql`>` : sql`<`} (${place})`;
  const each = walks.map(
    (walk) => sql`(${select} where ${walk}${beyond ?? sql``} order by ${by} limit ${limit})`,
  );
  return each.length === 1 && each[0]
    ? each[0]
    : sql`${sql.join(each, sql` union all `)} order by ${by} limit ${limit}`;
}

/** How far a count goes on a page: what is more is “more than 100”. */
export const countLimit = 100;

/**
 * Counts the rows of several walks, no further than one past `countLimit`. In order, though a count has none: PostgreSQL
 * then walks the index and stops, where otherwise it may gather all of it first.
 */
export function countUpTo(
  table: string,
  walks: readonly RawBuilder<unknown>[],
  order: Order,
): RawBuilder<number> {
  const each = walks.map(
    (walk) => sql`(${inOrder(sql`select 1 from ${sql.table(table)}`, [walk], order, null, countLimit + 1)})`,
  );
  return sql<number>`(select count(*)::int from (${sql.join(each, sql` union all `)}) counted)`;
}

/** A page of rows out of one row more than it has, with the place of its last row where there is that one more. */
export function pageOf<Row>(rows: readonly Row[], size: number, placeOf: (row: Row) => Place): Listed<Row> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > size && last ? placeOf(last) : null };
}
