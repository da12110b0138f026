import { counted } from '../../platform/pure/words.ts';
import type { Check } from './quality.ts';

// Whether the data is like the last that left under the same terms: a file that is half as long, or suddenly blank, is more
// often a fault on the way than news [R96].

/** The counts of one file: the rows that the terms chose, and of them those that are blank in each listed field. */
export type Counts = { rows: number; blanks: readonly { field: string; rows: number }[] };

/** A check of drift: of a field's blanks, or of the number of rows. */
export type Drift = Pick<Extract<Check, { check: 'drift' }>, 'fields' | 'most'>;

/** Whether a check of drift fails (1) or passes (0), and what was found, in words. Where there is nothing to compare with it passes. */
export function driftOf(
  { fields: [field], most }: Drift,
  now: Counts,
  last: Counts | null,
): { failed: 0 | 1; found: string } {
  if (!last) return { failed: 0, found: 'There is no last time to compare with' };
  const rows = (n: number) => counted(n, 'row', 'rows');
  if (field === undefined) {
    const failed = Math.abs(now.rows - last.rows) * 1e6 > Math.round(most * 1e6) * last.rows;
    return { failed: failed ? 1 : 0, found: `${rows(now.rows)}, and ${rows(last.rows)} the last time` };
  }
  const [blank, before] = [blanksOf(now, field), blanksOf(last, field)];
  if (blank === null || before === null || now.rows === 0 || last.rows === 0)
    return { failed: 0, found: `The last time it was not counted how often ${field} is blank` };
  // In whole numbers: two shares that are the same must not differ by how they are rounded.
  const [n, m] = [BigInt(now.rows), BigInt(last.rows)];
  const apart = BigInt(blank) * m - BigInt(before) * n;
  const failed = (apart < 0n ? -apart : apart) * 1_000_000n > BigInt(Math.round(most * 1e6)) * n * m;
  const share = (some: number, of: number) =>
    `${((some / of) * 100).toLocaleString('en-GB', { maximumFractionDigits: 1 })}%`;
  return {
    failed: failed ? 1 : 0,
    found: `${share(blank, now.rows)} are blank, and ${share(before, last.rows)} the last time`,
  };
}

function blanksOf({ blanks }: Counts, field: string): number | null {
  return blanks.find((one) => one.field === field)?.rows ?? null;
}
