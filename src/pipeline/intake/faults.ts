import { type Problem, type ProblemCheck, rowsInWords } from '../report.ts';

/** What to say of each fault that a reader can find, of the rows where it is; the gravest first. */
export type Sayings = Partial<Record<ProblemCheck, (rows: string) => string>>;

const rowsTold = 10;

/** Gathers what is wrong with a file, row by row: of each check the first ten rows, and no value. */
export function faultsOf(sayings: Sayings) {
  const found = new Map<ProblemCheck, number[]>();
  return {
    note(check: ProblemCheck, row: number): void {
      const rows = found.get(check) ?? [];
      if (rows.length < rowsTold && rows[rows.length - 1] !== row) found.set(check, [...rows, row]);
    },
    any: () => found.size > 0,
    /** What makes the others doubtful, or null. */
    gravest(): Problem | null {
      for (const [check, words] of Object.entries(sayings) as [ProblemCheck, (rows: string) => string][]) {
        const rows = found.get(check);
        if (rows) return { check, rows, says: words(rowsInWords(rows)) };
      }
      return null;
    },
  };
}
