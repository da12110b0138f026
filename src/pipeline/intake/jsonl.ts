import { join } from 'node:path';
import type { Problem } from '../report.ts';
import { csvSource } from '../sql.ts';
import { bytesOf, type Hear } from './bytes.ts';
import { faultsOf, type Sayings } from './faults.ts';
import { objectIn } from './json-line.ts';
import { maxRowBytes } from './structure.ts';
import type { Intake } from './table.ts';
import { tableFile } from './table-file.ts';

const maxColumns = 10_000;

// Line 1 is row 1: there is no header.
const sayings: Sayings = {
  'row-too-long': (rows) => `A line is longer than 1 MB (${rows}). Check that the file is JSON lines.`,
  'not-utf-8': (rows) => `The file is not UTF-8 text (${rows}). JSON is UTF-8: ask for it again.`,
  'not-an-object': (rows) =>
    `Not every line is a JSON object that has each name once (${rows}; line 1 is row 1). Correct the file and try again.`,
  'nul-byte': (rows) => `A text has a zero byte in ${rows} (line 1 is row 1). Correct it and try again.`,
  'half-character': (rows) =>
    `A text holds half a character in ${rows} (line 1 is row 1). Correct it and try again.`,
  'too-many-columns': () => `The lines have more than ${maxColumns} names between them. Use fewer.`,
  empty: () => 'The file is empty, or no line has a value. Choose another file.',
};

/**
 * Reads JSON lines, each an object, and writes them beside the file as a table of all their names. Numbers keep their digits;
 * null and what is missing are blank. A nested value is a refusal where its field is listed, and blank where it is not.
 */
export async function readJsonLines(
  path: string,
  folder: string,
  listed: readonly string[],
  hear: Hear,
): Promise<Intake> {
  const faults = faultsOf(sayings);
  const header = new Set<string>();
  const nested = new Map<string, number[]>();
  let rows = 0;
  for await (const line of linesOf(bytesOf(path, hear))) {
    rows += 1;
    const read = line === null ? 'row-too-long' : objectIn(line);
    if (typeof read === 'string') {
      faults.note(read, rows);
      continue;
    }
    for (const [name, value] of Object.entries(read)) {
      header.add(name);
      if (!isNested(value)) continue;
      const where = nested.get(name) ?? [];
      if (where.length < 10) nested.set(name, [...where, rows]);
    }
    if (header.size <= maxColumns) continue;
    faults.note('too-many-columns', rows);
    break;
  }
  if (header.size === 0 && !faults.any()) faults.note('empty', 1);
  const problem = faults.gravest() ?? nestedIn(listed, nested);
  return problem
    ? { table: null, problem }
    : writeTable(
        path,
        join(folder, 'input-table'),
        { header: [...header], nested: [...nested.keys()] },
        rows,
        hear,
      );
}

async function writeTable(
  path: string,
  to: string,
  { header, nested }: { header: string[]; nested: string[] },
  rows: number,
  hear: Hear,
): Promise<Intake> {
  const faults = faultsOf(sayings);
  const file = tableFile(to, header.length);
  let row = 0;
  file.row(header.map((_, at) => `c${at + 1}`));
  try {
    for await (const line of linesOf(bytesOf(path, hear))) {
      row += 1;
      const read = objectIn(line ?? Buffer.of());
      if (typeof read === 'string') throw new Error('The file changed while it was read.');
      const fault = file.row(header.map((name) => (Object.hasOwn(read, name) ? textOf(read[name]) : '')));
      if (fault) faults.note(fault, row);
    }
  } finally {
    file.close();
  }
  const problem = faults.gravest();
  if (problem) return { table: null, problem };
  const source = csvSource(to, ',', header.length);
  return { table: { header, rows, source, firstRow: 1, encoding: 'utf-8', nested }, problem: null };
}

// Names of fields come from the terms: they may be said.
function nestedIn(listed: readonly string[], nested: ReadonlyMap<string, number[]>): Problem | null {
  const field = listed.find((name) => nested.has(name));
  if (field === undefined) return null;
  const says = `The field ${field} holds a list or an object in some rows (line 1 is row 1). A field of the terms holds one value.`;
  return { check: 'nested', field, rows: nested.get(field) ?? [], says };
}

const isNested = (value: unknown) => typeof value === 'object' && value !== null;

function textOf(value: unknown): string {
  return isNested(value) || value === null ? '' : String(value);
}

/** The lines of a file's bytes, without a byte order mark; null for the first that is too long, after which there is none. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null, void> {
  let parts: Buffer[] = [];
  let length = 0;
  let first = true;
  const line = () => {
    const whole = Buffer.concat(parts);
    const marked = first && whole.subarray(0, 3).toString('hex') === 'efbbbf';
    [parts, length, first] = [[], 0, false];
    return marked ? whole.subarray(3) : whole;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      parts.push(chunk.subarray(from, end));
      yield length + end - from > maxRowBytes ? null : line();
      from = end + 1;
    }
    // Copied: the chunk's memory is used again.
    parts.push(Buffer.from(chunk.subarray(from)));
    length += chunk.length - from;
    if (length <= maxRowBytes) continue;
    yield null;
    return;
  }
  if (length > 0) yield line();
}
