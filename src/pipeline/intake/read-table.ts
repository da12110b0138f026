import { join } from 'node:path';
import type { DataSet } from '../data-set.ts';
import type { Engine } from '../engine.ts';
import type { Hear } from './bytes.ts';
import { readCsv } from './csv.ts';
import { readJsonLines } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import type { Intake, Read } from './table.ts';
import { inTimeZone } from './time-zone.ts';
import { readXlsx } from './xlsx.ts';

/** The name of the file in the child's folder. */
export const inputName = 'input';

/**
 * Reads the file `input` in a folder of ours as the table that its format says it holds; the fields say which columns are needed.
 * What the engine cannot read itself is written beside it. Memory does not grow with the file. `hear` is told the bytes read so far of what we read ourselves from end to end.
 */
export async function readTable(
  folder: string,
  { format, fields }: Pick<DataSet, 'format' | 'fields'>,
  engine: Engine,
  hear: Hear,
): Promise<Read> {
  const intake = await readForm(folder, { format, fields }, engine, hear);
  if (!intake.table) return intake;
  if (format.timeZone === undefined) return { ...intake, warnings: [] };
  return { ...(await inTimeZone(intake.table, format.timeZone, fields, engine)), problem: null };
}

async function readForm(
  folder: string,
  { format, fields }: Pick<DataSet, 'format' | 'fields'>,
  engine: Engine,
  hear: Hear,
): Promise<Intake> {
  const path = join(folder, inputName);
  switch (format.type) {
    case 'csv':
      return readCsv(path, folder, format, hear);
    case 'xlsx':
      return readXlsx(path, folder, format.sheet, fields);
    case 'jsonl':
      return readJsonLines(
        path,
        folder,
        fields.map(({ name }) => name),
        hear,
      );
    case 'parquet':
      return readParquet(
        path,
        fields.map(({ name }) => name),
        engine,
      );
  }
}
