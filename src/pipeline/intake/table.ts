import type { Encoding } from '../data-set.ts';
import type { Problem, Quality } from '../report.ts';

/** A file as a table that the engine can read. */
export type Table = {
  header: string[];
  rows: number;
  /** SQL to stand after `from`: the columns c1, c2, ... as text in the header's order, blank as NULL, rows as in the file. */
  source: string;
  /** The number of the first row of data: 2 after a header, as a spreadsheet counts, and 1 where there is none. */
  firstRow: 1 | 2;
  /** Null where the form of the file leaves no choice. */
  encoding: Encoding | null;
  /** Columns that hold lists or objects: those values are blank. None of the fields of the terms. */
  nested: readonly string[];
};

/** The table in a file, or what is wrong with it. */
export type Intake = { table: Table; problem: null } | { table: null; problem: Problem };

/** The same, with what had to be decided of it. */
export type Read = { table: Table; problem: null; warnings: Quality[] } | { table: null; problem: Problem };
