import type { ColumnType } from '../column-type.ts';
import type { Format } from '../data-set.ts';
import type { Problem } from '../report.ts';
import type { FormKind } from './identifiers.ts';

/**
 * A column's type, as terms would say it; or the days that people in this country write: 31/01/2024; or lists and objects, which no
 * field of the terms holds and which were not looked into.
 */
export type ProfileType = ColumnType | 'uk-date' | 'nested';

/** What a column may say about people. */
export type IdentifierKind = FormKind | 'date-of-birth' | 'name';

/**
 * How many identifiers of a kind were found, and in how many rows. `sure` where their form or checksum hardly ever comes about by
 * chance. `lookedAt`: the distinct values that were looked at, where that was not all of them.
 */
export type FoundIdentifier = {
  kind: IdentifierKind;
  count: number;
  rows: number;
  sure: boolean;
  lookedAt?: number;
};

/** The least and greatest of numbers and days, or the lengths of texts in characters. Texts themselves are never told. */
export type Range =
  | { least: number | string; greatest: number | string }
  | { shortest: number; longest: number };

/** One column. Blanks are no value: they are not among `distinct`. */
export type ProfiledColumn = {
  name: string;
  type: ProfileType;
  blanks: number;
  distinct: number;
  range: Range | null;
  identifiers: FoundIdentifier[];
};

/** What a file holds. It is JSON, and tells no value of a text. With a problem there are no columns. */
export type Profile = {
  rows: number;
  /** What the file was read as, also where that was guessed. */
  format: Format | null;
  columns: ProfiledColumn[];
  problem: Problem | null;
};

/** The profile of a file that cannot be read. */
export function unreadable(problem: Problem): Profile {
  return { rows: 0, format: null, columns: [], problem };
}
