import { longestRow } from './lines.ts';

// How words lie on a page, and what belongs together because of it.

/** A piece of text on a page: where its baseline begins (points from the left and from the foot), how wide and how large it is. */
export type Piece = { text: string; x: number; y: number; width: number; size: number; bold: boolean };

/** A line of a page or of a cell: its number on the page from the top, and whether there is room above it. */
export type LaidLine = {
  text: string;
  number: number;
  x: number;
  y: number;
  size: number;
  bold: boolean;
  gapAbove: boolean;
  row: number | null;
  cell: number;
};

type Segment = { text: string; x: number; end: number; y: number; size: number; bold: boolean };
type Block = { x: number; end: number; lines: Segment[] };

// What stands at the margin before a clause or an item.
const marker = /^(?:\(?\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|\(?[a-z]{1,4}\)|[A-Z]\.?\d{0,2}|[•▪●◦\uf0b7\uf0a7–-])$/;

/**
 * Puts the pieces of a page together, in the order in which the file has them: into lines, lines into blocks, and blocks that begin at one
 * height beside each other into the row of a table, unless they are so long that they are columns of text. Rows are numbered from `firstRow`.
 */
export function layOut(pieces: readonly Piece[], firstRow: number): LaidLine[] {
  const rows = rowsOf(segmentsOf(pieces));
  const number = numbering(rows.flatMap((row) => row.flatMap(({ lines }) => lines)));
  let above: Segment | null = null;
  return rows.flatMap((blocks, at) => {
    const length = blocks.reduce(
      (sum, { lines }) => sum + lines.reduce((all, { text }) => all + text.length, 0),
      0,
    );
    const isRow = blocks.length > 1 && length <= longestRow;
    return blocks.flatMap(({ lines }, cell) =>
      lines.map((line): LaidLine => {
        const drop = above === null ? Number.POSITIVE_INFINITY : above.y - line.y;
        const gapAbove = drop < 0 || drop > 1.55 * Math.max(line.size, above?.size ?? 0);
        above = line;
        const { text, x, y, size, bold } = line;
        return {
          text,
          number: number(y),
          x,
          y,
          size,
          bold,
          gapAbove,
          row: isRow ? firstRow + at : null,
          cell,
        };
      }),
    );
  });
}

// Pieces that go on where the last one ended, at its height or raised as in 25th.
function segmentsOf(pieces: readonly Piece[]): Segment[] {
  const segments: Segment[] = [];
  for (const { text, x, y, width, size, bold } of pieces) {
    const last = segments.at(-1);
    const gap = last ? x - last.end : 0;
    const largest = Math.max(size, last?.size ?? 0);
    // The room between two cells is a space as wide as it.
    if (text.trim() === '' && width > largest) continue;
    const sameLine =
      last !== undefined &&
      Math.abs(y - last.y) < 0.5 * largest &&
      gap > -0.5 * largest &&
      gap < (marker.test(last.text.trim()) ? 6 : 1.5) * largest;
    if (!last || !sameLine) {
      if (text.trim() !== '') segments.push({ text: text.trimStart(), x, end: x + width, y, size, bold });
      continue;
    }
    const apart = gap > 0.15 * largest && !last.text.endsWith(' ') && !text.startsWith(' ');
    last.text += (apart ? ' ' : '') + text;
    last.end = x + width;
    if (text.trim() === '') continue;
    last.bold &&= bold;
    if (size > last.size) {
      last.size = size;
      last.y = y;
    }
  }
  return segments.map((segment) => ({ ...segment, text: segment.text.trimEnd() }));
}

function rowsOf(segments: readonly Segment[]): Block[][] {
  const rows: Block[][] = [];
  let row: Block[] = [];
  for (const segment of segments) {
    const top = row[0]?.lines[0];
    const lowest = Math.min(...row.map(({ lines }) => lines.at(-1)?.y ?? 0));
    const last = row.at(-1);
    const isBeside = top && last && Math.abs(top.y - segment.y) < 0.5 * segment.size && segment.x > last.end;
    const below = row.find((block) => goesOn(block, segment));
    const leaves = row.length > 1 && segment.y < lowest - 0.3 * segment.size && below !== last;
    const [only] = row.length === 1 ? row : [];
    const before = only && only.lines.length > 1 ? only.lines.at(-1) : undefined;
    const besideLast =
      before !== undefined && Math.abs(before.y - segment.y) < 0.5 * segment.size && segment.x > before.end;
    if (only && before && besideLast) {
      // A row begins right below the line that heads it.
      only.lines.pop();
      row = [
        { x: before.x, end: before.end, lines: [before] },
        { x: segment.x, end: segment.end, lines: [segment] },
      ];
      rows.push(row);
    } else if (isBeside) row.push({ x: segment.x, end: segment.end, lines: [segment] });
    else if (below && !leaves) {
      below.lines.push(segment);
      below.end = Math.max(below.end, segment.end);
    } else {
      row = [{ x: segment.x, end: segment.end, lines: [segment] }];
      rows.push(row);
    }
  }
  return rows;
}

// Below the last line of a block, not far, and under some of it.
function goesOn({ x, end, lines }: Block, segment: Segment): boolean {
  const last = lines.at(-1);
  if (!last) return false;
  const drop = last.y - segment.y;
  if (Math.abs(last.size - segment.size) > 0.25 * last.size) return false;
  return (
    drop > 0.3 * segment.size &&
    drop < 2.2 * Math.max(segment.size, last.size) &&
    segment.x < end &&
    segment.end > x
  );
}

// The lines of a page from the top, whatever block they are of.
function numbering(lines: readonly Segment[]): (y: number) => number {
  const heights: number[] = [];
  for (const y of lines.map((line) => line.y).sort((one, other) => other - one)) {
    if ((heights.at(-1) ?? Number.POSITIVE_INFINITY) - y > 3) heights.push(y);
  }
  return (y) => Math.max(heights.findLastIndex((height) => height >= y - 0.001) + 1, 1);
}
