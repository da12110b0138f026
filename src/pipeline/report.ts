import { counted } from '../platform/pure/words.ts';
import { type DataSet, doneTo, type Encoding, type Field, type OutputForm } from './data-set.ts';
import type { Form } from './plan.ts';
import type { Counts } from './quality/drift.ts';
import type { Check } from './quality/quality.ts';
import type { CurvePoint } from './search/curve.ts';

/** Why a file cannot be read as the table it should be. */
export type ProblemCheck =
  | 'no-file'
  | 'changed'
  | 'empty'
  | 'not-utf-8'
  | 'wrong-encoding'
  | 'nul-byte'
  | 'misplaced-quote'
  | 'unclosed-quote'
  | 'line-endings'
  | 'row-too-long'
  | 'line-break-in-heading'
  | 'ragged'
  | 'no-header'
  | 'duplicate-column'
  | 'no-rows'
  | 'not-an-object'
  | 'half-character'
  | 'too-many-columns'
  | 'nested'
  | 'merged'
  | 'damaged'
  | 'encrypted'
  | 'too-large'
  | 'no-sheet'
  | 'not-calculated'
  | 'too-large-for-xlsx'
  | 'too-long-for-xlsx';

/**
 * What is wrong with a file as a whole, or with a field of the terms in it. Rows are counted as in a spreadsheet: the header is
 * row 1; JSON lines and Parquet have none, and their first row is row 1. Never a value.
 */
export type Problem = { check: ProblemCheck; field?: string; rows: number[]; says: string };

/** A column with values that are not of its type, or not in its hierarchy: how many, and the first ten rows (the header is row 1). */
type WrongType = { field: string; type: Form | 'hierarchy'; failed: number; rows: number[] };

/** A field with values that a spreadsheet would run: how many, and the first ten rows. */
type Formulas = { field: string; values: number; rows: number[] };

/**
 * What came of one check that the terms make; or, never blocking, of identifiers where they say there are none, and of times that
 * clocks showed twice: how many rows fail it (0 where it passes; 1 where it is about all rows
 * together) and the first ten. `says` is what was agreed, in words; `blocks`: nothing leaves where it fails. Never a value.
 */
export type Quality = {
  check: Check['check'] | 'identifier' | 'time-shown-twice';
  field: string | null;
  says: string;
  failed: number;
  rows: number[];
  blocks: boolean;
  /** What was found where that is no rows of the file, in words. */
  found?: string;
};

/** The levels of the hierarchies that were found, by field, what they lose (0 to 1), and how many nodes were looked at. */
type Generalisation = {
  levels: Record<string, number>;
  loss: number;
  nodes: number;
  nodesChecked: number;
};

/** How rows fall into classes: rows alike in every quasi-identifier. The histogram counts rows by their class's size. */
export type Classes = {
  classes: number;
  smallest: number | null;
  rowsBelow: number;
  histogram: { size: string; rows: number }[];
};

/** One of the file's first rows: as held, in the header's order, and as it would leave, in the terms' order. */
type PreviewRow = { before: string[]; after: (string | null)[]; heldBack: boolean };

/** What the pipeline found and did. It is JSON, and apart from `preview` and `header` it holds no value of the file. */
export type PipelineReport = {
  header: string[];
  /** The file as it was given: its SHA-256 in hex and its size; null where nobody asked for it. */
  input: { sha256: string; bytes: number } | null;
  /** What a text file was read as; null where there is no choice, and where it was not read. */
  encoding: Encoding | null;
  fields: (Field & { done: ReturnType<typeof doneTo> })[];
  /** Columns of the file that the terms do not list. */
  dropped: string[];
  /** Fields of the terms that the file lacks. */
  missing: string[];
  wrongTypes: WrongType[];
  /** Fields that leave as they are held with values that a spreadsheet would run. */
  formulas: Formulas[];
  /** Of the file that leaves, the texts of each field that were written so that a spreadsheet does not run them, where any were. */
  neutralised: { field: string; values: number }[];
  problem: Problem | null;
  /** Every check of the terms, in their order, those that pass too. */
  quality: Quality[];
  /** All rows of the file are those that leave, those held back, and those outside what the terms choose. */
  rows: { in: number; out: number; heldBack: number; outside: number };
  /** Of the rows that the terms choose, those that are blank in each listed field. */
  blanks: { field: string; rows: number }[];
  /** What it was compared with: the last that left. Null where there was none, or no check compares. */
  last: Counts | null;
  /** Classes as the rows are held, and as they leave: generalised, the small ones held back. */
  k: { required: number; fields: string[]; before: Classes; after: Classes } | null;
  /** Null where nothing is generalised by a hierarchy, and where no levels hold few enough rows back. */
  generalisation: Generalisation | null;
  /** Rows held back of all that the terms choose, 0 to 1, and the most that the terms allow: null where `k` is. */
  heldBackShare: number;
  limit: number | null;
  withinLimit: boolean;
  /**
   * Over the limit: how near the terms are. `limit` is the share that would be enough; `k` the largest that would be, null
   * for none; `l` the one that fails where k alone would not. At the highest levels, where the search finds none.
   */
  closest: { limit: number; k: number | null; l: number | null } | null;
  /** Over the limit: what would be held back if one field were left out. */
  alternatives: { leaveOut: string; heldBack: number; share: number }[];
  /** What other group sizes would mean, the agreed one among them; null where that was not asked, or nothing is held back. */
  curve: CurvePoint[] | null;
  preview: PreviewRow[];
  /** The file that may leave, or null if anything above says no. */
  output: { path: string; form: OutputForm; sha256: string; bytes: number; rows: number } | null;
};

/** The report of a file of which nothing is known yet. */
export function blankReport(dataSet: DataSet): PipelineReport {
  return {
    header: [],
    input: null,
    encoding: null,
    fields: dataSet.fields.map((field) => ({ ...field, done: doneTo(field) })),
    dropped: [],
    missing: [],
    wrongTypes: [],
    formulas: [],
    neutralised: [],
    problem: null,
    quality: [],
    rows: { in: 0, out: 0, heldBack: 0, outside: 0 },
    blanks: [],
    last: null,
    k: null,
    generalisation: null,
    heldBackShare: 0,
    limit: null,
    withinLimit: true,
    closest: null,
    alternatives: [],
    curve: null,
    preview: [],
    output: null,
  };
}

/** `Age is from 10 to 17: not so in 3 rows, first in rows 4, 9 and 12`. */
export function failureInWords({
  says,
  ...where
}: Pick<Quality, 'says' | 'failed' | 'rows' | 'found'>): string {
  return `${says}: ${whereItFails(where)}`;
}

/** `not so in 3 rows, in rows 4, 9 and 12`. */
export function whereItFails({ failed, rows, found }: Pick<Quality, 'failed' | 'rows' | 'found'>): string {
  if (found !== undefined) return found;
  if (rows.length === 0)
    return failed === 1 ? 'this is not so' : `not so in ${counted(failed, 'row', 'rows')}`;
  const first = failed > rows.length ? 'first in' : 'in';
  return `not so in ${counted(failed, 'row', 'rows')}, ${first} ${rowsInWords(rows)}`;
}

/** `row 5`, or `rows 5, 9 and 12`. */
export function rowsInWords(rows: readonly number[]): string {
  return rows.length === 1
    ? `row ${rows[0]}`
    : `rows ${rows.slice(0, -1).join(', ')} and ${rows[rows.length - 1]}`;
}

/** The class sizes of the histogram, for k 5: 1 to 4, 5 to 19, 20 to 99, 100 or more. `to` is inclusive. */
export function sizeBands(k: number): { size: string; from: number; to: number }[] {
  const starts = [1, k, 4 * k, 20 * k];
  return starts.map((from, at) => {
    const next = starts[at + 1];
    if (next === undefined) return { size: `${from} or more`, from, to: Number.MAX_SAFE_INTEGER };
    const to = next - 1;
    return { size: from === to ? `${from}` : `${from} to ${to}`, from, to };
  });
}

/** What makes a file unreadable, as one of the findings that a command prints. */
export function findingOf({ check, field, rows }: Problem) {
  return { check, field: field ?? null, failed: rows.length, rows };
}
