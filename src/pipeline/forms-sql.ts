import type { ColumnType } from './column-type.ts';
import type { Level } from './data-set.ts';
import { literal } from './literal.ts';
import type { Form } from './plan.ts';

// What a value must look like, and what it becomes at a fixed level, in DuckDB's SQL. In functions of one column, not in `case` or casts: of a
// column of few values the engine then looks at each value once.

const year = '[12][0-9]{3}';
const monthOfYear = '(0[1-9]|1[0-2])';
const time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?';

const patterns: Record<Exclude<Form, 'string'>, string> = {
  integer: '-?[0-9]{1,18}',
  number: '-?([0-9]+([.][0-9]+)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?',
  boolean: '(?i)true|false',
  month: `${year}-${monthOfYear}`,
  date: `${year}-${monthOfYear}-[0-9]{2}`,
  timestamp: `${year}-${monthOfYear}-[0-9]{2}T${time}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])`,
  age: '[0-9]{1,3}',
  postcode: '(?i)[A-Z]{1,2}[0-9][A-Z0-9]? *[0-9][A-Z]{2}',
};

/** True of a value that is there and is not of its form, as SQL. Calendar days must also exist: no 30 February. */
export function isWrong(column: string, form: Form): string {
  if (form === 'string') return 'false';
  const matches = `regexp_full_match(${column}, ${literal(patterns[form])})`;
  const exists =
    form === 'date' || form === 'timestamp'
      ? ` and try_strptime(left(${column}, 10), '%Y-%m-%d') is not null`
      : '';
  return `${column} is not null and not (${matches}${exists})`;
}

/**
 * True of a text that a spreadsheet would take for a formula [OWASP, CSV injection], as SQL: by its first sign, of either width, or
 * by the first after what is not seen.
 */
export function isFormula(column: string): string {
  const unseen = '[\\x01-\\x20\\x{a0}\\x{feff}]';
  return `coalesce(regexp_full_match(${column}, '(?s)([\\t\\r\\n]|${unseen}*[-=+@＝＋－＠]).*'), false)`;
}

/** A value of a column of this type at a fixed level, as SQL. It must be of its form. */
export function generalised(column: string, type: ColumnType, to: Level): string {
  // Law and people in this country count days by the clock on the wall, not in UTC.
  const day =
    type === 'timestamp'
      ? `strftime(timezone('Europe/London', cast(${column} as timestamptz)), '%Y-%m-%d')`
      : column;
  const ageBand = (width: number) => {
    const bands = Array.from({ length: 1_000 / width }, (_, at) => `'${at * width}-${(at + 1) * width - 1}'`);
    return `[${bands.join(', ')}][1 + cast(${column} as integer) // ${width}]`;
  };
  const district = `rtrim(left(upper(${column}), -3))`;
  const expressions: Record<Level, string> = {
    day,
    month: `left(${day}, 7)`,
    quarter: `left(${day}, 4) || '-Q' || ((cast(substr(${day}, 6, 2) as integer) + 2) // 3)`,
    year: `left(${day}, 4)`,
    'age-band-5': ageBand(5),
    'age-band-10': ageBand(10),
    'postcode-district': district,
    'postcode-sector': `${district} || ' ' || left(right(${column}, 3), 1)`,
  };
  return expressions[to];
}
