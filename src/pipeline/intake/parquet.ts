import type { Engine } from '../engine.ts';
import { literal } from '../literal.ts';
import type { Problem } from '../report.ts';
import type { Intake } from './table.ts';

/**
 * Reads a Parquet file with the engine, every value as the text that the terms know: dates 2024-01-31, moments in UTC with
 * their offset, true and false, whole numbers without a point. A nested column is a refusal where its field is listed, and
 * blank where it is not. Every other column is read once to its end, so that damage is found before anything is made.
 */
export async function readParquet(path: string, listed: readonly string[], engine: Engine): Promise<Intake> {
  // Older writers do not say that their bytes are text.
  const file = `read_parquet(${literal(path)}, binary_as_string = true)`;
  try {
    const header = topNames(
      await engine.rows(`select name, num_children from parquet_schema(${literal(path)})`),
    );
    const types = (await engine.rows(`describe select * from ${file}`)).map((row) =>
      String(row['column_type']),
    );
    const columns = types.map((type, at) => textOf(`v${at + 1}`, type));
    const field = listed.find((name) => header.includes(name) && columns[header.indexOf(name)] === null);
    if (field !== undefined) return { table: null, problem: nested(field) };
    const names = columns.map((_, at) => `v${at + 1}`).join(', ');
    const source = `(select ${columns.map((text, at) => `nullif(${text ?? 'null::varchar'}, '') as c${at + 1}`).join(', ')} from ${file} as file(${names}))`;
    const rows = await readToTheEnd(engine, source, columns.length);
    if (typeof rows !== 'number') return { table: null, problem: rows };
    const nestedToo = header.filter((_, at) => columns[at] === null);
    return { table: { header, rows, source, firstRow: 1, encoding: null, nested: nestedToo }, problem: null };
  } catch (error) {
    return { table: null, problem: problemOf(error) };
  }
}

/** The rows of a table, or what its texts hold that no file of text can. */
async function readToTheEnd(engine: Engine, source: string, columns: number): Promise<number | Problem> {
  const zero = Array.from({ length: columns }, (_, at) => `contains(c${at + 1}, chr(0))`).join(' or ');
  const [counts] = await engine.rows(
    `select count(*) as rows, count(*) filter (where ${zero}) as zeros from ${source}`,
  );
  if (counts?.['rows'] === 0) return noRows;
  if (counts?.['zeros'] === 0) return Number(counts['rows']);
  const rows = await engine.rows(
    `select row from (select row_number() over () as row, * from ${source}) where ${zero} order by row limit 10`,
  );
  return { ...zeroByte, rows: rows.map(({ row }) => Number(row)) };
}

// The schema is a tree, written root first: of each node how many children follow it.
function topNames(nodes: readonly Record<string, unknown>[]): string[] {
  let at = 1;
  const skip = (): void => {
    const children = Number(nodes[at]?.['num_children'] ?? 0);
    at += 1;
    for (let child = 0; child < children && at < nodes.length; child += 1) skip();
  };
  const names: string[] = [];
  while (at < nodes.length) {
    names.push(String(nodes[at]?.['name']));
    skip();
  }
  return names;
}

// Null for a type that holds more than one value.
function textOf(column: string, type: string): string | null {
  const text = `${column}::varchar`;
  if (
    /^(VARCHAR|BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DATE|TIME|UUID|ENUM\(.*\)|DECIMAL\(\d+,\d+\))$/s.test(
      type,
    )
  )
    return text;
  if (/^(FLOAT|DOUBLE)$/.test(type))
    return `case when ${column} = trunc(${column}) and abs(${column}) < 1e15 then ${column}::bigint::varchar else ${text} end`;
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(type)) return `replace(${text}, ' ', 'T')`;
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return `replace(timezone('UTC', ${column})::varchar, ' ', 'T') || '+00:00'`;
  return null;
}

// DuckDB's messages quote what they stumbled on: of an error only its kind is looked at.
function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : '';
  if (message.includes('No space left on device')) throw error;
  return message.startsWith('Out of Memory') ? tooLarge : damaged;
}

function nested(field: string): Problem {
  const says = `The field ${field} is not a column of single values in this file. A field of the terms holds one value.`;
  return { check: 'nested', field, rows: [], says };
}

const damaged: Problem = {
  check: 'damaged',
  rows: [],
  says: 'The file is damaged, or it is not a Parquet file. Ask for it again.',
};
const tooLarge: Problem = {
  check: 'too-large',
  rows: [],
  says: 'A part of the file is larger than the memory that there is for it. Ask for it with smaller row groups.',
};
const noRows: Problem = { check: 'no-rows', rows: [], says: 'The file has no rows. Choose another file.' };
const zeroByte: Problem = {
  check: 'nul-byte',
  rows: [],
  says: 'A text has a zero byte: the first row is row 1. Correct it and try again.',
};
