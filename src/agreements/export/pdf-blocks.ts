import type { Block } from './blocks.ts';
import { indent, looks, page, textWidth } from './pdf-look.ts';
import { type Element, flow, linesOf, makeRoom, type Sheet, turn, write } from './pdf-sheet.ts';
import { drawSignature, drawTable } from './pdf-tables.ts';

const headings = {
  1: { look: looks.heading1, before: 20, after: 5 },
  2: { look: looks.heading2, before: 12, after: 2.5 },
  3: { look: looks.heading3, before: 9, after: 2 },
} as const;

const after = 6; // points after a paragraph

/** Draws a part of a document and adds it to the structure. `then` is what follows it. */
export function drawBlock(sheet: Sheet, root: Element, block: Block, then: readonly Block[]): void {
  if (block.kind === 'heading') drawHeading(sheet, root, block, then);
  else if (block.kind === 'paragraph') drawParagraph(sheet, root, block);
  else if (block.kind === 'items') drawItems(sheet, root, block);
  else if (block.kind === 'table') drawTable(sheet, root, block);
  else drawSignature(sheet, root, block);
}

type Heading = Extract<Block, { kind: 'heading' }>;

function drawHeading(
  sheet: Sheet,
  root: Element,
  { level, number, text, newPage }: Heading,
  then: readonly Block[],
): void {
  const { look, before, after: below } = headings[level];
  if (newPage && sheet.y > page.top) turn(sheet);
  const hang = number === null ? 0 : Math.max(indent, widthOfNumber(sheet, number, level));
  const lines = linesOf(sheet, text, textWidth - hang, look);
  makeRoom(sheet, before + lines.length * look.line + below + withHeading(then));
  if (sheet.y > page.top) sheet.y += before;
  const element = sheet.doc.struct(`H${level}`);
  root.add(element);
  const top = sheet.y;
  flow(sheet, element, lines, page.left + hang, () => {
    if (number !== null) write(sheet.doc, [{ text: `${number} `, look }], page.left, top);
  });
  element.end();
  sheet.y += below;
}

/** How much of what follows has to stand on a heading's page: it is not left alone at the foot of one. */
function withHeading([next, ...then]: readonly Block[]): number {
  if (next?.kind === 'heading') {
    const { look, before, after: below } = headings[next.level];
    return before + look.line + below + withHeading(then);
  }
  // Three lines: of a paragraph of three, two cannot stand here and one there.
  return next?.kind === 'table' ? 90 : 3 * looks.body.line;
}

function widthOfNumber(sheet: Sheet, number: string, level: Heading['level']): number {
  const { look } = headings[level];
  return sheet.doc.font(look.font).fontSize(look.size).widthOfString(`${number}  `);
}

type Paragraph = Extract<Block, { kind: 'paragraph' }>;

function drawParagraph(sheet: Sheet, root: Element, { number, text, indent: hangs }: Paragraph): void {
  const look = looks.body;
  const x = page.left + (hangs ? indent : 0);
  const lines = linesOf(sheet, text, page.left + textWidth - x, look);
  const element = sheet.doc.struct('P');
  root.add(element);
  makeRoom(sheet, Math.min(2, lines.length) * look.line);
  const top = sheet.y;
  flow(sheet, element, lines, x, () => {
    if (number !== null) write(sheet.doc, [{ text: `${number} `, look: looks.heading3 }], page.left, top);
  });
  element.end();
  sheet.y += after;
}

type Items = Extract<Block, { kind: 'items' }>;

function drawItems(sheet: Sheet, root: Element, { items, indent: hangs }: Items): void {
  const { doc } = sheet;
  const list = doc.struct('L');
  root.add(list);
  const x = page.left + (hangs ? indent : 0);
  const hang = 22;
  for (const { label, text } of items) {
    const lines = linesOf(sheet, text, page.left + textWidth - x - hang, looks.body);
    makeRoom(sheet, Math.min(2, lines.length) * looks.body.line);
    const item = doc.struct('LI');
    list.add(item);
    const sign = doc.struct('Lbl');
    item.add(sign);
    sign.add(() => {
      write(doc, [{ text: `${label} `, look: looks.body }], x, sheet.y);
    });
    const body = doc.struct('LBody');
    item.add(body);
    flow(sheet, body, lines, x + hang);
    item.end();
    sheet.y += 2.5;
  }
  list.end();
  sheet.y += after - 2.5;
}
