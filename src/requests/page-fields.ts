import type { Agreement } from '../agreements/index.ts';
import { inOneLine } from '../platform/pure/words.ts';

type DataSet = Agreement['terms']['datasets'][number];
type Field = Pick<DataSet['fields'][number], 'name' | 'role' | 'use'>;
type Level = Exclude<Field['use'], string>['to'];

/** A column and what leaves of it, as the macro `fields` shows it. */
export type FieldRow = {
  name: string;
  leaves: 'as-asked' | 'less-exact' | 'as-a-code' | 'left-out';
  detail: string | null;
  why: string;
};

const levels: Record<Level, { detail: string; short: string }> = {
  day: { detail: 'the day, without the time', short: 'as its day' },
  month: { detail: 'the month, such as 2026-01', short: 'as its month' },
  quarter: { detail: 'the quarter of the year', short: 'as its quarter' },
  year: { detail: 'the year', short: 'as its year' },
  'age-band-5': { detail: 'an age band of 5 years', short: 'as an age band of 5 years' },
  'age-band-10': { detail: 'an age band of 10 years', short: 'as an age band of 10 years' },
  'postcode-district': { detail: 'the district, such as WM4', short: 'as its district' },
  'postcode-sector': { detail: 'the sector, such as WM4 2', short: 'as its sector' },
};

/** The columns of an agreed data set and what is done to each. `k` is the smallest group that may leave, or null. */
export function fieldRows(fields: readonly Field[], k: number | null): FieldRow[] {
  return fields.map((field) => ({ name: field.name, ...whatLeaves(field, k) }));
}

function whatLeaves({ role, use }: Field, k: number | null): Omit<FieldRow, 'name'> {
  if (use === 'drop') {
    return { leaves: 'left-out', detail: null, why: 'The agreement leaves it out' };
  }
  if (use === 'pseudonymise') {
    const why =
      'Rows about one thing can still be linked. Only the holder has the key to make the same code again';
    return { leaves: 'as-a-code', detail: 'the same value has the same code', why };
  }
  if (use === 'generalise') {
    const why = 'The agreement says how: as exact as it can be while everybody is in a group';
    return { leaves: 'less-exact', detail: 'a group of values', why };
  }
  if (typeof use !== 'string') {
    return { leaves: 'less-exact', detail: levels[use.to].detail, why: 'The agreement says this is enough' };
  }
  const grouped = role === 'quasi-identifier' && k !== null;
  const why = grouped
    ? `Agreed. Who is alike in this in a group of fewer than ${k} is held back`
    : 'Agreed, and needed for the purpose';
  return { leaves: 'as-asked', detail: null, why };
}

/** The columns that leave, in one line: `Type, Date (as its month), Gender and Outcome`. */
export function leavingInOneLine(fields: readonly Field[]): string {
  const leaving = fields.filter((field) => field.use !== 'drop');
  return inOneLine(
    leaving.map(({ name, use }) => {
      if (typeof use !== 'string') return `${name} (${levels[use.to].short})`;
      if (use === 'generalise') return `${name} (as a group)`;
      return use === 'pseudonymise' ? `${name} (as a code)` : name;
    }),
  );
}
