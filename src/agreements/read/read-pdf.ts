import { getDocumentProxy } from 'unpdf';
import { Unreadable } from '../../platform/unreadable.ts';
import { contentsReader, itemOf, type Line, looksLikeHeading, readingOf, withoutNumbers } from './lines.ts';
import { type LaidLine, layOut, type Piece } from './pdf-layout.ts';
import type { Markup, Reading } from './reading.ts';

const mostPages = 2_000;
const mostText = 20_000_000;

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Document['getPage']>>;
type PageOf = { page: number; height: number; lines: LaidLine[] };

/**
 * Reads a PDF: the lines of its pages, rows of tables together, what is at the head and foot of every page apart, notes as comments. Throws
 * `Unreadable`: damaged, encrypted, too-large, and scanned where no page has text.
 */
export async function readPdf(bytes: Uint8Array): Promise<Reading> {
  try {
    return await readPages(await opened(bytes));
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    // What unpacks to more than there is room for fails so.
    throw new Unreadable(error instanceof RangeError ? 'too-large' : 'damaged');
  }
}

async function readPages(document: Document): Promise<Reading> {
  if (document.numPages > mostPages) throw new Unreadable('too-large');
  const pages: PageOf[] = [];
  const markup: Markup[] = [];
  let length = 0;
  let rows = 0;
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { pieces, notes } = await piecesOf(page, number);
    length += pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (length > mostText) throw new Unreadable('too-large');
    markup.push(...notes);
    const [, bottom = 0, , top = 0] = page.view;
    pages.push({ page: number, height: top - bottom, lines: layOut(pieces, rows) });
    rows += pieces.length;
    page.cleanup();
  }
  const pictures = pages.filter(({ lines }) => lines.length === 0);
  if (pictures.length === pages.length) throw new Unreadable('scanned');
  const blank = pictures.map(
    ({ page }): Markup => ({ place: { line: 1, page }, kind: 'picture', text: '', by: null }),
  );
  return readingOf(
    linesOf(pages),
    [...markup, ...blank].sort((one, other) => (one.place.page ?? 0) - (other.place.page ?? 0)),
  );
}

async function opened(bytes: Uint8Array): Promise<Document> {
  try {
    return await getDocumentProxy(bytes, { disableFontFace: true, useSystemFonts: false, verbosity: 0 });
  } catch (error) {
    throw new Unreadable(
      error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'damaged',
    );
  }
}

async function piecesOf(page: Page, number: number): Promise<{ pieces: Piece[]; notes: Markup[] }> {
  const content = await page.getTextContent().catch(() => ({ items: [] }));
  // Which font is bold is known once the page's drawing was read.
  await page.getOperatorList().catch(() => null);
  const bold = new Map<string, boolean>();
  const isBold = (font: string): boolean => {
    const known = bold.get(font);
    if (known !== undefined) return known;
    const name = page.commonObjs.has(font)
      ? String((page.commonObjs.get(font) as { name?: unknown } | null)?.name ?? '')
      : '';
    const found = /bold|black|heavy|semibold/i.test(name);
    bold.set(font, found);
    return found;
  };
  const pieces = content.items.flatMap((item): Piece[] => {
    if (!('str' in item) || item.str === '') return [];
    const [, turned = 0, , height = 0, x = 0, y = 0] = item.transform as number[];
    // What runs across the page is drawn over it.
    if (Math.abs(turned) > 0.01) return [];
    return [
      {
        text: item.str,
        x,
        y,
        width: item.width,
        size: Math.abs(height) || item.height || 10,
        bold: isBold(item.fontName),
      },
    ];
  });
  const { written, notes } = await notesOf(page, number);
  return { pieces: [...pieces, ...written], notes };
}

// What somebody typed into the page, in a field or a box, is said in it; a note is a comment.
async function notesOf(page: Page, number: number): Promise<{ written: Piece[]; notes: Markup[] }> {
  const written: Piece[] = [];
  const notes: Markup[] = [];
  for (const one of (await page.getAnnotations().catch(() => [])) as Record<string, unknown>[]) {
    const [x = 0, y = 0, right = 0] = Array.isArray(one['rect']) ? (one['rect'] as number[]) : [];
    const text = typeof one['fieldValue'] === 'string' ? one['fieldValue'] : textOf(one['contentsObj']);
    if (text === '') continue;
    const subtype = one['subtype'];
    if (subtype === 'Widget' || subtype === 'FreeText')
      written.push({ text: text.replaceAll(/\s+/g, ' '), x, y, width: right - x, size: 10, bold: false });
    else if (subtype !== 'Link' && subtype !== 'Popup') {
      const by = textOf(one['titleObj']);
      notes.push({ place: { line: 1, page: number }, kind: 'comment', text, by: by === '' ? null : by });
    }
  }
  return { written, notes };
}

function textOf(value: unknown): string {
  const text = value !== null && typeof value === 'object' && 'str' in value ? value.str : '';
  return typeof text === 'string' ? text.trim() : '';
}

function linesOf(pages: readonly PageOf[]): Line[] {
  const usual = usualSize(pages);
  const repeated = repeatedOn(pages);
  const contents = contentsReader();
  const listedRows = new Set<number>();
  const said = new Set<string>();
  return pages.flatMap(({ page, height, lines }) => {
    const read: Line[] = [];
    lines.forEach((laid, at) => {
      const { text, number, row, cell, gapAbove } = laid;
      const place = { line: number, page };
      const edge = withoutNumbers(text);
      if (isEdge(laid, height) && (repeated.has(edge) || isPageNumber(text))) {
        if (!isPageNumber(text) && !said.has(edge)) read.push({ place, text, kind: 'apart' });
        said.add(edge);
        return;
      }
      const whole = row === null ? text : rowText(lines, laid);
      const listed = cell === 0 || row === null ? contents(whole) : null;
      if (listed) {
        if (row !== null) listedRows.add(row);
        read.push({ place, text: whole, kind: listed });
        return;
      }
      if (row !== null && listedRows.has(row)) return;
      if (gapAbove && row === null) read.push({ place, text: '', kind: 'blank' });
      const item = itemOf(text);
      if (row === null && item === null && isHeading(laid, lines[at - 1], lines[at + 1], usual)) {
        // A heading that goes on below is one.
        const above = read.at(-1);
        const goesOn = above?.kind === 'heading' && lines[at - 1]?.size === laid.size && !/^\d/.test(text);
        if (goesOn && laid.size > 1.12 * usual) above.text += ` ${text}`;
        else read.push({ place, text, kind: 'heading' });
        return;
      }
      const kind = item === null ? 'text' : 'item';
      if (row === null) read.push({ place, text: item ?? text, kind });
      else read.push({ place, text, kind, row, cell });
    });
    return read;
  });
}

// Larger or bolder than the text, and not a line of a paragraph that is set like that as a whole.
function isHeading(
  laid: LaidLine,
  before: LaidLine | undefined,
  after: LaidLine | undefined,
  usual: number,
): boolean {
  const { text, size, bold, gapAbove } = laid;
  const isLarge = size > 1.12 * usual;
  const alike = (other: LaidLine | undefined) =>
    other !== undefined && other.row === null && other.bold === bold && Math.abs(other.size - size) < 0.5;
  const goesOn = !gapAbove && alike(before);
  const isBroken = after !== undefined && !after.gapAbove && alike(after) && /^[a-z]/.test(after.text);
  if (text.length > 120 || /[.;:,]$/.test(text) || isBroken || (goesOn && /^[a-z]/.test(text))) return false;
  return isLarge || (bold && looksLikeHeading(text.toUpperCase())) || (!goesOn && looksLikeHeading(text));
}

// An entry and its page stand at the two ends of a line.
function rowText(lines: readonly LaidLine[], { row, number }: LaidLine): string {
  return lines
    .filter((line) => line.row === row && line.number === number)
    .map(({ text }) => text)
    .join('  ');
}

function usualSize(pages: readonly PageOf[]): number {
  const sizes = new Map<number, number>();
  for (const { text, size } of pages.flatMap(({ lines }) => lines)) {
    const rounded = Math.round(size * 2) / 2;
    sizes.set(rounded, (sizes.get(rounded) ?? 0) + text.length);
  }
  const [most] = [...sizes].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? 10;
}

const isEdge = ({ y }: LaidLine, height: number) => y > 0.88 * height || y < 0.12 * height;
const isPageNumber = (text: string) => /^(page )?[\divx]{1,4}( ?(of|\/) ?\d{1,4})?$/i.test(text);

// What stands at the edge of half the pages, apart from its numbers.
function repeatedOn(pages: readonly PageOf[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { lines, height } of pages) {
    const edge = new Set(
      lines.filter((line) => isEdge(line, height)).map(({ text }) => withoutNumbers(text)),
    );
    for (const text of edge) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const least = Math.max(2, pages.length / 2);
  return new Set([...counts].flatMap(([text, count]) => (count >= least ? [text] : [])));
}
