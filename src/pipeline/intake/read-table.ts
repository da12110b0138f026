import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { DataSet } from '../data-set.ts';
import type { Engine } from '../engine.ts';
import type { Problem } from '../report.ts';
import { csvSource } from '../sql.ts';
import type { Encoding } from './encoding.ts';
import { readStructure } from './structure.ts';

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
};

/** The table in a file, or what is wrong with it. */
export type Intake = { table: Table; problem: null } | { table: null; problem: Problem };

/** The name of the file in the child's folder. */
export const inputName = 'input';

/**
 * Reads the file `input` in a folder of ours as the table that its format says it holds; the fields say which columns are needed. What the engine cannot read
 * itself is written beside it. Memory does not grow with the file.
 */
export async function readTable(
  folder: string,
  { format }: Pick<DataSet, 'format' | 'fields'>,
  _engine: Engine,
): Promise<Intake> {
  const path = join(folder, inputName);
  const delimiter = format.delimiter ?? ',';
  const { header, rows, problem } = await readStructure(createReadStream(path), delimiter);
  if (problem) return { table: null, problem };
  const source = csvSource(path, delimiter, header.length);
  return { table: { header, rows, source, firstRow: 2, encoding: 'utf-8' }, problem: null };
}
