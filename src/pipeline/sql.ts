import { generalised, isFormula, isWrong } from './forms-sql.ts';
import { literal } from './literal.ts';
import { csvMacros, type OutputFile, writing } from './output/write-sql.ts';
import type { Form, Plan } from './plan.ts';
import { pseudonymParts } from './pseudonym.ts';
import { countedCheck, isChosen } from './quality/quality-sql.ts';
import { sizeBands } from './report.ts';

// The plan in DuckDB's SQL. No name from a file or from terms becomes an identifier: the file's columns are
// c1, c2, ... and the fields that leave f1, f2, ..., so a column called `"; drop table` is only ever a text.
// Blank is NULL everywhere. `row` is the row of a spreadsheet: the header is 1, the first row of data 2; without a header it is 1.
//
// What makes it quick: the file is read once, as text, into Parquet of the columns that are needed. There a column of few values
// is a dictionary, and the engine looks at each of its values once and not at each row. No step from there to the file
// that leaves is a join or a sort: rows stay in their order, and nothing is kept but classes and which rows are held back.

export type ReleaseSql = ReturnType<typeof compileRelease>;

/** Where the table is: what to read it from, which row is its first and how many it has. */
type Input = { source: string; firstRow: number; rows: number };

/**
 * Absolute paths in the child's folder: where the needed columns are kept, and where the output goes. `neutralise`: spreadsheets are
 * kept from running what is in it.
 */
type Output = OutputFile & { taken: string };

// Rows that the engine writes as one. Of its usual 122,880 there is not room for those of two threads in its memory.
const rowsTogether = 40_960;

/** Where the engine reads a CSV file of so many columns, all as text. Every option is given: nothing is guessed from the data. */
export function csvSource(path: string, delimiter: string, columns: number): string {
  const texts = Array.from({ length: columns }, (_, at) => `'c${at + 1}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, columns = {${texts}},
        auto_detect = false, header = true, strict_mode = true, delim = ${literal(delimiter)},
        quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = true)`;
}

/**
 * Compiles a plan: `take` takes the file in, then one view for each step, each reading the one before. What
 * must be counted is kept in a table. Statements run in the order they stand here.
 */
export function compileRelease(plan: Plan, input: Input, output: Output) {
  const names = plan.minimise.map(({ field }) => field);
  const f = (field: string) => `f${names.indexOf(field) + 1}`;
  const keys = (plan.holdBack?.by ?? []).map(f);
  const k = plan.holdBack?.k ?? 0;
  const sensitive = (plan.holdBack?.sensitive ?? []).map(f);
  const groupBy = (columns: readonly string[]) =>
    columns.length > 0 ? `group by ${columns.join(', ')}` : '';
  const chosen = isChosen(plan.chooseRows);
  const checks = plan.checkQuality.map((check) => countedCheck(check, plan.today));
  const searched = plan.search.map(({ field }) => f(field));
  const leafOf = (key: string) => `enum_code(try_cast(coalesce(${key}, '') as leaf_of_${key}))`;

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
    /** What is needed of the file, as text, read once and kept in its order: its places are the rows. */
    take: `copy (select ${needed.join(', ')} from ${input.source}) to ${literal(output.taken)} (format parquet, compression lz4, row_group_size ${rowsTogether})`,

    input: `
      create view input as
      select file_row_number + ${input.firstRow} as row, ${needed.join(', ')}
      from read_parquet(${literal(output.taken)}, file_row_number = true)`,

    /**
     * One row: all rows, those that the terms do not choose, for each checked column the values that are not of its form,
     * of those chosen the values that look like formulas and the blanks, and for each check of quality what fails it.
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
        ...plan.checkTypes.map(
          ({ column }, at) => `count(*) filter (where ${chosen} and c${column + 1} is null) as blanks${at}`,
        ),
        ...checks.flatMap((check, at) =>
          check && 'failed' in check ? [`${check.failed(chosen)} as failed${at}`] : [],
        ),
      ].join(',\n  ')}
      from input`,

    /** For each check of quality the first ten rows that fail it, or null where it is not about single rows. */
    failingRows: checks.map((check) => {
      if (check === null) return null;
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

    /** The first rows that the terms choose, of the columns in which there should be no identifiers; and how many. */
    firstRows: (most: number) => ({
      make: `
        create temp table first_rows as
        select ${['row', ...new Set(plan.checkIdentifiers.map(({ column }) => `c${column + 1}`))].join(', ')}
        from input where ${chosen} limit ${most}`,
      count: 'select count(*) as rows from first_rows',
    }),

    minimised: `
      create view minimised as
      select row, ${plan.minimise.map(({ column }, at) => `c${column + 1} as f${at + 1}`).join(', ')}
      from input where ${chosen}`,

    /** To the levels that the terms fix. */
    generalised: `
      create view generalised as
      select ${replaced(
        plan,
        plan.generalise.map(({ field }) => field),
        (field, at) => {
          const step = plan.generalise[at];
          return step ? generalised(f(field), step.type, step.to) : f(field);
        },
      )}
      from minimised`,

    /** The leaves of each hierarchy in the order of its lines: of a value, `enum_code` is the number of its leaf, from 0. */
    leaves: plan.search.map(
      ({ field, hierarchy }) =>
        `create type leaf_of_${f(field)} as enum (${hierarchy.map(([leaf = '']) => literal(leaf)).join(', ')})`,
    ),

    /** Rows that are alike in all that the search looks at; a value that its hierarchy lacks has no leaf. */
    alike: `
      create temp table alike as
      select ${[
        ...searched.map((key) => `${leafOf(key)}::integer as leaf_${key}`),
        ...keys.filter((key) => !searched.includes(key)),
        ...sensitive,
        'count(*) as size',
      ].join(', ')}
      from generalised group by all`,

    /** One row: for each field of the search, the rows whose value its hierarchy lacks. */
    strangers: `
      select ${searched.map((key, at) => `coalesce(sum(size) filter (where leaf_${key} is null), 0) as strangers${at}`).join(', ')}
      from alike`,

    /** The first ten of them. */
    strangeRows: (field: string) =>
      `select row from generalised where ${leafOf(f(field))} is null order by row limit 10`,

    /** What is alike, in numbers: how many rows, the leaves, the rest of the class, sensitive values. */
    cells: `
      select ${[
        'size::integer as size',
        ...searched.map((key) => `leaf_${key}`),
        `${numbered(keys.filter((key) => !searched.includes(key)))} as rest`,
        ...sensitive.map((key) => `${numbered([key])} as value_${key}`),
      ].join(', ')}
      from alike`,

    /** The fields of the search at the levels that it found. */
    found: (levels: readonly number[]) => `
      create view found as
      select ${replaced(
        plan,
        plan.search.map(({ field }) => field),
        (field, at) => {
          const level = levels[at] ?? 0;
          if (level === 0) return f(field);
          const groups = plan.search[at]?.hierarchy.map((line) => textOrBlank(line[level] ?? ''));
          return `[${groups?.join(', ')}][1 + ${leafOf(f(field))}]`;
        },
      )}
      from generalised`,

    /** Class sizes before any protection, summed up: of what is alike, where that is still as it is held. */
    classesAsHeld: summary(
      plan.search.length > 0 && plan.generalise.every(({ field }) => !keys.includes(f(field)))
        ? `select sum(size) as size from alike ${groupBy(keys.map((key) => (searched.includes(key) ? `leaf_${key}` : key)))}`
        : `select count(*) as size from minimised ${groupBy(keys)}`,
      k,
    ),

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

    smallClasses: `
      create temp table small_classes as
      select * from classes
      where ${[`size < ${k}`, ...sensitive.map((key) => isAmong(`poor_${key}`, keys, 'classes'))].join(' or ')}`,

    /** How many classes there are of each size; poor ones have too few values of a sensitive field. */
    classSizes: `
      select size, ${sensitive.map((key) => isAmong(`poor_${key}`, keys, 'classes')).join(' or ') || 'false'} as poor, count(*) as classes
      from classes group by all order by size`,

    heldBackRows: `select coalesce(sum(size), 0) as rows from small_classes`,

    /** A bit for each row of the file, 1 where it is held back: with it no step after this one joins anything. */
    heldBack: `
      set variable held_back = (
        select bitstring_agg(row - ${input.firstRow}, 0, ${Math.max(1, input.rows - 1)})
        from found where ${isAmong('small_classes', keys, 'found')})`,

    /** Class sizes of the rows that leave, summed up. */
    classesLeaving: summary(
      `select size from classes where not ${isAmong('small_classes', keys, 'classes')}`,
      k,
    ),

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

    /**
     * What leaves, and which rows of it do not. Classes are told apart as well by values as by their pseudonyms, so
     * `pseudonym` is asked of what is written, and of nothing else.
     */
    leaving: (someHeldBack: boolean) => [
      ...csvMacros,
      `create view leaving as
      select ${replaced(plan, plan.pseudonymise, (field) => pseudonymOf(f(field)))},
        ${someHeldBack ? `get_bit(getvariable('held_back'), (row - ${input.firstRow})::integer) = 1` : 'false'} as held_back
      from (select ${['*', ...plan.pseudonymise.map((field) => `pseudonym(encode(${f(field)})) as of_${f(field)}`)].join(', ')} from found)`,
    ],

    /** The first six rows that the terms choose, whole: the file is read again, as far as it takes. */
    previewBefore: `from ${whole} where ${chosen} limit 6`,

    /** The same rows, up to the row `last`, as they would leave. */
    previewAfter: (last: number) => `from leaving where row <= ${last} order by row`,

    /** The rows that leave, as they are held, in their order. */
    inOrder: `select row, ${plan.write.map((_, at) => told(`f${at + 1}`)).join(', ')} from leaving where not held_back`,

    ...writing(plan, output),
  };
}

// The row and every field that leaves, some of them replaced by an expression.
function replaced(plan: Plan, fields: readonly string[], by: (field: string, at: number) => string): string {
  const columns = plan.minimise.map(({ field }, at) => {
    const found = fields.indexOf(field);
    return found === -1 ? `f${at + 1}` : `${by(field, found)} as f${at + 1}`;
  });
  return ['row', ...columns].join(', ');
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

// The parts of a pseudonym, one after the other.
const pseudonymOf = (key: string) =>
  Array.from({ length: pseudonymParts }, (_, part) => `of_${key}.part${part}`).join(' || ');

// A text on its way out of the engine loses a byte order mark that it begins with: it is given two.
const told = (column: string) =>
  `case when starts_with(${column}, chr(65279)) then chr(65279) || ${column} else ${column} end`;

const textOrBlank = (text: string) => (text === '' ? 'null' : literal(text));

function summary(sizes: string, k: number): string {
  const bands = sizeBands(k).map(
    ({ from, to }, at) => `coalesce(sum(size) filter (where size between ${from} and ${to}), 0) as band${at}`,
  );
  return `select count(*) as classes, min(size) as smallest, ${bands.join(', ')} from (${sizes})`;
}
