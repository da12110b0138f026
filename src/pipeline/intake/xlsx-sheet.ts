import { Unreadable } from '../../platform/unreadable.ts';
import { readXml } from '../../platform/xml.ts';
import { momentText, plainNumber } from './number-format.ts';
import { maxRowBytes } from './structure.ts';
import { isTrue, textOfItem, type Workbook } from './xlsx-workbook.ts';

const maxRow = 1_048_576;
const maxColumn = 16_384;

/** A cell that has something in it. `dayOnly` is what a moment at midnight is where a day is asked for. */
type Cell = { column: number; text: string; dayOnly?: string };

/** A row of a sheet: its number, and its cells from left to right. */
export type SheetRow = { row: number; cells: Cell[]; fault: 'row-too-long' | 'not-calculated' | null };

type Open = { column: number; type: string; style: number; formula: boolean; value: string };

/** Cells that are merged, from and to, counted from 1: what stands in the first of them is the value of all. */
export type Merged = { rows: [number, number]; columns: [number, number] };

/**
 * Reads the rows of a sheet as they come, those that hold something, and after them what is merged. Throws `Unreadable` where it is
 * damaged.
 */
export async function readSheet(
  chunks: AsyncIterable<Buffer>,
  workbook: Workbook,
  take: (row: SheetRow) => void,
  merged: (cells: Merged) => void,
): Promise<void> {
  const item = textOfItem();
  let row: SheetRow | null = null;
  let before = 0;
  let length = 0;
  let column = 0;
  let cell: Open | null = null;
  let inValue = false;

  function openRow(number: string | undefined): void {
    const at = number === undefined ? before + 1 : Number(number);
    if (!Number.isInteger(at) || at <= before || at > maxRow) throw new Unreadable('damaged');
    row = { row: at, cells: [], fault: null };
    [before, length, column] = [at, 0, 0];
  }

  function openCell({ r, t = 'n', s = '0' }: Record<string, string>): void {
    const at = r === undefined ? column + 1 : columnOf(r, before);
    if (at <= column || at > maxColumn) throw new Unreadable('damaged');
    column = at;
    cell = { column: at, type: t, style: Number(s), formula: false, value: '' };
  }

  function closeCell({ value, ...open }: Open): void {
    cell = null;
    if (!row) throw new Unreadable('damaged');
    const inline = item.take();
    if (open.formula && value === '' && open.type !== 'str') row.fault = 'not-calculated';
    const texts = open.type === 'inlineStr' ? { text: unescaped(inline) } : textsOf(open, value, workbook);
    length += texts.text.length;
    if (length > maxRowBytes) row.fault ??= 'row-too-long';
    else if (texts.text !== '') row.cells.push({ column: open.column, ...texts });
  }

  await readXml(chunks, {
    open(name, attributes) {
      if (name === 'row') openRow(attributes['r']);
      else if (name === 'c' && row) openCell(attributes);
      else if (name === 'mergeCell') merged(mergedIn(attributes['ref'] ?? ''));
      else if (!cell) return;
      else if (name === 'f') cell.formula = true;
      else if (name === 'v') inValue = true;
      else item.open(name);
    },
    text(text) {
      if (inValue && cell) cell.value += text;
      else if (cell) item.text(text);
    },
    close(name) {
      if (name === 'v') inValue = false;
      else if (name === 'c' && cell) closeCell(cell);
      else if (name === 'row' && row) {
        if (row.cells.length > 0 || row.fault) take(row);
        row = null;
      } else if (cell) item.close(name);
    },
  });
}

// What a cell without text of its own holds.
function textsOf(
  { type, style }: Omit<Open, 'value'>,
  value: string,
  workbook: Workbook,
): Omit<Cell, 'column'> {
  if (value === '') return { text: '' };
  if (type === 's') {
    const text = /^\d{1,9}$/.test(value) ? workbook.text(Number(value)) : undefined;
    if (text === undefined) throw new Unreadable('damaged');
    return { text: unescaped(text) };
  }
  if (type === 'b') return { text: isTrue(value) ? 'true' : 'false' };
  if (type === 'str') return { text: unescaped(value) };
  if (type === 'e' || type === 'd') return { text: value };
  const number = plainNumber(value);
  if (type !== 'n' || number === null) throw new Unreadable('damaged');
  const moment = workbook.moments[style] ?? null;
  const text = moment && momentText(Number(value), moment, workbook.since1904);
  if (!moment || !text) return { text: number };
  return moment === 'date and time' && text.endsWith('T00:00:00')
    ? { text, dayOnly: text.slice(0, 10) }
    : { text };
}

function columnOf(reference: string, row: number): number {
  const place = placeOf(reference);
  if (place.row !== row) throw new Unreadable('damaged');
  return place.column;
}

function placeOf(reference: string): { row: number; column: number } {
  const [, letters, digits] = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? [];
  if (letters === undefined) throw new Unreadable('damaged');
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return { row: Number(digits), column };
}

function mergedIn(reference: string): Merged {
  const [from = '', to = from] = reference.split(':', 2);
  const [first, last] = [placeOf(from), placeOf(to)];
  return { rows: [first.row, last.row], columns: [first.column, last.column] };
}

// What XML cannot hold is written _x0007_, and an underscore that would look like it _x005F_.
function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
}
