import type { ColumnType } from '../column-type.ts';
import { isWrong } from '../forms-sql.ts';
import { literal } from '../literal.ts';
import { identifiers, searchFor } from './identifiers.ts';
import type { ProfileType } from './profile-report.ts';

// What a profile asks of the engine. Columns are c1, c2, ... as in a release. Each is looked at alone, by its distinct values: a
// check is made once however often a value stands in the file.

const ukDate = '(0?[1-9]|[12][0-9]|3[01])/(0?[1-9]|1[0-2])/[12][0-9]{3}';

// A number that begins with 0 is a code: read as a number it would lose the 0.
const isCode = `regexp_matches(value, '^-?0[0-9]')`;

/** The narrowest first. What is none of these is a string. */
const types: readonly { type: ProfileType; isWrong: string }[] = [
  { type: 'boolean', isWrong: isWrong('value', 'boolean') },
  { type: 'integer', isWrong: `(${isWrong('value', 'integer')} or ${isCode})` },
  { type: 'number', isWrong: `(${isWrong('value', 'number')} or ${isCode})` },
  ...(['month', 'date', 'timestamp'] as const).map((type) => ({ type, isWrong: isWrong('value', type) })),
  {
    type: 'uk-date',
    isWrong: `(not regexp_full_match(value, ${literal(ukDate)}) or try_strptime(value, '%d/%m/%Y') is null)`,
  },
];

const ordered: Partial<Record<ProfileType, string>> = {
  integer: 'cast(value as bigint)',
  number: 'cast(value as double)',
  month: 'value',
  date: 'value',
  timestamp: 'cast(value as timestamptz)',
  'uk-date': `strptime(value, '%d/%m/%Y')`,
};

/** The table once, by column: the file is then not read again for each. */
export const toColumns = (source: string, path: string) =>
  `copy (select * from ${source}) to ${literal(path)} (format parquet, compression lz4)`;

export const rowsOf = (path: string) => `select count(*) as rows from read_parquet(${literal(path)})`;

/** The distinct values of a column (from 0) and how often each stands in the file. */
export const distinctValues = (path: string, column: number) => `
  create or replace temp table distinct_values as
  select c${column + 1} as value, count(*) as times
  from read_parquet(${literal(path)}) where c${column + 1} is not null group by all`;

/** One row: how many values, distinct and in all, their lengths, and for each type how many are not of it. */
export const describeValues = `
  select count(*) as distinct_values, coalesce(sum(times), 0) as present,
    min(length(value)) as shortest, max(length(value)) as longest,
    ${types.map((one, at) => `count(*) filter (where ${one.isWrong}) as wrong${at}`).join(', ')}
  from distinct_values`;

/** The narrowest type that every value has, from the row that `describeValues` gives. */
export function typeIn(row: Readonly<Record<string, unknown>>): ProfileType {
  if (row['distinct_values'] === 0) return 'string';
  return types.find((_, at) => row[`wrong${at}`] === 0)?.type ?? 'string';
}

/** The least and greatest value, as written; null for types that have none. */
export function extremes(type: ProfileType): string | null {
  const by = ordered[type];
  return by
    ? `select arg_min(value, ${by}) as least, arg_max(value, ${by}) as greatest from distinct_values`
    : null;
}

const textTypes: readonly ProfileType[] = ['string'];
const numberTypes: readonly (ProfileType | ColumnType)[] = ['integer'];

/** The identifiers that values of a type can be. */
export function identifiersIn(type: ProfileType): readonly (typeof identifiers)[number][] {
  if (textTypes.includes(type)) return identifiers;
  return numberTypes.includes(type) ? identifiers.filter((one) => 'inNumbers' in one) : [];
}

/** One row: for each kind how many identifiers there are, in how many rows, and how many texts that look like one. */
export function countIdentifiers(kinds: readonly (typeof identifiers)[number][]): string {
  const searches = kinds.map(searchFor);
  return `
  with candidates as (
    select times, ${searches.map((search, at) => `${search.candidates} as candidates${at}`).join(', ')}
    from distinct_values),
  sound as (
    select times, ${searches.map((search, at) => `len(candidates${at}) as candidates${at}, len(${search.sound(`candidates${at}`)}) as sound${at}`).join(', ')}
    from candidates)
  select ${searches
    .map(
      (_, at) =>
        `coalesce(sum(times * sound${at}), 0) as count${at}, coalesce(sum(times) filter (where sound${at} > 0), 0) as rows${at},
         coalesce(sum(sound${at}), 0) as different${at}, coalesce(sum(candidates${at}), 0) as candidates${at}`,
    )
    .join(', ')}
  from sound`;
}

/** Some distinct values that have letters, each cut off: the same of the same file, and no first ones. */
export const someTexts = (most: number, length: number) => `
  select left(value, ${length}) as value, times
  from distinct_values where regexp_matches(value, '\\p{L}{2}') order by hash(value), value limit ${most}`;

/** How many values have letters next to one another, distinct and in all. */
export const countTexts = `
  select count(*) as distinct_texts, coalesce(sum(times), 0) as texts
  from distinct_values where regexp_matches(value, '\\p{L}{2}')`;
