import {
  HeadingLevel,
  HeightRule,
  type IParagraphOptions,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalAlign,
  WidthType,
} from 'docx';
import type { Block, Cell, Piece, Table as TableBlock } from './blocks.ts';
import type { Numbered } from './numbering.ts';
import { colours, indent, rules, textWidth } from './word-look.ts';
import { revisionOf, runsOf, type Tracking, wholeMark } from './word-text.ts';

const levels = { 1: HeadingLevel.HEADING_1, 2: HeadingLevel.HEADING_2, 3: HeadingLevel.HEADING_3 };

/** A part of a document as Word has it. `numbered` is where Word counts it; without it its number is text. */
export function wordOf(
  block: Block<Piece[]>,
  numbered: Numbered | null,
  tracking: Tracking,
): (Paragraph | Table)[] {
  switch (block.kind) {
    case 'heading':
      return [
        paragraphOf(block, numbered, tracking, {
          heading: levels[block.level],
          ...(block.newPage ? { pageBreakBefore: true } : {}),
        }),
      ];
    case 'paragraph':
      return [paragraphOf(block, numbered, tracking, block.indent ? { indent: { left: indent } } : {})];
    case 'items':
      return block.items.map(({ label, text }) =>
        numbered
          ? itemOf(label, text, numbered, block.indent, tracking)
          : paragraphOf({ number: [{ text: label, ...markOf(text) }], text }, null, tracking, {
              indent: { left: (block.indent ? indent : 0) + 454, hanging: 454 },
              spacing: { after: 60 },
            }),
      );
    case 'table':
      return [tableOf(block, tracking), after()];
    case 'signature':
      return [signatureOf(block, tracking), after()];
  }
}

// Counted by Word, so that who puts a sentence in need not change the letters of those below it.
function itemOf(
  label: string,
  text: Piece[],
  { list }: Numbered,
  hangs: boolean,
  tracking: Tracking,
): Paragraph {
  const reference = label === '•' ? 'bullets' : 'letters';
  return new Paragraph({
    run: revisionOf(wholeMark(text), tracking),
    numbering: { reference, level: hangs ? 1 : 0, instance: list },
    spacing: { after: 60 },
    children: runsOf(text, tracking),
  });
}

const markOf = (text: readonly Piece[]): Pick<Piece, 'mark'> => {
  const mark = wholeMark(text);
  return mark === undefined ? {} : { mark };
};

// Word joins tables that nothing stands between.
const after = () => new Paragraph({ style: 'Small', spacing: { after: 60 }, children: [] });

function paragraphOf(
  { number, text }: { number: Piece[] | null; text: Piece[] },
  numbered: Numbered | null,
  tracking: Tracking,
  look: IParagraphOptions,
): Paragraph {
  const run = revisionOf(wholeMark([...(number ?? []), ...text]), tracking);
  if (numbered) {
    const { indent: _, ...rest } = look;
    const numbering = { reference: `clauses-${numbered.list}`, level: numbered.level };
    return new Paragraph({ ...rest, run, numbering, children: runsOf(text, tracking) });
  }
  if (number === null) return new Paragraph({ ...look, run, children: runsOf(text, tracking) });
  const hanging = { left: indent, hanging: indent };
  const tab = { text: '\t', ...markOf(number) };
  return new Paragraph({
    indent: hanging,
    ...look,
    run,
    children: runsOf([...number, tab, ...text], tracking),
  });
}

function tableOf({ head, widths, rows }: TableBlock<Piece[]>, tracking: Tracking): Table {
  const columnWidths = widths.map((width) => Math.round(width * textWidth));
  const headRow =
    head &&
    new TableRow({
      tableHeader: true,
      cantSplit: true,
      children: head.map(
        (text, at) =>
          new TableCell({
            ...frame(columnWidths[at] ?? 0),
            shading: { fill: colours.shade },
            children: [
              new Paragraph({ style: 'Cell', keepNext: true, children: [new TextRun({ text, bold: true })] }),
            ],
          }),
      ),
    });
  return new Table({
    width: { size: textWidth, type: WidthType.DXA },
    layout: TableLayoutType.FIXED,
    columnWidths,
    tableLook: { firstRow: head !== null, firstColumn: true, noHBand: true, noVBand: true },
    borders: rules,
    rows: [
      ...(headRow ? [headRow] : []),
      ...rows.map((row, at) => rowOf(row, columnWidths, tracking, head === null && at < rows.length - 1)),
    ],
  });
}

// What says its own names is short, and is kept on one page.
function rowOf(
  row: readonly Cell<Piece[]>[],
  widths: readonly number[],
  tracking: Tracking,
  keepNext: boolean,
): TableRow {
  const mark = wholeMark(row.flatMap(({ text, note }) => [...text, ...(note ?? [])]));
  return new TableRow({
    cantSplit: true,
    ...revisionOf(mark, tracking),
    children: row.map((cell, at) => cellOf(cell, widths[at] ?? 0, { strong: at === 0, keepNext }, tracking)),
  });
}

function cellOf(
  { text, note }: Cell<Piece[]>,
  width: number,
  { strong, keepNext }: { strong: boolean; keepNext: boolean },
  tracking: Tracking,
): TableCell {
  const under =
    note &&
    new Paragraph({ style: 'Cell', keepNext, children: runsOf(note, tracking, { color: colours.grey }) });
  return new TableCell({
    ...frame(width),
    children: [
      new Paragraph({ style: 'Cell', keepNext, children: runsOf(text, tracking, { bold: strong }) }),
      ...(under ? [under] : []),
    ],
  });
}

type Signature = Extract<Block<Piece[]>, { kind: 'signature' }>;

// Kept on one page: who signs sees whom they sign for.
function signatureOf({ party, rows }: Signature, tracking: Tracking): Table {
  const columnWidths = [0.32, 0.68].map((share) => Math.round(share * textWidth));
  const isToFill = (says: readonly Piece[]) => says.every(({ text }) => text === '');
  const signature = rows.findIndex(({ says }) => isToFill(says));
  const height = (row: number) => ({ value: row === signature ? 964 : 567, rule: HeightRule.ATLEAST });
  const cell = (text: Piece[], at: number, last: boolean) =>
    new TableCell({
      ...frame(columnWidths[at] ?? 0),
      children: [
        new Paragraph({
          style: 'Cell',
          keepNext: !last,
          children: runsOf(text, tracking, { bold: at === 0 }),
        }),
      ],
    });
  return new Table({
    width: { size: textWidth, type: WidthType.DXA },
    layout: TableLayoutType.FIXED,
    columnWidths,
    tableLook: { firstRow: true, firstColumn: true, noHBand: true, noVBand: true },
    borders: rules,
    rows: [
      new TableRow({
        cantSplit: true,
        ...revisionOf(wholeMark(party), tracking),
        children: [
          new TableCell({
            ...frame(textWidth),
            columnSpan: 2,
            shading: { fill: colours.shade },
            children: [
              new Paragraph({
                style: 'Cell',
                keepNext: true,
                children: runsOf(party, tracking, { bold: true }),
              }),
            ],
          }),
        ],
      }),
      ...rows.map(
        ({ name, says }, row) =>
          new TableRow({
            cantSplit: true,
            ...(isToFill(says) ? { height: height(row) } : {}),
            children: [name, says].map((text, at) => cell(text, at, row === rows.length - 1)),
          }),
      ),
    ],
  });
}

const frame = (width: number) => ({
  width: { size: width, type: WidthType.DXA },
  margins: { top: 70, bottom: 70, left: 85, right: 85 },
  verticalAlign: VerticalAlign.TOP,
});
