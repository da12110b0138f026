import type { ColumnType } from './column-type.ts';
import type { Level } from './data-set.ts';
import { literal } from './literal.ts';
import type { Form, Plan } from './plan.ts';
import { countedCheck, isChosen } from './quality/quality-sql.ts';
import { sizeBands } from './report.ts';

// The plan in DuckDB's SQL. No name from a file or from terms becomes an identifier: the file's columns are
// c1, c2, ... and the fields that leave f1, f2, ..., so a column called `"; drop table` is only ever a text.
// Blank is NULL everywhere. `row` is the row of a spreadsheet: the header is 1, the first row of data 2; without a header it is 1.

/** What the output is written as. */
export type OutputForm = 'csv' | 'parquet';

export type ReleaseSql = ReturnType<typeof compileRelease>;

/** Where the engine reads a CSV file of so many columns, all as text. Every option is given: nothing is guessed from the data. */
export function csvSource(path: string, delimiter: string, columns: number): string {
  const texts = Array.from({ length: columns }, (_, at) => `'c${at + 1}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, columns = {${texts}},
        auto_detect = false, header = true, strict_mode = true, delim = ${literal(delimiter)},
        quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = true)`;
}

/**
 * Compiles a plan: `input` takes the file in, then one view for each step, each reading the one before. What
 * must be counted or joined is kept in a table. Statements run in the order they stand here.
 */
export function compileRelease(
  plan: Plan,
  input: { source: string; firstRow: number },
  output: { path: string; form: OutputForm },
) {
  const names = plan.minimise.map(({ field }) => field);
  const f = (field: string) => `f${names.indexOf(field) + 1}`;
  const keys = (plan.holdBack?.by ?? []).map(f);
  const k = plan.holdBack?.k ?? 0;
  const sensitive = (plan.holdBack?.sensitive ?? []).map(f);
  const searched = plan.search.map(({ field }) => f(field));
  const groupBy = (columns: readonly string[]) =>
    columns.length > 0 ? `group by ${columns.join(', ')}` : '';
  const chosen = isChosen(plan.chooseRows);
  const checks = plan.checkQuality.map((check) => countedCheck(check, plan.today));

  const needed = [
    ...new Set([
      ...plan.chooseRows.map(({ column }) => column),
      ...plan.checkTypes.map(({ column }) => column),
      ...plan.checkFormulas.map(({ column }) => column),
      ...plan.checkQuality.flatMap(({ columns }) => columns),
      ...plan.minimise.map(({ column }) => column),
    ]),
  ].map((column) => `c${column + 1}`);
  const whole = `(select row_number() over () + ${input.firstRow - 1} as row, * from ${input.source})`;

  return {
    /** What is needed of the file, as text, read once: a table keeps the order of the file, and its places are the rows. */
    input: [
      `create table taken as select ${needed.join(', ')} from ${input.source}`,
      `create view input as select rowid + ${input.firstRow} as row, * from taken`,
    ],

    /**
     * One row: all rows, those that the terms do not choose, for each checked column the values that are not of its form,
     * of those chosen the values that look like formulas, and for each check of quality what fails it. All in one reading of the file.
     */
    count: `
      select ${[
        'count(*) as rows',
        `count(*) filter (where not ${chosen}) as outside`,
        ...plan.checkTypes.map(
          ({ column, form }, at) =>
            `count(*) filter (where ${isWrong(`c${column + 1}`, form)}) as wrong${at}`,
        ),
        ...plan.checkFormulas.map(
          ({ column }, at) =>
            `count(*) filter (where ${chosen} and ${isFormula(`c${column + 1}`)}) as formulas${at}`,
        ),
        ...checks.flatMap((check, at) =>
          'failed' in check ? [`${check.failed(chosen)} as failed${at}`] : [],
        ),
      ].join(',\n  ')}
      from input`,

    /** For each check of quality the first ten rows that fail it, or null where it is not about single rows. */
    failingRows: checks.map((check) => {
      if ('repeated' in check) return { repeated: check.repeated(chosen) };
      if (check.isFailing === null) return null;
      return {
        rows: `select row from input where ${chosen} and ${check.isFailing} order by row limit 10`,
      };
    }),

    /** The first ten rows where a column's value looks like a formula. */
    formulaRows: ({ column }: { column: number }) =>
      `select row from input where ${chosen} and ${isFormula(`c${column + 1}`)} order by row limit 10`,

    /** The first ten rows where a column's value is not of its form. */
    wrongRows: ({ column, form }: { column: number; form: Form }) =>
      `select row from input where ${isWrong(`c${column + 1}`, form)} order by row limit 10`,

    minimised: `
      create view minimised as
      select row, ${plan.minimise.map(({ column }, at) => `c${column + 1} as f${at + 1}`).join(', ')}
      from input where ${chosen}`,

    /**
     * HMAC-SHA-256 (RFC 2104) of every distinct value. $inner and $outer are the key, padded and masked.
     * Distinct values first: a value is computed once however often it stands in the file.
     */
    pseudonyms:
      plan.pseudonymise.length === 0
        ? null
        : `
      create temp table pseudonyms as
      select value, sha256($outer::blob || unhex(sha256($inner::blob || encode(value)))) as pseudonym
      from (
        select distinct value
        from (${plan.pseudonymise.map((field) => `select ${f(field)} as value from minimised`).join(' union all ')})
        where value is not null)`,

    pseudonymised: `
      create view pseudonymised as
      select ${replaced(plan, 'minimised.', plan.pseudonymise, (field) => `of_${f(field)}.pseudonym`)}
      from minimised ${plan.pseudonymise.map((field) => `left join pseudonyms as of_${f(field)} on of_${f(field)}.value = minimised.${f(field)}`).join(' ')}`,

    generalised: `
      create view generalised as
      select ${replaced(
        plan,
        '',
        plan.generalise.map(({ field }) => field),
        (field, at) => {
          const step = plan.generalise[at];
          return step ? generalised(f(field), step.type, step.to) : f(field);
        },
      )}
      from pseudonymised`,

    /** The hierarchies: for each leaf its number, and its group at each level. */
    hierarchies: plan.search.map(
      ({ field, hierarchy }) => `
      create temp table of_${f(field)} as
      select * from (values ${hierarchy.map((line, leaf) => `(${leaf}, ${line.map(textOrBlank).join(', ')})`).join(',\n')})
        as t(leaf, ${(hierarchy[0] ?? []).map((_, level) => `level${level}`).join(', ')})`,
    ),

    /** For a field, the values that its hierarchy lacks, and the first ten rows of them. */
    strangers: plan.search.map(({ field }) => ({
      field,
      sql: `
        with strangers as (
          select row from generalised
          where not exists (select 1 from of_${f(field)} where level0 is not distinct from ${f(field)}))
        select (select count(*) from strangers) as failed, row from strangers order by row limit 10`,
    })),

    /** Rows that are alike in all that the search looks at: how many, the leaves, the rest of the class, sensitive values. */
    cells: `
      with alike as (
        select ${[...keys, ...sensitive, 'count(*) as size'].join(', ')}
        from generalised ${groupBy([...keys, ...sensitive])})
      select ${[
        'size::integer as size',
        ...searched.map((key) => `of_${key}.leaf::integer as leaf_${key}`),
        `${numbered(keys.filter((key) => !searched.includes(key)))} as rest`,
        ...sensitive.map((key) => `${numbered([key])} as value_${key}`),
      ].join(', ')}
      from alike ${searched.map((key) => `join of_${key} on of_${key}.level0 is not distinct from alike.${key}`).join(' ')}`,

    /** The fields of the search at the levels that it found. */
    found: (levels: readonly number[]) => `
      create view found as
      select ${replaced(
        plan,
        'generalised.',
        plan.search.map(({ field }) => field),
        (field, at) => `of_${f(field)}.level${levels[at]}`,
      )}
      from generalised ${searched.map((key) => `join of_${key} on of_${key}.level0 is not distinct from generalised.${key}`).join(' ')}`,

    /** Class sizes before any protection, summed up. */
    classesAsHeld: summary(`select count(*) as size from minimised ${groupBy(keys)}`, k),

    classes: `
      create temp table classes as
      select ${[...keys, 'count(*) as size'].join(', ')} from found ${groupBy(keys)}`,

    /** For each sensitive field the classes with too few values of it. Two levels of grouping: it need not hold every value. */
    poor: sensitive.map(
      (key) => `
      create temp table poor_${key} as
      select ${[...keys, 'count(*) as different'].join(', ')}
      from (select distinct ${[...keys, `${key} as value`].join(', ')} from found) ${groupBy(keys)}
      having count(*) < ${plan.holdBack?.l ?? 0}`,
    ),

    heldBack: `
      create temp table held_back as
      select * from classes
      where ${[`size < ${k}`, ...sensitive.map((key) => isAmong(`poor_${key}`, keys, 'classes'))].join(' or ')}`,

    /** How many classes there are of each size; poor ones have too few values of a sensitive field. */
    classSizes: `
      select size, ${sensitive.map((key) => isAmong(`poor_${key}`, keys, 'classes')).join(' or ') || 'false'} as poor, count(*) as classes
      from classes group by all order by size`,

    heldBackRows: `select coalesce(sum(size), 0) as rows from held_back`,

    /** Class sizes of the rows that leave, summed up. */
    classesLeaving: summary(`select size from classes where not ${isAmong('held_back', keys, 'classes')}`, k),

    /** The size of the smallest classes that the limit does not let go: the largest k that would pass, without an l. */
    closestK: `
      select min(size) as k
      from (select size, sum(sum(size)) over (order by size) as upto from classes group by size)
      where upto > ${plan.holdBack?.limit ?? 1} * (select sum(size) from classes)`,

    rowsBelowK: `select coalesce(sum(size), 0) as rows from classes where size < ${k}`,

    /** For each field of the classes: the rows that would be held back without it. */
    alternatives: (plan.holdBack?.by ?? []).map((leaveOut) => ({
      leaveOut,
      sql: `
        select coalesce(sum(size) filter (where size < ${k}), 0) as rows
        from (select sum(size) as size from classes ${groupBy(keys.filter((key) => key !== f(leaveOut)))})`,
    })),

    /** The first six rows that the terms choose, whole: the file is read again, as far as it takes. */
    previewBefore: `from ${whole} where ${chosen} limit 6`,

    /** The same rows, up to the row `last`, as they would leave. */
    previewAfter: (last: number) => `
      from (
        select *, ${plan.holdBack ? isAmong('held_back', keys, 'found') : 'false'} as held_back
        from found where row <= ${last})
      order by row`,

    ...writing(
      plan,
      output,
      `found ${plan.holdBack ? `where not ${isAmong('held_back', keys, 'found')}` : ''}`,
    ),
  };
}

/**
 * What leaves: `released` gathers the rows of `from`, and `write` makes the file. The joins before kept no order: only
 * `order by` gives the input's own back.
 */
function writing(plan: Plan, { path, form }: { path: string; form: OutputForm }, from: string) {
  const columns = plan.write.map((_, at) => `f${at + 1}`);
  const releasedRows = 'select count(*) as rows from released';
  if (form === 'parquet') {
    const typed = plan.write.map(
      (name, at) => `${typedAs(`f${at + 1}`, plan.types[at])} as ${identifier(name)}`,
    );
    return {
      released: [`create temp table released as select row, ${columns.join(', ')} from ${from}`],
      releasedRows,
      write: [
        `copy (select ${typed.join(', ')} from released order by row) to ${literal(path)} (format parquet, compression zstd)`,
      ],
    };
  }
  return {
    released: [
      `create macro csv_value(value) as
      case
        when contains(value, '"') or contains(value, ',') or contains(value, chr(10)) or contains(value, chr(13))
        then '"' || replace(value, '"', '""') || '"'
        else coalesce(value, '')
      end`,
      `create temp table released as select row, ${csvLine(columns)} as line from ${from}`,
    ],
    releasedRows,
    write: [
      // The heading stands before all rows. Joined by `union all`, the sort would no longer fit into its memory.
      `insert into released values (0, ${csvLine(plan.write.map(literal))})`,
      `copy (select line from released order by row)
      to ${literal(path)} (format csv, header false, delimiter '', quote '', escape '', nullstr '')`,
    ],
  };
}

// A file for machines that has types gives each value its own, where it leaves as it is held.
function typedAs(column: string, type: ColumnType | undefined): string {
  const types: Partial<Record<ColumnType, string>> = {
    integer: 'bigint',
    number: 'double',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'timestamptz',
  };
  const known = type && types[type];
  return known ? `cast(${column} as ${known})` : column;
}

// Only the columns of a Parquet file are ever called by a name from the terms.
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

// Every field that leaves, some of them replaced by an expression.
function replaced(
  plan: Plan,
  from: string,
  fields: readonly string[],
  by: (field: string, at: number) => string,
): string {
  const columns = plan.minimise.map(({ field }, at) => {
    const found = fields.indexOf(field);
    return found === -1 ? `${from}f${at + 1}` : `${by(field, found)} as f${at + 1}`;
  });
  return [`${from}row`, ...columns].join(', ');
}

// A class's key may hold a blank, which is a value of its own: `=` would lose it.
function isAmong(table: string, keys: readonly string[], of: string): string {
  const alike = keys.map((key) => `${table}.${key} is not distinct from ${of}.${key}`);
  return `exists (select 1 from ${table} ${alike.length > 0 ? `where ${alike.join(' and ')}` : ''})`;
}

// What is alike in these columns has one number, from 0.
function numbered(columns: readonly string[]): string {
  return columns.length > 0 ? `(dense_rank() over (order by ${columns.join(', ')}) - 1)::integer` : '0';
}

const textOrBlank = (text: string) => (text === '' ? 'null' : literal(text));

// A lone blank is quoted, or its row would be an empty line that most readers skip.
function csvLine(values: readonly string[]): string {
  const line = values.map((value) => `csv_value(${value})`).join(` || ',' || `);
  return values.length > 1 ? line : `case ${line} when '' then '""' else ${line} end`;
}

function summary(sizes: string, k: number): string {
  const bands = sizeBands(k).map(
    ({ from, to }, at) => `coalesce(sum(size) filter (where size between ${from} and ${to}), 0) as band${at}`,
  );
  return `select count(*) as classes, min(size) as smallest, ${bands.join(', ')} from (${sizes})`;
}

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
    form === 'date' || form === 'timestamp' ? ` and try_cast(left(${column}, 10) as date) is not null` : '';
  return `${column} is not null and not (${matches}${exists})`;
}

// What spreadsheets take for a formula begins with one of these [OWASP, CSV injection].
function isFormula(column: string): string {
  return `regexp_matches(${column}, '^[-=+@\\t\\r]')`;
}

function generalised(column: string, type: ColumnType, to: Level): string {
  // Law and people in this country count days by the clock on the wall, not in UTC.
  const day =
    type === 'timestamp'
      ? `strftime(timezone('Europe/London', cast(${column} as timestamptz)), '%Y-%m-%d')`
      : column;
  const ageBand = (width: number) => {
    const age = `cast(${column} as integer)`;
    return `(${age} - ${age} % ${width}) || '-' || (${age} - ${age} % ${width} + ${width - 1})`;
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
