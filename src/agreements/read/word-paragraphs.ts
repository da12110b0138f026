import type { Relation } from '../../platform/office.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import { readXml } from '../../platform/xml.ts';
import type { Markup } from './reading.ts';
import { attribute, isOn, levelOf, type Numbered } from './word-styles.ts';

/** A paragraph of a part of a Word file, without changes that were deleted. */
export type Paragraph = {
  /** Its number in the part, from 1; of a text box, that of the paragraph which it hangs on. */
  at: number;
  boxed: boolean;
  text: string;
  style: string | null;
  /** Its own, before its style's: `none` where the number of the style is taken off. */
  numbering: Numbered | 'none' | null;
  outline: number | null;
  /** All its text. */
  bold: boolean;
  inContents: boolean;
  /** The row of a table, by a number of its own, and the cell. */
  row: number | null;
  cell: number | null;
  /** The notes and comments that hang on it: “footnote 2”, “3”. */
  notes: string[];
  comments: string[];
  /** The note or comment that it is of. */
  group: { id: string; by: string | null } | null;
};

/** A part of a Word file that has text: the body, a header, the footnotes. */
export type Story = { paragraphs: Paragraph[]; markup: Markup[]; isDocument: boolean };

const mostParagraphs = 200_000;
const mostText = 20_000_000;

// What has text that is not what the document says.
const beside = new Set(['Fallback', 'instrText', 'delInstrText', 'binData']);

type Field = { told: string };
type Row = { row: number; cell: number };
type Box = { placeholder: boolean; contents: boolean };

/** Reads the paragraphs of a part, with what it refers to. Throws `Unreadable`: damaged, too-large. */
export async function readParagraphs(
  chunks: AsyncIterable<Buffer>,
  relations: readonly Relation[],
): Promise<Story> {
  const story: Story = { paragraphs: [], markup: [], isDocument: false };
  const links = new Map(
    relations.filter(({ type }) => type === 'hyperlink').map((one) => [one.id, one.part]),
  );
  const open: Paragraph[] = [];
  const boxes: Paragraph[] = [];
  const rows: Row[] = [];
  const fields: Field[] = [];
  const controls: Box[] = [];
  const changes: { kind: 'inserted' | 'deleted'; text: string; by: string | null }[] = [];
  let group: Paragraph['group'] = null;
  let link: { target: string; from: number } | null = null;
  let skipped = 0;
  let count = 0;
  let rowsSeen = 0;
  let length = 0;
  let inText: 'text' | 'deleted' | 'field' | null = null;
  let properties: 'paragraph' | 'run' | null = null;
  let run = { bold: false };

  const paragraph = () => open.at(-1);

  function openParagraph(): void {
    const boxed = open.length > 0;
    if (!boxed) count += 1;
    if (story.paragraphs.length > mostParagraphs) throw new Unreadable('too-large');
    const row = rows.at(-1);
    open.push({
      at: count,
      boxed,
      text: '',
      style: null,
      numbering: null,
      outline: null,
      bold: true,
      inContents: false,
      row: boxed ? null : (row?.row ?? null),
      cell: boxed ? null : (row?.cell ?? null),
      notes: [],
      comments: [],
      group,
    });
  }

  function closeParagraph(): void {
    const closed = open.pop();
    if (!closed) return;
    closed.text = closed.text.trim();
    if (closed.text === '') closed.bold = false;
    if (closed.boxed) boxes.push(closed);
    else story.paragraphs.push(closed, ...boxes.splice(0));
  }

  function say(text: string): void {
    length += text.length;
    if (length > mostText) throw new Unreadable('too-large');
    const change = changes.at(-1);
    if (change) change.text += text;
    const at = paragraph();
    if (!at || change?.kind === 'deleted' || controls.some(({ placeholder }) => placeholder)) return;
    if (text.trim() !== '' && !run.bold) at.bold = false;
    at.inContents ||=
      fields.some(({ told }) => /^\s*TOC\b/.test(told)) || controls.some(({ contents }) => contents);
    at.text += text;
  }

  function openChange(kind: 'inserted' | 'deleted', attributes: Record<string, string>): void {
    changes.push({ kind, text: '', by: attribute(attributes, 'author') ?? null });
  }

  // Of a mark that a whole paragraph or row was inserted there is no text here: it is in its runs.
  function closeChange(): void {
    const change = changes.pop();
    const text = change?.text.replaceAll(/\s+/g, ' ').trim();
    if (change && text) story.markup.push({ place: { line: Math.max(count, 1) }, ...change, text });
  }

  function ofParagraph(at: Paragraph, name: string, value: string | undefined): void {
    if (name === 'pStyle') at.style = value ?? null;
    else if (name === 'outlineLvl') at.outline = levelOf(value);
    else if (name === 'numId')
      at.numbering = value === '0' || value === undefined ? 'none' : { list: value, level: levelNow(at) };
    else if (name === 'ilvl') at.numbering = { list: listNow(at), level: levelOf(value) ?? 0 };
  }

  await readXml(chunks, {
    open(name, attributes) {
      if (skipped > 0 || beside.has(name)) {
        skipped += 1;
        if (name === 'instrText' && skipped === 1) inText = 'field';
        return;
      }
      const value = attribute(attributes, 'val');
      const at = paragraph();
      switch (name) {
        case 'document':
          story.isDocument = true;
          return;
        case 'p':
          return openParagraph();
        case 'pPr':
          properties = 'paragraph';
          return;
        case 'rPr':
          properties ??= 'run';
          return;
        case 'r':
          run = { bold: false };
          return;
        case 'tr':
          rowsSeen += 1;
          rows.push({ row: rowsSeen, cell: -1 });
          return;
        case 'tc': {
          const row = rows.at(-1);
          if (row) row.cell += 1;
          return;
        }
        case 'sdt':
          controls.push({ placeholder: false, contents: false });
          return;
        case 'showingPlcHdr': {
          const control = controls.at(-1);
          if (control) control.placeholder = isOn(value);
          return;
        }
        case 'docPartGallery': {
          const control = controls.at(-1);
          if (control && value === 'Table of Contents') control.contents = true;
          return;
        }
        case 'ins':
        case 'moveTo':
          return openChange('inserted', attributes);
        case 'del':
        case 'moveFrom':
          return openChange('deleted', attributes);
        case 'footnote':
        case 'endnote':
        case 'comment': {
          // The first notes are the lines that Word draws above them.
          const drawn = attribute(attributes, 'type') !== undefined;
          const id = attribute(attributes, 'id') ?? '';
          group = drawn ? null : { id, by: attribute(attributes, 'author') ?? null };
          return;
        }
        case 'footnoteReference':
        case 'endnoteReference':
          at?.notes.push(`${name.slice(0, -'Reference'.length)} ${attribute(attributes, 'id') ?? ''}`);
          return;
        case 'commentReference':
          at?.comments.push(attribute(attributes, 'id') ?? '');
          return;
        case 'hyperlink': {
          const target =
            links.get(attributes['r:id'] ?? '') ??
            (attribute(attributes, 'anchor') === undefined ? '' : null);
          link = at && target !== null ? { target, from: at.text.length } : null;
          return;
        }
        case 'fldChar': {
          const type = attribute(attributes, 'fldCharType');
          if (type === 'begin') fields.push({ told: '' });
          else if (type === 'end') fields.pop();
          return;
        }
        case 'fldSimple':
          fields.push({ told: attribute(attributes, 'instr') ?? '' });
          return;
        case 't':
          inText = 'text';
          return;
        case 'delText':
          inText = 'deleted';
          return;
        case 'noBreakHyphen':
          return say('-');
        case 'tab':
        case 'br':
        case 'cr':
          if (properties === null) say(name === 'tab' ? '\t' : '\n');
          return;
        case 'b':
          if (properties === 'run') run.bold = isOn(value);
          return;
        default:
          if (properties === 'paragraph' && at) ofParagraph(at, name, value);
      }
    },
    text(text) {
      if (inText === 'field') {
        const field = fields.at(-1);
        if (field && field.told.length < 1_000) field.told += text;
      } else if (inText !== null && skipped === 0) say(text);
    },
    close(name) {
      if (inText === 'field') inText = null;
      if (skipped > 0) {
        skipped -= 1;
        return;
      }
      if (name === 'p') closeParagraph();
      else if (name === 'pPr' || (name === 'rPr' && properties === 'run')) properties = null;
      else if (name === 't' || name === 'delText') inText = null;
      else if (name === 'tr') rows.pop();
      else if (name === 'sdt') controls.pop();
      else if (name === 'fldSimple') fields.pop();
      else if (name === 'ins' || name === 'moveTo' || name === 'del' || name === 'moveFrom') closeChange();
      else if (name === 'footnote' || name === 'endnote' || name === 'comment') group = null;
      else if (name === 'hyperlink') closeLink();
    },
  });

  // A link that leads nowhere is written as Markdown writes it, so that it is found.
  function closeLink(): void {
    const at = paragraph();
    if (link && at && (link.target === '' || /^(#|file:)/i.test(link.target))) {
      const said = at.text.slice(link.from);
      if (said.trim() !== '')
        at.text = `${at.text.slice(0, link.from)}[${said}](${link.target.slice(0, 200)})`;
    }
    link = null;
  }
  return story;
}

function levelNow({ numbering }: Paragraph): number {
  return numbering && numbering !== 'none' ? numbering.level : 0;
}

function listNow({ numbering }: Paragraph): string {
  return numbering && numbering !== 'none' ? numbering.list : '';
}
