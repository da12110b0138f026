import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Unreadable } from '../../platform/unreadable.ts';
import { openArchive } from '../../platform/zip.ts';
import type { DataSet } from '../data-set.ts';
import { type Problem, rowsInWords } from '../report.ts';
import { csvSource } from '../sql.ts';
import { faultsOf, type Sayings } from './faults.ts';
import type { Intake } from './table.ts';
import { tableFile } from './table-file.ts';
import { type Merged, readSheet, type SheetRow } from './xlsx-sheet.ts';
import { readWorkbook, type Workbook } from './xlsx-workbook.ts';

const maxTableBytes = 4_000_000_000;
/** What old spreadsheets begin with, and those with a password. */
const compoundFile = 'd0cf11e0a1b11ae1';

const sayings: Sayings = {
  encrypted: () =>
    'The file has a password, or is of the kind before 2007 (.xls). Save it as .xlsx without a password and try again.',
  'too-large': () =>
    'The file holds far more than its size says, or more text than can be read. Save the sheet as a CSV file and try again.',
  damaged: () => 'The file is damaged, or it is not an .xlsx file. Ask for it again.',
  'no-sheet': () =>
    'The file has no such sheet as the terms say, or all its sheets are hidden. Check that this is the right file.',
  'no-header': () =>
    'The first row of the sheet is blank. The header must stand there: take out what is above it and try again.',
  'not-calculated': (rows) =>
    `A formula has no result in ${rows}. Open the file in a spreadsheet program, save it there, and try again.`,
  'row-too-long': (rows) => `A row is longer than 1 MB (${rows}). Check that this is the right file.`,
  'nul-byte': (rows) => `A text has a zero byte in ${rows}. Correct it and try again.`,
  'half-character': (rows) => `A text holds half a character in ${rows}. Correct it and try again.`,
  ragged: (rows) =>
    `A row has more values than the header has columns (${rows}). Correct the file and try again.`,
  'no-rows': () => 'The sheet has a header but no rows. Choose another file.',
};

/**
 * Reads a sheet of an XLSX file, row by row, and writes it beside the file as CSV. What is read is what the file holds: of a formula
 * its result, of a day its day. Row 1 is the header; a row without values in between is a row of blanks, so that rows keep their numbers.
 */
export async function readXlsx(
  path: string,
  folder: string,
  sheet: string | undefined,
  fields: DataSet['fields'],
): Promise<Intake> {
  const file = await open(path);
  try {
    const start = Buffer.alloc(8);
    await file.read(start, 0, 8, 0);
    if (start.toString('hex') === compoundFile) throw new Unreadable('encrypted');
    const archive = await openArchive(file.fd);
    const workbook = await readWorkbook(archive, sheet);
    return await readRows(archive.read(workbook.sheet), workbook, join(folder, 'input-table'), fields);
  } catch (error) {
    if (error instanceof Unreadable)
      return { table: null, problem: problemOf(error.check as Problem['check']) };
    throw error;
  } finally {
    await file.close();
  }
}

function problemOf(check: Problem['check']): Problem {
  return { check, rows: [], says: sayings[check]?.('') ?? '' };
}

function mergedIn(fields: DataSet['fields'], merged: ReadonlyMap<string, number[]>): Problem | null {
  const field = fields.find(({ name }) => merged.has(name))?.name;
  if (field === undefined) return null;
  const rows = (merged.get(field) ?? []).toSorted((a, b) => a - b);
  const says = `Cells of ${field} are merged with others (${rowsInWords(rows)}), and have no value of their own. Take the merging out, write the value into each cell, and try again.`;
  return { check: 'merged', field, rows, says };
}

async function readRows(
  chunks: AsyncIterable<Buffer>,
  workbook: Workbook,
  to: string,
  fields: DataSet['fields'],
): Promise<Intake> {
  const faults = faultsOf(sayings);
  const days = new Set(fields.filter(({ type }) => type === 'date').map(({ name }) => name));
  let header: string[] = [];
  let table: ReturnType<typeof tableFile> | null = null;
  let next = 2;
  const merged = new Map<string, number[]>();

  function takeHeader({ row, cells }: SheetRow): ReturnType<typeof tableFile> {
    if (row !== 1) throw new Unreadable('no-header');
    header = valuesOf(cells, cells[cells.length - 1]?.column ?? 0);
    const file = tableFile(to, header.length);
    file.row(header.map((_, at) => `c${at + 1}`));
    return file;
  }

  function takeRow(file: ReturnType<typeof tableFile>, { row, cells }: SheetRow): void {
    for (; next < row; next += 1) file.row([]);
    next = row + 1;
    if ((cells[cells.length - 1]?.column ?? 0) > header.length) faults.note('ragged', row);
    const fault = file.row(valuesOf(cells, header.length));
    if (fault) faults.note(fault, row);
    if (file.bytes() > maxTableBytes) throw new Unreadable('too-large');
  }

  // Where the terms say that a column holds days, a spreadsheet's midnight is its day.
  function valuesOf(cells: SheetRow['cells'], columns: number): string[] {
    const values = Array.from({ length: columns }, () => '');
    for (const { column, text, dayOnly } of cells) {
      if (column <= columns)
        values[column - 1] = dayOnly !== undefined && days.has(header[column - 1] ?? '') ? dayOnly : text;
    }
    return values;
  }

  // Of merged cells only the first has a value in the file: in a field of the terms the others would be lost.
  function takeMerged({ rows: [from, to], columns: [left, right] }: Merged): void {
    for (const { name } of fields) {
      const column = header.indexOf(name) + 1;
      if (column < Math.max(left, 1) || column > right) continue;
      const where = merged.get(name) ?? [];
      for (
        let row = Math.max(column === left ? from + 1 : from, 2);
        row <= Math.min(to, next - 1) && where.length < 10;
        row += 1
      )
        where.push(row);
      if (where.length > 0) merged.set(name, where);
    }
  }

  try {
    const take = (row: SheetRow) => {
      if (row.fault) faults.note(row.fault, row.row);
      if (table) takeRow(table, row);
      else table = takeHeader(row);
    };
    await readSheet(chunks, workbook, take, takeMerged);
  } finally {
    (table as ReturnType<typeof tableFile> | null)?.close();
  }
  if (!table) faults.note('no-header', 1);
  else if (next === 2) faults.note('no-rows', 1);
  const problem = faults.gravest() ?? mergedIn(fields, merged);
  if (problem) return { table: null, problem };
  const source = csvSource(to, ',', header.length);
  return {
    table: { header, rows: next - 2, source, firstRow: 2, encoding: null, nested: [] },
    problem: null,
  };
}
