import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Encoding, Format } from '../data-set.ts';
import { type Problem, rowsInWords } from '../report.ts';
import { csvSource } from '../sql.ts';
import { bytesOf, type Hear } from './bytes.ts';
import { inUtf8, isWindows1252, markedEncoding } from './encoding.ts';
import { readStructure, type Structure } from './structure.ts';
import type { Intake } from './table.ts';

type CsvFormat = Extract<Format, { type: 'csv' }>;

const names: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16': 'UTF-16',
  'windows-1252': 'Windows-1252',
};

/** Reads a CSV file in UTF-8 where it lies. One in another encoding is written in UTF-8 beside it, and that is read. */
export async function readCsv(path: string, folder: string, format: CsvFormat, hear: Hear): Promise<Intake> {
  const { delimiter = ',', encoding: said } = format;
  const marked = await markedEncoding(path);
  if (said && marked && said !== marked) return { table: null, problem: otherMark(said, marked) };
  if (said === 'utf-16' && !marked) return { table: null, problem: noMark };
  const inTheFile = said ?? marked ?? 'utf-8';
  if (inTheFile === 'utf-8') {
    const structure = await readStructure(bytesOf(path, hear), delimiter);
    const other =
      !said &&
      !marked &&
      structure.problem?.check === 'not-utf-8' &&
      (await isWindows1252(bytesOf(path, hear)));
    if (!other) return tableOf(structure, path, delimiter, 'utf-8');
  }
  const encoding = inTheFile === 'utf-8' ? 'windows-1252' : inTheFile;
  const copy = join(folder, 'input-utf-8');
  const structure = await readStructure(keptIn(copy, inUtf8(bytesOf(path, hear), encoding)), delimiter);
  return tableOf(structure, copy, delimiter, encoding);
}

function tableOf(structure: Structure, path: string, delimiter: string, encoding: Encoding): Intake {
  const { header, rows, problem } = structure;
  if (problem?.check === 'not-utf-8' && encoding !== 'utf-8') {
    const says = `The file is read as ${names[encoding]}, and has what is no sign in it (${rowsInWords(problem.rows)}). Say its encoding in the terms, or save it as “CSV UTF-8”, and try again.`;
    return { table: null, problem: { check: 'wrong-encoding', rows: problem.rows, says } };
  }
  if (problem) return { table: null, problem };
  const source = csvSource(path, delimiter, header.length);
  return { table: { header, rows, source, firstRow: 2, encoding, nested: [] }, problem: null };
}

async function* keptIn(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      await file.appendFile(chunk);
      yield chunk;
    }
  } finally {
    await file.close();
  }
}

function otherMark(said: Encoding, marked: Encoding): Problem {
  return {
    check: 'wrong-encoding',
    rows: [1],
    says: `The terms say that the file is ${names[said]}, and it begins with the byte order mark of ${names[marked]}. Correct one of them.`,
  };
}

const noMark: Problem = {
  check: 'wrong-encoding',
  rows: [1],
  says: 'The terms say that the file is UTF-16, and it has no byte order mark to say in which order its bytes stand. Save it as “CSV UTF-8” and try again.',
};
