import { join } from 'node:path';
import type { PipelineStep } from '../../steps.ts';
import type { Format } from '../data-set.ts';
import { type Engine, openEngine, type Row } from '../engine.ts';
import type { Hear } from '../intake/bytes.ts';
import { inputName, readTable } from '../intake/read-table.ts';
import { guessDelimiter } from './delimiter.ts';
import { checks } from './identifiers.ts';
import { countNames, isBirthHeading, isNameHeading, namesLookedAt } from './names.ts';
import {
  type FoundIdentifier,
  type Profile,
  type ProfiledColumn,
  type ProfileType,
  type Range,
  unreadable,
} from './profile-report.ts';
import {
  countIdentifiers,
  countTexts,
  describeValues,
  distinctValues,
  extremes,
  identifiersIn,
  rowsOf,
  someTexts,
  toColumns,
  typeIn,
} from './profile-sql.ts';

/** What the child process is given: `input` lies in the folder. The delimiter of CSV is guessed unless it is said. */
export type ProfileWork = { folder: string; format: Format };

/** Says what the file in the folder holds. `tell` is called with the step that begins. */
export async function profile(
  work: ProfileWork,
  tell: (step: PipelineStep) => void,
  hear: Hear,
): Promise<Profile> {
  const columns = join(work.folder, 'columns.parquet');
  const format = await delimited(work);
  const engine = await openEngine(work.folder);
  try {
    tell('read the file');
    const { table, problem } = await readTable(work.folder, { format, fields: [] }, engine, hear);
    if (!table) return unreadable(problem);
    const { header, rows, encoding, nested } = table;
    await engine.run(toColumns(table.source, columns));
    // Two readers must see the same table, or the figures would be of another.
    if (only(await engine.rows(rowsOf(columns)))['rows'] !== rows)
      throw new Error('The two readers of the file count different rows.');
    for (const check of checks) await engine.run(check);
    tell('check types');
    const profiled: ProfiledColumn[] = [];
    for (const [at, name] of header.entries()) {
      await engine.run(distinctValues(columns, at));
      const column = await profileColumn(engine, name, rows);
      profiled.push(nested.includes(name) ? { ...column, type: 'nested' } : column);
    }
    return {
      rows,
      format: format.type === 'csv' && encoding ? { ...format, encoding } : format,
      columns: profiled,
      problem: null,
    };
  } finally {
    engine.close();
  }
}

async function delimited({ folder, format }: ProfileWork): Promise<Format> {
  if (format.type !== 'csv' || format.delimiter !== undefined) return format;
  return { ...format, delimiter: await guessDelimiter(join(folder, inputName)) };
}

async function profileColumn(engine: Engine, name: string, rows: number): Promise<ProfiledColumn> {
  const described = only(await engine.rows(describeValues));
  const type = typeIn(described);
  const present = numberIn(described, 'present');
  const identifiers = [
    ...(await identifiersOf(engine, type)),
    ...birthdays(name, type, present),
    ...(await namesIn(engine, name, type)),
  ];
  return {
    name,
    type,
    blanks: rows - present,
    distinct: numberIn(described, 'distinct_values'),
    range: present === 0 ? null : await rangeOf(engine, type, described, identifiers),
    identifiers,
  };
}

// The least of a column of NHS numbers would be somebody's.
async function rangeOf(
  engine: Engine,
  type: ProfileType,
  described: Row,
  identifiers: readonly FoundIdentifier[],
): Promise<Range | null> {
  if (type === 'boolean') return null;
  const lengths = { shortest: numberIn(described, 'shortest'), longest: numberIn(described, 'longest') };
  const query = extremes(type);
  if (!query || identifiers.some(({ kind }) => kind !== 'date-of-birth')) return lengths;
  const { least, greatest } = only(await engine.rows(query));
  return { least: inType(type, least), greatest: inType(type, greatest) };
}

// A number that JSON would round stays as it is written.
function inType(type: ProfileType, value: unknown): number | string {
  const text = String(value);
  if (type !== 'integer' && type !== 'number') return text;
  return type === 'integer' && !Number.isSafeInteger(Number(text)) ? text : Number(text);
}

// So many candidates, and so few that pass: then it was by chance, which is 1 in 10 for the checksums.
const byChance = (candidates: number, sound: number) => candidates >= 20 && sound <= candidates / 5;

async function identifiersOf(engine: Engine, type: ProfileType): Promise<FoundIdentifier[]> {
  const kinds = identifiersIn(type);
  if (kinds.length === 0) return [];
  const counted = only(await engine.rows(countIdentifiers(kinds)));
  return kinds.flatMap(({ kind }, at) => {
    const count = numberIn(counted, `count${at}`);
    const sure = !byChance(numberIn(counted, `candidates${at}`), numberIn(counted, `different${at}`));
    return count === 0 ? [] : [{ kind, count, rows: numberIn(counted, `rows${at}`), sure }];
  });
}

function birthdays(heading: string, type: ProfileType, present: number): FoundIdentifier[] {
  const isDay = type === 'date' || type === 'uk-date' || type === 'timestamp';
  return isDay && present > 0 && isBirthHeading(heading)
    ? [{ kind: 'date-of-birth', count: present, rows: present, sure: false }]
    : [];
}

async function namesIn(engine: Engine, heading: string, type: ProfileType): Promise<FoundIdentifier[]> {
  if (type !== 'string') return [];
  const all = only(await engine.rows(countTexts));
  const texts = numberIn(all, 'texts');
  if (isNameHeading(heading))
    return texts === 0 ? [] : [{ kind: 'name', count: texts, rows: texts, sure: false }];
  let [count, rows, lookedAt, characters] = [0, 0, 0, 0];
  for (const { value, times } of await engine.rows(someTexts(namesLookedAt.values, namesLookedAt.length))) {
    const names = countNames(String(value));
    count += names * Number(times);
    rows += names > 0 ? Number(times) : 0;
    lookedAt += 1;
    characters += String(value).length;
    if (characters > namesLookedAt.characters) break;
  }
  if (count === 0) return [];
  const some = lookedAt < numberIn(all, 'distinct_texts') ? { lookedAt } : {};
  return [{ kind: 'name', count, rows, sure: false, ...some }];
}

function numberIn(row: Row, column: string): number {
  return Number(row[column]);
}

function only(rows: Row[]): Row {
  const [row] = rows;
  if (!row) throw new Error('A query that sums up gave no row.');
  return row;
}
