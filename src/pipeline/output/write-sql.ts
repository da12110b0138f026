import type { ColumnType } from '../column-type.ts';
import type { OutputForm } from '../data-set.ts';
import { isFormula } from '../forms-sql.ts';
import { literal } from '../literal.ts';
import type { Plan } from '../plan.ts';

// How the view `leaving` becomes a file, in DuckDB's SQL.

/** Where the output goes, its form, and whether texts that a spreadsheet would run are kept from it. */
export type OutputFile = { path: string; form: OutputForm; neutralise: boolean };

/** A value as CSV has it, for machines and for people. */
export const csvMacros = [
  // The engine's own quotation would also quote what begins a comment elsewhere.
  `create macro csv_value(value) as
      case
        when contains(value, '"') or contains(value, ',') or contains(value, chr(10)) or contains(value, chr(13))
        then '"' || replace(value, '"', '""') || '"'
        else value
      end`,
  // For people [OWASP, CSV injection]: every text in quotation marks, and an apostrophe before what a spreadsheet would run.
  `create macro csv_text(value) as
      '"' || case when ${isFormula('value')} then '''' else '' end || replace(value, '"', '""') || '"'`,
];

/**
 * `write` makes the file of the rows that leave, in their order, and gives how many they are. In CSV it begins with what `headings`
 * gives (hex of UTF-8: a text on its way out of the engine may lose a byte order mark). Joined to the rows by `union all` they would
 * have the engine write with one thread.
 */
export function writing(plan: Plan, { path, form, neutralise }: OutputFile) {
  if (form !== 'csv') {
    const typed = plan.write.map(
      (name, at) => `${typedAs(`f${at + 1}`, plan.types[at])} as ${identifier(name)}`,
    );
    return {
      headings: null,
      write: () => `
      copy (select ${typed.join(', ')} from leaving where not held_back)
      to ${literal(path)} (format parquet, compression zstd)`,
      neutralised: null,
    };
  }
  // A pseudonym and a fixed level hold no sign that CSV quotes; nor do most hierarchies.
  const unquoted = plan.search.filter(
    ({ hierarchy }) => !hierarchy.flat().some((text) => /[",\r\n]/.test(text)),
  );
  const plain = [...plan.pseudonymise, ...[...plan.generalise, ...unquoted].map(({ field }) => field)];
  const isText = (at: number) => neutralise && plan.types[at] === 'string';
  const values = plan.write.map((name, at) => {
    if (isText(at)) return `csv_text(f${at + 1})`;
    return plain.includes(name) ? `f${at + 1}` : `csv_value(f${at + 1})`;
  });
  const headings = plan.write.map((name) => `${neutralise ? 'csv_text' : 'csv_value'}(${literal(name)})`);
  const texts = plan.write.flatMap((_, at) => (isText(at) ? [`f${at + 1}`] : []));
  return {
    headings: `select hex(encode(${headings.join(` || ',' || `)})) as headings`,
    // The engine writes line feeds between rows: the last is the suffix.
    write: (before: string) => `
      copy (select ${blanksTold(values)} from leaving where not held_back)
      to ${literal(path)} (format csv, header false, delimiter ',', quote '', escape '', nullstr '',
        prefix ${literal(before)}, suffix '\n')`,
    /** How many texts of each field are written so that a spreadsheet does not run them. */
    neutralised:
      texts.length === 0
        ? null
        : `select ${texts.map((text) => `count(*) filter (where ${isFormula(text)}) as ${text}`).join(', ')} from leaving where not held_back`,
  };
}

// A lone blank is quoted, or its row would be an empty line that most readers skip.
function blanksTold(values: readonly string[]): string {
  return values.length > 1 ? values.join(', ') : values.map((value) => `coalesce(${value}, '""')`).join('');
}

// A file for machines that has types gives each value its own, where it leaves as it is held.
function typedAs(column: string, type: ColumnType | undefined): string {
  const types: Partial<Record<ColumnType, string>> = {
    integer: 'bigint',
    number: 'double',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'timestamptz',
  };
  const known = type && types[type];
  return known ? `cast(${column} as ${known})` : column;
}

// Only the columns of a Parquet file are ever called by a name from the terms.
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
