import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trouble } from '../../platform/trouble.ts';
import type { Table } from './table.ts';

/** A table as an Excel workbook, as releases are written: its heading stays in sight and filters, its days are days. */
export async function workbookOf({ columns, rows }: Table): Promise<Uint8Array> {
  const { writeXlsx } = await import('../../pipeline/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'chirograph-survey-'));
  try {
    const path = join(folder, 'table.xlsx');
    const plan = { write: columns.map(({ name }) => name), types: columns.map(({ type }) => type) };
    async function* chunks() {
      yield [rows.map((_, row) => row + 2), ...columns.map((_, column) => rows.map((row) => row[column]))];
    }
    const problem = await writeXlsx(path, plan, rows.length, chunks(), { filters: true });
    if (problem) throw new Trouble(problem.says);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
