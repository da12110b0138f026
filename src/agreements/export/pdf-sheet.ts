import { isBlank } from '../blanks.ts';
import { inLines, partsOfLines } from './pdf-lines.ts';
import { colours, type Look, page } from './pdf-look.ts';

type Doc = PDFKit.PDFDocument;

/** An element of the structure that who hears the document is read: a heading, a paragraph, a cell. */
export type Element = ReturnType<Doc['struct']>;

/** A line of text with the way it is set; in parts where some of it is left blank. */
export type Line = { text: string; look: Look; parts?: ReturnType<typeof partsOfLines>[number] };

/** Where a document is written, from the top of its first page down. */
export type Sheet = {
  doc: Doc;
  /** How far down the page it is, in points. */
  y: number;
  /** Pages so far. */
  pages: number;
};

/** A sheet that is at the top of its first page. */
export function aSheet(doc: Doc): Sheet {
  return { doc, y: page.top, pages: 1 };
}

/** How much of the page is left. */
export function room({ y }: Sheet): number {
  return page.height - page.bottom - y;
}

/** How much a whole page holds. */
export const wholePage = page.height - page.top - page.bottom;

/** Goes on at the top of another page. */
export function turn(sheet: Sheet): void {
  sheet.doc.addPage();
  sheet.y = page.top;
  sheet.pages += 1;
}

/** Goes on on another page where there is less room than this. A page that nothing stands on is room enough. */
export function makeRoom(sheet: Sheet, height: number): void {
  if (room(sheet) < height && sheet.y > page.top) turn(sheet);
}

/** Text as lines of a width, set in one way. */
export function linesOf({ doc }: Sheet, text: string, width: number, look: Look): Line[] {
  const measure = (one: string) => widthOf(doc, one, look);
  const lines = inLines(text, width, measure);
  if (!isBlank(text)) return lines.map((line) => ({ text: line, look }));
  const parts = partsOfLines(lines);
  return lines.map((line, at) => ({ text: line, look, parts: parts[at] ?? [] }));
}

/** How wide a text is. */
export function widthOf(doc: Doc, text: string, look: Look): number {
  return doc.font(look.font).fontSize(look.size).widthOfString(text);
}

/** Writes lines below one another from a place on the page; says how far down it came. */
export function write(doc: Doc, lines: readonly Line[], x: number, top: number): number {
  return lines.reduce((y, { text, look, parts = [{ text, blank: false }] }) => {
    // The letters stand in the middle of the height of their line.
    const above = (look.line - look.size * 1.257) / 2;
    if (text !== '') {
      let right = x;
      doc.font(look.font).fontSize(look.size);
      for (const { text: part, blank } of parts) {
        doc.fillColor(blank ? colours.blank : look.colour).text(part, right, y + above, { lineBreak: false });
        right += doc.widthOfString(part);
      }
    }
    return y + look.line;
  }, top);
}

/** What is for the eye alone: rules, shades, what is repeated on each page. */
export function forTheEye(doc: Doc, draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
  doc.markContent('Artifact', { type });
  draw();
  doc.endMarkedContent();
}

/** A rule across the page. */
export function rule(
  doc: Doc,
  x: number,
  y: number,
  width: number,
  thick = 0.5,
  colour = colours.line,
): void {
  forTheEye(doc, () => {
    doc
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(thick)
      .stroke(colour);
  });
}

/**
 * Writes lines as what an element says, over as many pages as it takes. No page begins or ends with a single line of
 * several. `first` is drawn beside the first line.
 */
export function flow(
  sheet: Sheet,
  element: Element,
  lines: readonly Line[],
  x: number,
  first?: () => void,
): void {
  let at = 0;
  while (at < lines.length) {
    const left = lines.length - at;
    const fit = Math.floor(room(sheet) / (lines[at]?.look.line ?? 1));
    const take = fit >= left ? left : left - fit === 1 ? fit - 1 : fit;
    if (take < Math.min(2, left) && sheet.y > page.top) {
      turn(sheet);
      continue;
    }
    const now = lines.slice(at, at + take);
    const beside = at === 0 ? first : undefined;
    element.add(() => {
      beside?.();
      sheet.y = write(sheet.doc, now, x, sheet.y);
    });
    at += take;
    if (at < lines.length) turn(sheet);
  }
}

/** Which characters the fonts of a document have. */
export function lettersOf(doc: Doc): (codePoint: number) => boolean {
  // The library keeps the font that it reads to itself; what it lacks can be asked of nothing else.
  const inside = doc as unknown as { _font: { font: { hasGlyphForCodePoint(codePoint: number): boolean } } };
  const fonts = (['regular', 'bold'] as const).map((name) => {
    doc.font(name);
    return inside._font.font;
  });
  return (codePoint) => fonts.every((font) => font.hasGlyphForCodePoint(codePoint));
}
