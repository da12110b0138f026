import { countLimit, type Listed, type Order, type Place, readPlace, writePlace } from './keyset.ts';

/** How many rows of each list the page of all lists shows, and how many a page of one list. */
const rowsOfEach = 10;
const rowsOfOne = 50;

/** What the query of a list's address asks for: one list or (null) the start of each, and from where on. */
export type Asked<Name extends string> = { list: Name | null; after: Place | null; size: number };

/** Reads that query. A list that there is not, or a place that is none, asks for the start. */
export function askedOf<Name extends string>(
  orders: Record<Name, Order>,
  query: Record<string, string>,
): Asked<Name> {
  const names = Object.keys(orders) as Name[];
  const list = names.find((name) => name === query['list']) ?? null;
  if (list === null) return { list, after: null, size: rowsOfEach };
  return { list, after: readPlace(query['after'], orders[list]), size: rowsOfOne };
}

/** A list as the macro `sections` shows it: its rows, which part of it they are, and where the rest is. */
export type Section<Row> = {
  id: string;
  title: string;
  says: string;
  rows: Row[];
  start: string | null;
  more: { text: string; href: string } | null;
};

type Part<Name extends string, Row> = {
  list: Name;
  title: string;
  /** How it is ordered, such as `the soonest first`. */
  order: string;
  listed: Listed<Row>;
  /** How many there are, counted to one past `countLimit`. */
  count: number;
  asked: Asked<Name>;
  /** The address of this list from a place on. */
  href: (query: { list: Name; after?: string }) => string;
};

/** What a list's page shows of it. */
export function sectionOf<Name extends string, Row>(part: Part<Name, Row>): Section<Row> {
  const { list, title, listed, count, asked, href } = part;
  const shown = listed.rows.length;
  const all = showCount(count);
  const next = listed.next && writePlace(listed.next);
  const whole = asked.after === null && next === null;
  const more = () => {
    if (next === null) return null;
    if (asked.list === null)
      return { text: `See all ${count > countLimit ? 'of them' : count}`, href: href({ list }) };
    return { text: `The next ${rowsOfOne}`, href: href({ list, after: next }) };
  };
  const which =
    asked.after === null ? `The first ${shown} of ${all}` : `The ${next ? 'next' : 'last'} ${shown}`;
  return {
    id: list,
    title,
    says: whole ? (shown > 1 ? `All ${shown}, ${part.order}` : '') : `${which}, ${part.order}`,
    rows: listed.rows,
    start: asked.after === null ? null : href({ list }),
    more: more(),
  };
}

/** The address of the next page, where one list is shown and there is one. */
export function nextOf<Name extends string>(
  asked: Asked<Name>,
  sections: readonly Pick<Section<unknown>, 'more'>[],
): string | null {
  return asked.list === null ? null : (sections[0]?.more?.href ?? null);
}

/** A count as a page says it: `57`, or `more than 100`. */
export function showCount(count: number): string {
  return count > countLimit ? `more than ${countLimit}` : String(count);
}
