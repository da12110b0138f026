import { canonicalJson, type Json } from '../../platform/pure/canonical-json.ts';
import type { Instant } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import { isBlank } from '../blanks.ts';
import type { Agreement } from '../document.ts';
import type { Block, Written } from './blocks.ts';
import { drawBlock } from './pdf-blocks.ts';
import { newPdf } from './pdf-document.ts';
import { inLetters } from './pdf-letters.ts';
import { colours, looks, page, textWidth } from './pdf-look.ts';
import {
  aSheet,
  type Element,
  flow,
  forTheEye,
  lettersOf,
  linesOf,
  rule,
  type Sheet,
  widthOf,
  write,
} from './pdf-sheet.ts';
import { drawTable } from './pdf-tables.ts';

/**
 * An agreement as PDF/A-3a: tagged, its fonts inside, and inside too the canonical JSON that it is a print of. `at` is the
 * moment that the file says it is of: the same agreement and moment give the same bytes.
 */
export async function writePdf(agreement: Agreement, written: Written, at: Instant): Promise<Uint8Array> {
  // The contents say the pages of what follows them, so it is set twice; the first time nobody keeps.
  const first = newPdf(written, at);
  const name = `${isBlank(agreement.reference) ? 'agreement' : agreement.reference}.json`;
  const printed = inTheLettersOf(first, written, name);
  const places = draw(first, printed, new Map());
  const doc = newPdf(written, at);
  draw(doc, printed, places);
  drawEdges(doc, printed);
  const about = {
    name,
    type: 'application/json',
    description: 'The agreement as canonical JSON (RFC 8785), which is what parties sign',
    relationship: 'Source', // ISO 19005-3, annex E: the file that this one was made from
    creationDate: new Date(at),
    modifiedDate: new Date(at),
  };
  doc.file(Buffer.from(canonicalJson(agreement as Json)), about);
  return bytesOf(doc);
}

async function bytesOf(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  doc.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of doc as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A document in the letters that its fonts have, saying at its end what it carries and what it could not print. */
function inTheLettersOf(doc: PDFKit.PDFDocument, written: Written, name: string): Written {
  const has = lettersOf(doc);
  let boxes = 0;
  const inThem = <Value>(value: Value): Value => {
    if (typeof value === 'string') {
      const printed = inLetters(value, has);
      boxes += printed.boxes;
      return printed.text as Value;
    }
    if (Array.isArray(value)) return value.map(inThem) as Value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inThem(one)])) as Value;
  };
  const printed = inThem(written);
  const carries = `This file carries that JSON inside it, as ${name}: a reader of PDF shows it among the attachments.`;
  const lacks = `${counted(boxes, 'character is', 'characters are')} in no letter of these fonts, and printed as □. The JSON has them.`;
  const notes = boxes === 0 ? [carries] : [carries, lacks];
  const more = notes.map((text): Block => ({ kind: 'paragraph', number: null, text, indent: false }));
  return { ...printed, blocks: [...printed.blocks, ...more] };
}

/** Draws everything but the edges of the pages; says on which page each block begins. */
function draw(
  doc: PDFKit.PDFDocument,
  written: Written,
  places: ReadonlyMap<Block, number>,
): Map<Block, number> {
  const sheet = aSheet(doc);
  const root = doc.struct('Document');
  doc.addStructure(root);
  drawTitle(sheet, root, written);
  drawContents(sheet, root, written.blocks, places);
  const found = new Map<Block, number>();
  let section: PDFKit.PDFOutline | null = null;
  for (const [at, block] of written.blocks.entries()) {
    drawBlock(sheet, root, block, written.blocks.slice(at + 1, at + 4));
    found.set(block, sheet.pages);
    if (block.kind !== 'heading' || block.level > 2) continue;
    const under: PDFKit.PDFOutline = block.level === 1 || section === null ? doc.outline : section;
    const item: PDFKit.PDFOutline = under.addItem([block.number ?? '', block.text].join(' ').trim());
    if (block.level === 1) section = item;
  }
  root.end();
  return found;
}

function drawTitle(sheet: Sheet, root: Element, { type, title, facts }: Written): void {
  const { doc } = sheet;
  const kind = doc.struct('P');
  root.add(kind);
  flow(sheet, kind, linesOf(sheet, type, textWidth, looks.kind), page.left);
  sheet.y += 4;
  const name = doc.struct('H1');
  root.add(name);
  flow(sheet, name, linesOf(sheet, title, textWidth, looks.title), page.left);
  sheet.y += 10;
  rule(doc, page.left, sheet.y, 64, 3, colours.ink);
  sheet.y += 18;
  const caption = 'About this agreement';
  drawTable(sheet, root, { kind: 'table', caption, head: null, widths: [0.2, 0.8], rows: facts });
}

function drawContents(
  sheet: Sheet,
  root: Element,
  blocks: readonly Block[],
  places: ReadonlyMap<Block, number>,
): void {
  const { doc } = sheet;
  sheet.y += 14;
  const title = doc.struct('P');
  root.add(title);
  flow(sheet, title, linesOf(sheet, 'Contents', textWidth, looks.contents), page.left);
  sheet.y += 4;
  const contents = doc.struct('TOC');
  root.add(contents);
  for (const block of blocks) {
    if (block.kind !== 'heading' || block.level !== 1) continue;
    const item = doc.struct('TOCI');
    contents.add(item);
    const text = [block.number ?? '', block.text].join('  ').trim();
    const lines = linesOf(sheet, `${text} `, textWidth - 60, looks.body);
    flow(sheet, item, lines, page.left);
    const place = String(places.get(block) ?? '');
    const x = page.width - page.right - widthOf(doc, place, looks.body);
    item.add(() => {
      write(doc, [{ text: place, look: looks.body }], x, sheet.y - looks.body.line);
    });
    item.end();
    sheet.y += 1.5;
  }
  contents.end();
  sheet.y += 8;
}

/** What stands at the edges of each page: which agreement it is of, its marking, its digest and its place. */
function drawEdges(doc: PDFKit.PDFDocument, { reference, version, marking, type, digest }: Written): void {
  const { start, count } = doc.bufferedPageRange();
  const right = page.width - page.right;
  const line = (text: string, look: (typeof looks)['edge' | 'marking'], share: 0 | 0.5 | 1, y: number) => {
    const from = page.left + (right - page.left) * share - widthOf(doc, text, look) * share;
    write(doc, [{ text, look }], from, y);
  };
  for (let at = 0; at < count; at += 1) {
    doc.switchToPage(start + at);
    const foot = page.height - 58;
    forTheEye(
      doc,
      () => {
        line(`${reference}, version ${version}`, looks.edge, 0, 42);
        line(marking, looks.marking, 0.5, 41);
        line(type, looks.edge, 1, 42);
        line(digest, looks.edge, 0, foot);
        line(`Page ${at + 1} of ${count}`, looks.edge, 1, foot);
        line(marking, looks.marking, 0.5, foot + 15);
      },
      'Pagination',
    );
  }
}
