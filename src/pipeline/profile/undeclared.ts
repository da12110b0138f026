import { counted } from '../../platform/pure/words.ts';
import type { Engine, Row } from '../engine.ts';
import type { Plan } from '../plan.ts';
import type { Quality } from '../report.ts';
import { checks, identifiers, searchFor } from './identifiers.ts';
import { kindInWords } from './profile-words.ts';

// A field that the terms do not call an identifier, and that leaves as it is held, should hold none: not the NHS numbers of a
// column `ref` that somebody called `other`. Only the first rows are looked at: a column is what it is from its beginning.

type PlannedField = Plan['checkIdentifiers'][number];

/** So many of the rows that the terms choose are looked at. */
export const rowsLookedAt = 5000;

/**
 * What points at people in fields whose role says that nothing does, as warnings: how many of the first rows, and which. Looks at the
 * table `first_rows` of those (their number is `lookedAt`), in columns c1, c2, ... of text. Not those that only look like one by
 * chance: half or more of those with its form must pass its check.
 */
export async function undeclaredIdentifiers(
  engine: Engine,
  fields: Plan['checkIdentifiers'],
  lookedAt: number,
): Promise<Quality[]> {
  if (fields.length === 0) return [];
  await engine.run(valuesIn(fields.map(({ column }) => column)));
  const [values] = await engine.rows('select count(*) as some from values_looked_at');
  if (values?.['some'] === 0) return [];
  for (const check of checks) await engine.run(check);
  const first =
    lookedAt < rowsLookedAt ? '' : ` (the first ${counted(rowsLookedAt, 'row', 'rows')} looked at)`;
  return (await engine.rows(counts)).flatMap((found) => {
    const field = fields[Number(found['field'])];
    if (!field) throw new Error('Something was found in no field.');
    return identifiers.flatMap((one, at): Quality[] => {
      if (!mayPoint(field, one) || !isMeant(found, at)) return [];
      return [
        {
          check: 'identifier',
          field: field.field,
          says: `${field.field} is not an identifier in the terms, so there is no ${kindInWords[one.kind]} in it${first}`,
          failed: Number(found[`rows${at}`]),
          rows: String(found[`first${at}`]).split(',').map(Number),
          blocks: false,
        },
      ];
    });
  });
}

// A postcode is of an area with many people in it: what quasi-identifiers are for.
function mayPoint({ type, role }: PlannedField, identifier: (typeof identifiers)[number]): boolean {
  if (type !== 'string' && !('inNumbers' in identifier)) return false;
  return role !== 'quasi-identifier' || identifier.kind !== 'postcode';
}

const isMeant = (found: Row, at: number) =>
  Number(found[`sound${at}`]) > 0 && Number(found[`sound${at}`]) * 2 >= Number(found[`candidates${at}`]);

// Each distinct value once, however often it stands there, and none that can be no identifier: most columns of words are done so.
const valuesIn = (columns: readonly number[]) => `
  create temp table values_looked_at as
  select field, value, list(row) as rows
  from (${columns.map((column, field) => `select ${field} as field, c${column + 1} as value, row from first_rows`).join(' union all ')})
  where length(value) > 4 and regexp_matches(value, '[0-9@:]') group by field, value`;

const searches = identifiers.map(searchFor);
const each = (say: (search: (typeof searches)[number], at: number) => string) => searches.map(say).join(', ');

/** For each field with values to look at one row: for each kind of identifier how many have its form, how many are one, and where. */
const counts = `
  with candidates as (
    select field, rows, ${each(({ candidates }, at) => `${candidates} as candidates${at}`)}
    from values_looked_at),
  sound as (
    select field, rows, ${each((search, at) => `len(candidates${at}) as candidates${at}, len(${search.sound(`candidates${at}`)}) as sound${at}`)}
    from candidates)
  select field, ${each(
    (_, at) => `
    sum(candidates${at}) as candidates${at}, sum(sound${at}) as sound${at},
    coalesce(sum(len(rows)) filter (where sound${at} > 0), 0) as rows${at},
    array_to_string(list_sort(flatten(list(rows) filter (where sound${at} > 0)))[:10], ',') as first${at}`,
  )}
  from sound group by field order by field`;
