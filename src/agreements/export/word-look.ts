import { AlignmentType, BorderStyle, type IStylesOptions, LevelFormat, LineRuleType } from 'docx';
import type { List } from './numbering.ts';

// Lengths in twips, twentieths of a point.

/** A4 with margins of 20 mm at the sides. */
export const page = {
  width: 11906,
  height: 16838,
  side: 1134,
  top: 1417,
  bottom: 1304,
  header: 567,
  footer: 510,
};

/** The width of the text. */
export const textWidth = page.width - 2 * page.side;

/** How far the words of a clause stand in from its number. */
export const indent = 851;

export const colours = { ink: '0B0C0C', grey: '505A5F', line: 'B1B4B6', shade: 'F3F2F1' };

const font = 'Arial';
const line = { line: 276, lineRule: LineRuleType.AUTO };

/** The styles of the document: Word's own names, so that its navigation, contents and readers aloud know them. */
export const styles: IStylesOptions = {
  default: {
    document: {
      run: { font, size: 21, color: colours.ink, language: { value: 'en-GB', eastAsia: 'en-GB' } },
      paragraph: { spacing: { after: 120, ...line } },
    },
    title: {
      run: { font, size: 40, bold: true },
      paragraph: { spacing: { before: 60, after: 240, line: 252, lineRule: LineRuleType.AUTO } },
    },
    heading1: {
      run: { font, size: 28, bold: true, color: colours.ink },
      paragraph: { spacing: { before: 400, after: 140 }, keepNext: true, keepLines: true },
    },
    heading2: {
      run: { font, size: 22, bold: true, color: colours.ink },
      paragraph: { spacing: { before: 260, after: 80 }, keepNext: true, keepLines: true },
    },
    heading3: {
      run: { font, size: 21, bold: true, color: colours.ink },
      paragraph: { spacing: { before: 200, after: 60 }, keepNext: true, keepLines: true },
    },
  },
  paragraphStyles: [
    {
      id: 'Cell',
      name: 'Table text',
      basedOn: 'Normal',
      run: { size: 19 },
      paragraph: { spacing: { after: 0, line: 259, lineRule: LineRuleType.AUTO } },
    },
    {
      id: 'Small',
      name: 'Small',
      basedOn: 'Normal',
      run: { size: 16, color: colours.grey },
      paragraph: { spacing: { after: 0, line: 240, lineRule: LineRuleType.AUTO } },
    },
    {
      id: 'Edge',
      name: 'Page edge',
      basedOn: 'Normal',
      run: { size: 15, color: colours.grey },
      paragraph: { spacing: { after: 0, line: 240, lineRule: LineRuleType.AUTO } },
    },
    {
      id: 'Kind',
      name: 'Kind of document',
      basedOn: 'Normal',
      run: { size: 24, color: colours.grey },
      paragraph: { spacing: { after: 0 } },
    },
    {
      id: 'ContentsTitle',
      name: 'Contents title',
      basedOn: 'Normal',
      run: { size: 24, bold: true },
      paragraph: { spacing: { before: 320, after: 100 }, keepNext: true },
    },
    ...[1, 2].map((level) => ({
      id: `TOC${level}`,
      name: `toc ${level}`,
      basedOn: 'Normal',
      run: { size: 20 },
      paragraph: { spacing: { after: 40 }, indent: { left: (level - 1) * 340 } },
    })),
  ],
};

/** Word's definition of a list of clauses: 4, then 4.2, then 4.2.1. */
export function clauseNumbers({ starts }: List, reference: string) {
  return {
    reference,
    levels: Array.from({ length: 9 }, (_, level) => ({
      level,
      start: starts[level] ?? 1,
      format: LevelFormat.DECIMAL,
      text: Array.from({ length: level + 1 }, (_one, at) => `%${at + 1}`).join('.'),
      alignment: AlignmentType.LEFT,
      style: { paragraph: { indent: { left: indent, hanging: indent } } },
    })),
  };
}

/** Word's definitions of the lists within clauses, (a), (b), (c) or bullets: outside a clause, and in one. */
export const itemLists = [
  { reference: 'letters', format: LevelFormat.LOWER_LETTER, text: (level: number) => `(%${level + 1})` },
  { reference: 'bullets', format: LevelFormat.BULLET, text: () => '•' },
].map(({ reference, format, text }) => ({
  reference,
  levels: [0, 1].map((level) => ({
    level,
    format,
    text: text(level),
    alignment: AlignmentType.LEFT,
    style: { paragraph: { indent: { left: level * indent + 454, hanging: 454 } } },
  })),
}));

const rule = { style: BorderStyle.SINGLE, size: 4, color: colours.line };
const none = { style: BorderStyle.NONE, size: 0, color: 'auto' };

/** The lines of a table: between its rows, none at the sides. */
export const rules = {
  top: rule,
  bottom: rule,
  insideHorizontal: rule,
  left: none,
  right: none,
  insideVertical: none,
};
