import { longestRow } from './lines.ts';

// Tables that are set with spaces, as programs print them: columns are where several lines begin a cell and none goes across.

/** A line of a cell of a row: which line of the text it is (from 0), and what stands there. */
type CellLine = { at: number; cell: number; text: string };

/** A row: its lines cell by cell, and how many lines of the text it takes, from the first on. */
export type TextRow = { from: number; count: number; lines: readonly CellLine[] };

type Part = { start: number; end: number; text: string };
type Table = { columns: readonly number[]; lines: readonly (readonly Part[])[]; width: number };

const mostLines = 300; // of a table
const mostAround = 3; // lines right above or below a table, with nothing free between

/** The rows of the tables in a text, by the line that each begins on. `isOther`: of a line, that it is of no table. */
export function rowsIn(raws: readonly string[], isOther: (at: number) => boolean): Map<number, TextRow> {
  const rows = new Map<number, TextRow>();
  let columns: readonly number[] = [];
  for (const [from, to] of blocksOf(raws, isOther)) {
    const found = tableIn(raws, from, to, columns);
    if (!found) continue;
    columns = found.table.columns;
    for (const row of rowsOf(found.table, found.from)) if (row.lines.length > 1) rows.set(row.from, row);
  }
  return rows;
}

function blocksOf(raws: readonly string[], isOther: (at: number) => boolean): [number, number][] {
  const blocks: [number, number][] = [];
  let from = 0;
  for (let at = 0; at <= raws.length; at += 1) {
    const raw = raws[at];
    const goesOn = raw !== undefined && raw.trim() !== '' && !/\t|^\s*[|#>]/.test(raw) && !isOther(at);
    if (goesOn && at - from < mostLines) continue;
    if (at - from > 1) blocks.push([from, at]);
    from = goesOn ? at : at + 1;
  }
  return blocks;
}

function tableIn(
  raws: readonly string[],
  from: number,
  to: number,
  known: readonly number[],
): { table: Table; from: number } | null {
  let best: { table: Table; from: number } | null = null;
  for (let first = from; first <= Math.min(from + mostAround, to - 1); first += 1) {
    for (let last = to; last >= Math.max(to - mostAround, first + 1); last -= 1) {
      const table = tableOf(raws.slice(first, last), known);
      const more = (table?.columns.length ?? 0) - (best?.table.columns.length ?? 0);
      if (table && (more > 0 || (more === 0 && table.lines.length > (best?.table.lines.length ?? 0))))
        best = { table, from: first };
    }
  }
  return best;
}

// Two spaces or more are between two cells.
const partsOf = (raw: string): Part[] =>
  [...raw.matchAll(/\S+(?: \S+)*/g)].map(({ index, 0: text }) => ({
    start: index,
    end: index + text.length,
    text,
  }));

const marker = /^(?:[A-Zv]{0,2}\d{1,2}(?:\.\d{1,2}){0,2}[.)]?|\(?[a-z]{1,3}\)|[•*–-])$/;

function tableOf(raws: readonly string[], known: readonly number[]): Table | null {
  const all = raws.map(partsOf);
  const begins = new Map<number, { lines: number; beside: number }>();
  for (const parts of all)
    parts.forEach(({ start }, index) => {
      const { lines, beside } = begins.get(start) ?? { lines: 0, beside: 0 };
      begins.set(start, { lines: lines + 1, beside: beside + (index > 0 ? 1 : 0) });
    });
  const isFree = (column: number) => raws.every((raw) => raw.length <= column || raw[column - 1] === ' ');
  const first = Math.min(...all.flatMap(([part]) => part?.start ?? []));
  const others = [...begins]
    .filter(
      ([column, { lines, beside }]) =>
        column > first && beside > 0 && (lines > 1 || known.includes(column)) && isFree(column),
    )
    .map(([column]) => column)
    .sort((one, other) => one - other);
  const columns = [first, ...others];
  const cut = raws.map((raw) => cutAt(raw, columns));
  const isMarked = cut.every(([part]) => part === undefined || part.text === '' || marker.test(part.text));
  if (columns.length < (isMarked ? 3 : 2)) return null;
  const lines = isMarked ? cut.map(joinMarker) : cut;
  const width = Math.max(...raws.map((raw) => raw.trimEnd().length));
  return { columns: isMarked ? [first, ...others.slice(1)] : columns, lines, width };
}

const drawn = /^[-=_]+$/;

function cutAt(raw: string, columns: readonly number[]): Part[] {
  return columns.map((start, index) => {
    const cell = raw.slice(start, columns[index + 1]).trimEnd();
    const said = cell.trimStart();
    const text = drawn.test(said) ? '' : said.replaceAll(/ {2,}/g, ' ');
    return { start: start + cell.length - said.length, end: start + cell.length, text };
  });
}

// A number or a letter belongs to what stands beside it.
function joinMarker([mark, next, ...rest]: Part[]): Part[] {
  if (!mark || !next) return [];
  return [
    mark.text === '' ? next : { start: mark.start, end: next.end, text: `${mark.text} ${next.text}`.trim() },
    ...rest,
  ];
}

function rowsOf(table: Table, from: number): TextRow[] {
  const starts = table.lines.flatMap((line, at) =>
    at === 0 || beginsRow(table, table.lines[at - 1] ?? [], line) ? [at] : [],
  );
  return starts.flatMap((start, index) => {
    const count = (starts[index + 1] ?? table.lines.length) - start;
    const own = table.lines.slice(start, start + count);
    const lines = table.columns.flatMap((_, cell) =>
      own.flatMap((line, at): CellLine[] => {
        const text = line[cell]?.text ?? '';
        return text === '' ? [] : [{ at: from + start + at, cell, text }];
      }),
    );
    return lines.length === 0 ? [] : [{ from: from + start, count, lines }];
  });
}

const opened = /(?:,|\b(?:and|or|of|the|an?|for|to|in|with|by|on|at)|[-–/&(])$/;

// A row goes on where what stands above does not end, and had no room for the next word.
function beginsRow({ columns, width }: Table, above: readonly Part[], line: readonly Part[]): boolean {
  const [first] = line;
  if (!first || first.text === '' || first.start > (columns[0] ?? 0)) return false;
  if (marker.test(first.text.split(' ', 1)[0] ?? '') || above[0]?.text === '') return true;
  if (line.some(({ text }, cell) => text !== '' && above[cell]?.text === '')) return true;
  const both = columns.flatMap((_, cell) => {
    const [one, next] = [above[cell], line[cell]];
    if (!one || !next || one.text === '' || next.text === '') return [];
    const end = (columns[cell + 1] ?? width + 1) - 1;
    const isFull = one.end + 1 + (next.text.split(' ', 1)[0]?.length ?? 0) > end;
    return [{ isFull, isOpen: opened.test(one.text), isSmall: isFull && /^[a-z(]/.test(next.text) }];
  });
  const goesOn = both.every(({ isFull, isOpen }) => isFull || isOpen) && both.some(({ isOpen }) => isOpen);
  const isLong =
    (above[0]?.end ?? 0) - (columns[0] ?? 0) >= 0.6 * ((columns[1] ?? width) - 1 - (columns[0] ?? 0));
  return !goesOn && !(isLong && both.some(({ isSmall }) => isSmall));
}

/** Whether a row is so long that it is no row: text in columns. */
export const isColumns = ({ lines }: TextRow): boolean =>
  lines.reduce((sum, { text }) => sum + text.length, 0) > longestRow;
