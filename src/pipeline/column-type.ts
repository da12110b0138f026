import { z } from 'zod';

/** What the values of a column are. */
export const ColumnType = z.enum(['string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'month']);
export type ColumnType = z.infer<typeof ColumnType>;

/** A value that others are above or below: a number, a day (also of a timestamp, in London) or a month. */
export const Bound = z.union([z.number(), z.string().min(1)], {
  error: 'Give a number, a day such as "2026-01-31" or a month such as "2026-01".',
});
export type Bound = z.infer<typeof Bound>;

/** From one bound to another, both included: at least one of them. */
export type Bounds = { from?: Bound; to?: Bound };

/** Whether values of this type are before or after one another. */
export function isOrdered(type: ColumnType): boolean {
  return type !== 'string' && type !== 'boolean';
}

/** What is wrong with bounds for a column of this type; null if nothing is. */
export function faultOfBounds({ from, to }: Bounds, type: ColumnType): string | null {
  const given = [from, to].filter((bound) => bound !== undefined);
  if (given.length === 0) return 'Give from, to or both.';
  if (!given.every((bound) => isOfType(bound, type)))
    return isOrdered(type)
      ? `This does not fit the type ${type}: ${formOfBound[type] ?? 'give numbers'}.`
      : `Values of type ${type} are not before or after one another.`;
  return from !== undefined && to !== undefined && from > to ? 'from is after to.' : null;
}

const formOfBound: Partial<Record<ColumnType, string>> = {
  integer: 'give whole numbers',
  date: 'give days such as "2026-01-31"',
  timestamp: 'give days such as "2026-01-31"',
  month: 'give months such as "2026-01"',
};

function isOfType(bound: Bound, type: ColumnType): boolean {
  if (type === 'integer') return Number.isSafeInteger(bound);
  if (type === 'number') return Number.isFinite(bound);
  if (typeof bound !== 'string' || !isOrdered(type)) return false;
  return z.iso.date().safeParse(type === 'month' ? `${bound}-01` : bound).success;
}
