import type { DataSet } from '../data-set.ts';
import type { Engine } from '../engine.ts';
import { literal } from '../literal.ts';
import type { Quality } from '../report.ts';
import type { Table } from './table.ts';

// Times without an offset are what a clock on a wall showed, and the terms say where it hung. What it showed twice, when the clocks
// went back, is the first of the two [RFC 5545 s.3.3.5], and told; what it never showed stays as it is, and so is no timestamp.

const onTheWall = '[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?';
/** Of London since 1847, the furthest ahead first: it shows each hour first so. Until 1947 there was double summer time. */
const offsets = { 'Europe/London': ['+02:00', '+01:00', '+00:00'], UTC: ['+00:00'] } as const;

type TimeZone = keyof typeof offsets;

/** The table with an offset on every time of its timestamps that has none, and a warning of each field where a clock showed some twice. */
export async function inTimeZone(
  table: Table,
  zone: TimeZone,
  fields: DataSet['fields'],
  engine: Engine,
): Promise<{ table: Table; warnings: Quality[] }> {
  const stamps = fields
    .filter(({ type, name }) => type === 'timestamp' && table.header.includes(name))
    .map(({ name }) => ({ field: name, column: table.header.indexOf(name) }));
  if (stamps.length === 0) return { table, warnings: [] };
  const warnings: Quality[] = [];
  for (const { field, column } of stamps) {
    const warning = await shownTwice(engine, table, zone, field, `c${column + 1}`);
    if (warning) warnings.push(warning);
  }
  const columns = table.header.map((_, at) => {
    const c = `c${at + 1}`;
    return stamps.some(({ column }) => column === at) ? `${withOffset(c, zone)} as ${c}` : c;
  });
  return { table: { ...table, source: `(select ${columns.join(', ')} from ${table.source})` }, warnings };
}

const isOnTheWall = (c: string) => `regexp_full_match(${c}, ${literal(onTheWall)})`;

// Whether the clock showed this when it was so far ahead.
const wasShown = (c: string, zone: TimeZone, offset: string) =>
  `timezone(${literal(zone)}, try_cast(${c} || '${offset}' as timestamptz)) = try_cast(${c} as timestamp)`;

function withOffset(c: string, zone: TimeZone): string {
  const shown = offsets[zone].map((offset) => `when ${wasShown(c, zone, offset)} then ${c} || '${offset}'`);
  return `case when not ${isOnTheWall(c)} then ${c} ${shown.join(' ')} else ${c} end`;
}

async function shownTwice(
  engine: Engine,
  { source, firstRow }: Table,
  zone: TimeZone,
  field: string,
  c: string,
): Promise<Quality | null> {
  const times = offsets[zone]
    .map((offset) => `coalesce(${wasShown(c, zone, offset)}, false)::integer`)
    .join(' + ');
  const rows = await engine.rows(`
    with twice as (
      select row from (select row_number() over () + ${firstRow - 1} as row, ${c} from ${source})
      where case when ${isOnTheWall(c)} then ${times} else 0 end > 1)
    select row, (select count(*) from twice) as failed from twice order by row limit 10`);
  if (rows.length === 0) return null;
  return {
    check: 'time-shown-twice',
    field,
    says: `Clocks showed each time in ${field} once (of an hour that they showed twice, the first is taken)`,
    failed: Number(rows[0]?.['failed']),
    rows: rows.map(({ row }) => Number(row)),
    blocks: false,
  };
}
