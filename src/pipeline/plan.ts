import type { Day } from '../platform/pure/dates.ts';
import type { ColumnType } from './column-type.ts';
import { type DataSet, type Field, isSensitive, type Level } from './data-set.ts';
import { type Check, checksOf } from './quality/quality.ts';
import type { RowCondition } from './quality/row-filter.ts';

// What the terms of a data set make of one file: a plan that says what happens, in which order, and knows nothing of the
// engine that runs it. `sql.ts` compiles it for DuckDB; another dialect can do the same.

/** What a value must look like: its type, or the narrower form that its generalisation needs. */
export type Form = ColumnType | 'age' | 'postcode';

/**
 * What is done to one file, each part a step, in the order they run. Columns are counted from 0 in the
 * file's header; fields are named as the terms name them.
 */
export type Plan = {
  header: readonly string[];
  /** Columns that the terms do not list. They never leave. */
  dropped: readonly string[];
  /** Every listed column, those that are dropped too: a wrong value is a sign of a wrong file. */
  checkTypes: readonly { field: string; column: number; form: Form }[];
  /** Rows that meet all of these go further. None: all rows. */
  chooseRows: readonly { column: number; type: ColumnType; condition: RowCondition }[];
  /** What the chosen rows must be like, on the day `today`. Columns are those of the check's fields, in their order. */
  checkQuality: readonly { check: Check; columns: readonly number[] }[];
  today: Day;
  /** Texts that leave as they are held: a spreadsheet would run some of them. */
  checkFormulas: readonly { field: string; column: number }[];
  /** What leaves as it is held and is no identifier, by its role: there should be none in it. */
  checkIdentifiers: readonly { field: string; column: number; type: ColumnType; role: Field['role'] }[];
  /** Only these go further, in this order. */
  minimise: readonly { field: string; column: number }[];
  pseudonymise: readonly string[];
  /** To a level that the terms fix. */
  generalise: readonly { field: string; type: ColumnType; to: Level }[];
  /** To the levels of hierarchies, one for each field, that lose least of all that let few enough rows be held back. */
  search: readonly { field: string; hierarchy: readonly (readonly string[])[]; weight: number }[];
  /**
   * Rows alike in the fields `by` are a class. A class of fewer than `k` rows stays behind, and one with fewer than `l`
   * values in one of the fields `sensitive`: of all rows at most the share `limit`, or nothing leaves.
   */
  holdBack: {
    by: readonly string[];
    k: number;
    l: number;
    sensitive: readonly string[];
    limit: number;
  } | null;
  /** The headings of the file that leaves, and the type of each field: a text, unless its values leave as they are held. */
  write: readonly string[];
  types: readonly ColumnType[];
};

/** Why there is no plan: listed fields the header lacks, and columns (from 1) that share a name. */
export type NoPlan = { ok: false; missing: string[]; duplicates: number[]; dropped: string[] };

/** Plans the release of a file with this header under these terms, on a day. Names must match to the letter. */
export function planRelease(
  dataSet: DataSet,
  header: readonly string[],
  today: Day,
): { ok: true; plan: Plan } | NoPlan {
  const { fields, protection, rows = [] } = dataSet;
  const listed = new Set(fields.map((field) => field.name));
  const dropped = header.filter((name) => !listed.has(name));
  const missing = fields.map((field) => field.name).filter((name) => !header.includes(name));
  const duplicates = header.flatMap((name, at) =>
    header.indexOf(name) === header.lastIndexOf(name) ? [] : [at + 1],
  );
  if (missing.length > 0 || duplicates.length > 0) return { ok: false, missing, duplicates, dropped };

  const columnOf = (field: Field) => header.indexOf(field.name);
  const leaving = fields.filter((field) => field.use !== 'drop');
  const plan: Plan = {
    header,
    dropped,
    checkTypes: fields.map((field) => ({ field: field.name, column: columnOf(field), form: formOf(field) })),
    chooseRows: rows.flatMap((condition) => {
      const field = fields.find(({ name }) => name === condition.field);
      return field ? [{ column: columnOf(field), type: field.type, condition }] : [];
    }),
    checkQuality: checksOf(dataSet).map((check) => ({
      check,
      columns: check.fields.map((name) => header.indexOf(name)),
    })),
    today,
    checkFormulas: fields
      .filter(({ type, use }) => type === 'string' && (use === 'keep' || use === 'generalise'))
      .map((field) => ({ field: field.name, column: columnOf(field) })),
    checkIdentifiers: leaving
      .filter(
        ({ type, role, use }) => use === 'keep' && role !== 'identifier' && canPointAtPeople.includes(type),
      )
      .map((field) => ({ field: field.name, column: columnOf(field), type: field.type, role: field.role })),
    minimise: leaving.map((field) => ({ field: field.name, column: columnOf(field) })),
    pseudonymise: leaving.filter((field) => field.use === 'pseudonymise').map((field) => field.name),
    generalise: leaving.flatMap(({ name, type, use }) =>
      typeof use === 'string' ? [] : [{ field: name, type, to: use.to }],
    ),
    search: leaving.flatMap(({ name, hierarchy, weight = 1 }) =>
      hierarchy ? [{ field: name, hierarchy, weight }] : [],
    ),
    holdBack:
      protection?.k === undefined && protection?.l === undefined
        ? null
        : {
            by: leaving.filter((field) => field.role === 'quasi-identifier').map((field) => field.name),
            k: protection.k ?? 1,
            l: protection.l ?? 1,
            sensitive:
              protection.l === undefined ? [] : leaving.filter(isSensitive).map((field) => field.name),
            limit: protection.suppressionLimit ?? 0,
          },
    write: leaving.map((field) => field.name),
    types: leaving.map(({ use, type }) => (use === 'keep' ? type : 'string')),
  };
  return { ok: true, plan };
}

const canPointAtPeople: readonly ColumnType[] = ['string', 'integer'];

function formOf({ type, use }: Field): Form {
  if (typeof use === 'string') return type;
  if (use.to.startsWith('age-')) return 'age';
  return use.to.startsWith('postcode-') ? 'postcode' : type;
}
