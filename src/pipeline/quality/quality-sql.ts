import { periodBefore } from '../../platform/pure/dates.ts';
import type { Bound, Bounds, ColumnType } from '../column-type.ts';
import { literal } from '../literal.ts';
import type { Plan } from '../plan.ts';

// The filter of rows and the checks of quality, in DuckDB's SQL. A value that is not of its type is the type check's to
// find: here `try_cast` makes it blank, and blank is neither above nor below anything.

type PlannedCheck = Plan['checkQuality'][number];
type Condition = Plan['chooseRows'][number];

/** True of a row that the terms choose; never NULL. */
export function isChosen(conditions: Plan['chooseRows']): string {
  return conditions.length === 0 ? 'true' : `coalesce(${conditions.map(isMet).join(' and ')}, false)`;
}

function isMet({ column, type, condition }: Condition): string {
  const c = `c${column + 1}`;
  const among = (values: readonly string[]) => `(${values.map(literal).join(', ')})`;
  if ('is' in condition) return `coalesce(${c}, '') in ${among(condition.is)}`;
  if ('not' in condition) return `coalesce(${c}, '') not in ${among(condition.not)}`;
  return isWithin(c, type, condition);
}

/**
 * How a check is counted. `failed`: an aggregate over the chosen rows, 0 where the check passes. `isFailing`: true of a row
 * that fails, where single rows do. Uniqueness is neither: its `repeated` gives `failed` and the first ten rows. Null: of counts
 * that are made in any case (`drift.ts`).
 */
export type CountedCheck =
  | { failed: (chosen: string) => string; isFailing: string | null }
  | { repeated: (chosen: string) => string }
  | null;

/** A check as SQL over the view `input`. */
export function countedCheck({ check, columns }: PlannedCheck, today: string): CountedCheck {
  const [c = '', other = ''] = columns.map((column) => `c${column + 1}`);
  const ofRows = (isFailing: string) => ({
    failed: (chosen: string) => `count(*) filter (where ${chosen} and ${isFailing})`,
    isFailing,
  });
  switch (check.check) {
    case 'required': {
      const blanks = (chosen: string) => `count(*) filter (where ${chosen} and ${c} is null)`;
      const allowed = Math.round(check.mostBlank * 1e6);
      return {
        failed: (chosen) =>
          `case when ${blanks(chosen)} * 1000000 > ${allowed} * (count(*) filter (where ${chosen})) then ${blanks(chosen)} else 0 end`,
        isFailing: `${c} is null`,
      };
    }
    case 'values':
      return ofRows(`coalesce(${c} not in (${check.values.map(literal).join(', ')}), false)`);
    case 'range':
      return ofRows(`coalesce(not (${isWithin(c, check.type, check.range)}), false)`);
    case 'pattern':
      return ofRows(`coalesce(not regexp_full_match(${c}, ${literal(check.pattern)}), false)`);
    case 'before':
    case 'after': {
      const [earlier, later] = check.check === 'before' ? [c, other] : [other, c];
      const sign = check.orSame ? '<=' : '<';
      return ofRows(
        `coalesce(not (${exact(earlier, check.type)} ${sign} ${exact(later, check.type)}), false)`,
      );
    }
    case 'same':
      return ofRows(`${exact(c, check.type)} is distinct from ${exact(other, check.type)}`);
    case 'requires':
      return ofRows(`(${c} is not null and ${other} is null)`);
    case 'age': {
      // A day that is still to come says nothing of how old the data is.
      const day = comparable(c, check.type);
      const newest = (chosen: string) =>
        `max(${day}) filter (where ${chosen} and ${day} <= date ${literal(today)})`;
      const since = `date ${literal(periodBefore(today, check.most))}`;
      return {
        failed: (chosen) => `case when ${newest(chosen)} >= ${since} then 0 else 1 end`,
        isFailing: null,
      };
    }
    case 'row-count': {
      const rows = (chosen: string) => `count(*) filter (where ${chosen})`;
      const above = (chosen: string) => (check.most === null ? '' : ` and ${rows(chosen)} <= ${check.most}`);
      return {
        failed: (chosen) => `case when ${rows(chosen)} >= ${check.least}${above(chosen)} then 0 else 1 end`,
        isFailing: null,
      };
    }
    case 'drift':
      return null;
    case 'unique':
      return {
        repeated: (chosen) =>
          repeated(
            columns.map((column) => `c${column + 1}`),
            chosen,
          ),
      };
  }
}

// Rows that share their values with another. Blank in every column is no value; in some, it is one.
function repeated(columns: readonly string[], chosen: string): string {
  const there = `${chosen} and (${columns.map((column) => `${column} is not null`).join(' or ')})`;
  const alike = columns.map((column, at) => `r.k${at} is not distinct from input.${column}`).join(' and ');
  return `
    with repeats as (
      select ${columns.map((column, at) => `${column} as k${at}`).join(', ')}, count(*) as size
      from input where ${there} group by ${columns.join(', ')} having count(*) > 1)
    select (select coalesce(sum(size), 0) from repeats) as failed, row
    from input where ${there} and exists (select 1 from repeats as r where ${alike})
    order by row limit 10`;
}

function isWithin(column: string, type: ColumnType, { from, to }: Bounds): string {
  const value = comparable(column, type);
  return [
    ...(from === undefined ? [] : [`${value} >= ${boundOf(from)}`]),
    ...(to === undefined ? [] : [`${value} <= ${boundOf(to)}`]),
  ].join(' and ');
}

function boundOf(bound: Bound): string {
  if (typeof bound === 'number') return String(bound);
  return `date ${literal(bound.length === 7 ? `${bound}-01` : bound)}`;
}

// What is compared with a bound: of a timestamp, the day by the clock on the wall.
function comparable(column: string, type: ColumnType): string {
  return type === 'timestamp'
    ? `cast(timezone('Europe/London', try_cast(${column} as timestamptz)) as date)`
    : exact(column, type);
}

// What is compared with another value of the same type.
function exact(column: string, type: ColumnType): string {
  switch (type) {
    case 'integer':
      return `try_cast(${column} as bigint)`;
    case 'number':
      return `try_cast(${column} as double)`;
    case 'boolean':
      return `lower(${column})`;
    case 'date':
      return `try_cast(${column} as date)`;
    case 'timestamp':
      return `try_cast(${column} as timestamptz)`;
    case 'month':
      return `try_cast(${column} || '-01' as date)`;
    case 'string':
      return column;
  }
}
