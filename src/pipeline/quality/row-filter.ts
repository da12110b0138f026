import { z } from 'zod';
import { inOneLine } from '../../platform/pure/words.ts';
import { Bound, type Bounds, type ColumnType, faultOfBounds } from '../column-type.ts';
import { boundsInWords, valuesInWords } from './quality.ts';

// Which rows a data set is made of: minimisation of people, beside that of fields [R96]. Rows outside never leave.

const name = z.string().min(1).meta({ description: 'A field of the data set. It need not leave' });
const values = z.array(z.string()).min(1, 'List at least one value.');

/** One condition of the rows; a row must meet all of them. */
export const RowCondition = z.union(
  [
    z.strictObject({ field: name, is: values.meta({ description: 'Letter by letter; "" is blank' }) }),
    z.strictObject({ field: name, not: values.meta({ description: 'Letter by letter; "" is blank' }) }),
    z.strictObject({ field: name, from: Bound.exactOptional(), to: Bound.exactOptional() }),
  ],
  {
    error:
      'Give a field and what its value is (is: [a, b]), is not (not: [a, b]), or lies between (from and to).',
  },
);
export type RowCondition = z.infer<typeof RowCondition>;

/** What is wrong with a condition for a data set of these fields; null if nothing is. */
export function faultOfCondition(
  condition: RowCondition,
  fields: readonly { name: string; type: ColumnType }[],
): string | null {
  const field = fields.find((one) => one.name === condition.field);
  if (!field) return `No field is called ${condition.field}. List it, with use: drop if it is not to leave.`;
  return 'is' in condition || 'not' in condition ? null : faultOfBounds(condition, field.type);
}

/** The rows that leave, in words: `Only rows whose Force is Bedfordshire`; null where all of them do. */
export function rowsInTermsInWords(conditions: readonly RowCondition[] = []): string | null {
  if (conditions.length === 0) return null;
  return `Only rows whose ${inOneLine(conditions.map((one) => `${one.field} is ${conditionInWords(one)}`))}.`;
}

function conditionInWords(condition: RowCondition): string {
  const named = (values: string[]) => values.map((value) => (value === '' ? 'blank' : value));
  if ('is' in condition) return valuesInWords(named(condition.is));
  if ('not' in condition) {
    const [first, ...others] = condition.not;
    return others.length === 0 ? `not ${named([first ?? ''])}` : `not ${valuesInWords(named(condition.not))}`;
  }
  return boundsInWords(condition as Bounds);
}
