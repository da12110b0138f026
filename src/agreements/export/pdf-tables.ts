import type { Block, Cell, Table } from './blocks.ts';
import { colours, looks, page, textWidth } from './pdf-look.ts';
import {
  type Element,
  forTheEye,
  type Line,
  linesOf,
  makeRoom,
  room,
  rule,
  type Sheet,
  turn,
  wholePage,
  write,
} from './pdf-sheet.ts';

const inside = { x: 5, y: 4.5 }; // points between a cell's edge and its text

type Column = { x: number; width: number };

/** A table over as many pages as it takes, its head on each of them. A row stays whole where a page can hold it. */
export function drawTable(sheet: Sheet, root: Element, { head, widths, rows, caption }: Table): void {
  const { doc } = sheet;
  const table = doc.struct('Table', { title: caption });
  root.add(table);
  const columns = columnsOf(widths);
  const headCells = head?.map((text, at) => linesOf(sheet, text, textIn(columns[at]), looks.strong)) ?? null;
  const first = rows[0] ? heightOf(cellsOf(sheet, rows[0], columns)) : 0;
  makeRoom(sheet, (headCells ? heightOf(headCells) : 0) + Math.min(first, wholePage / 2));
  if (headCells) {
    const row = doc.struct('TR');
    table.add(row);
    shade(sheet, heightOf(headCells));
    const elements = headCells.map(() => cellElement(doc, 'TH', 'Column'));
    for (const element of elements) row.add(element);
    drawRow(sheet, elements, headCells, columns);
    row.end();
  } else rule(doc, page.left, sheet.y, textWidth);
  for (const cells of rows) {
    const row = doc.struct('TR');
    table.add(row);
    const elements = cells.map((_, at) => (at === 0 ? cellElement(doc, 'TH', 'Row') : doc.struct('TD')));
    for (const element of elements) row.add(element);
    drawWhole(sheet, elements, cellsOf(sheet, cells, columns), columns, headCells);
    row.end();
  }
  table.end();
  sheet.y += 10;
}

/** Where a party signs, or who has: kept on one page. */
export function drawSignature(
  sheet: Sheet,
  root: Element,
  block: Extract<Block, { kind: 'signature' }>,
): void {
  const { doc } = sheet;
  const toFill = block.rows.findIndex(({ says }) => says === '');
  const heights = block.rows.map(({ says }, at): number => (says !== '' ? 0 : at === toFill ? 50 : 30));
  const party = linesOf(sheet, block.party, textWidth - 2 * inside.x, looks.strong);
  makeRoom(
    sheet,
    Math.min(wholePage, heightOf([party]) + heights.reduce((sum, one) => sum + Math.max(one, 24), 0)),
  );
  const title = doc.struct('H2');
  root.add(title);
  shade(sheet, heightOf([party]));
  drawRow(sheet, [title], [party], [{ x: page.left, width: textWidth }]);
  const table = doc.struct('Table', { title: block.party });
  root.add(table);
  const columns = columnsOf([0.3, 0.7]);
  block.rows.forEach(({ name, says }, at) => {
    const row = doc.struct('TR');
    table.add(row);
    const elements = [cellElement(doc, 'TH', 'Row'), doc.struct('TD')];
    for (const element of elements) row.add(element);
    const cells = cellsOf(sheet, [{ text: name }, { text: says }], columns);
    drawRow(sheet, elements, cells, columns, heights[at]);
    row.end();
  });
  table.end();
  sheet.y += 16;
}

// The library's types do not know what it takes: of what a heading is the head.
function cellElement(doc: Sheet['doc'], tag: 'TH', scope: 'Row' | 'Column'): Element {
  return doc.struct(tag, { scope } as Parameters<Sheet['doc']['struct']>[1]);
}

function columnsOf(widths: readonly number[]): Column[] {
  return widths.map((width, at) => ({
    x: page.left + textWidth * widths.slice(0, at).reduce((sum, one) => sum + one, 0),
    width: textWidth * width,
  }));
}

const textIn = (column: Column | undefined) => (column?.width ?? textWidth) - 2 * inside.x;

function cellsOf(sheet: Sheet, cells: readonly Cell[], columns: readonly Column[]): Line[][] {
  return cells.map(({ text, note }, at) => {
    const width = textIn(columns[at]);
    const under = note === undefined ? [] : linesOf(sheet, note, width, looks.note);
    return [...linesOf(sheet, text, width, at === 0 ? looks.strong : looks.cell), ...under];
  });
}

const sumOf = (lines: readonly Line[]) => lines.reduce((sum, { look }) => sum + look.line, 0);

const heightOf = (cells: readonly Line[][]) => Math.max(0, ...cells.map(sumOf)) + 2 * inside.y;

function shade({ doc, y }: Sheet, height: number): void {
  forTheEye(doc, () => {
    doc.rect(page.left, y, textWidth, height).fill(colours.shade);
  });
}

function drawRow(
  sheet: Sheet,
  elements: readonly Element[],
  cells: readonly Line[][],
  columns: readonly Column[],
  least = 0,
): void {
  const { doc, y } = sheet;
  elements.forEach((element, at) => {
    element.add(() => {
      write(doc, cells[at] ?? [], (columns[at]?.x ?? page.left) + inside.x, y + inside.y);
    });
  });
  sheet.y += Math.max(heightOf(cells), least);
  rule(doc, page.left, sheet.y, textWidth);
}

// A row that no page holds is broken between its lines.
function drawWhole(
  sheet: Sheet,
  elements: readonly Element[],
  cells: readonly Line[][],
  columns: readonly Column[],
  head: readonly Line[][] | null,
): void {
  const headHeight = head ? heightOf(head) : 0;
  const turnWithHead = () => {
    turn(sheet);
    if (!head) return rule(sheet.doc, page.left, sheet.y, textWidth);
    shade(sheet, headHeight);
    forTheEye(sheet.doc, () => {
      head.forEach((lines, at) => {
        write(sheet.doc, lines, (columns[at]?.x ?? page.left) + inside.x, sheet.y + inside.y);
      });
    });
    sheet.y += headHeight;
    rule(sheet.doc, page.left, sheet.y, textWidth);
  };
  if (heightOf(cells) > room(sheet) && heightOf(cells) <= wholePage - headHeight) turnWithHead();
  let left = cells;
  while (heightOf(left) > room(sheet)) {
    const now = left.map((lines) => thoseIn(lines, room(sheet) - 2 * inside.y));
    drawRow(sheet, elements, now, columns);
    left = left.map((lines, at) => lines.slice(now[at]?.length ?? 0));
    turnWithHead();
  }
  drawRow(sheet, elements, left, columns);
}

function thoseIn(lines: readonly Line[], height: number): Line[] {
  let used = 0;
  return lines.filter(({ look }) => {
    used += look.line;
    return used <= height;
  });
}
