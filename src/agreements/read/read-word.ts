import { type Relation, relationsOf } from '../../platform/office.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import type { Archive } from '../../platform/zip.ts';
import { contentsReader, itemOf, type Line, looksLikeHeading, readingOf } from './lines.ts';
import type { Markup, Reading } from './reading.ts';
import { readNumbering } from './word-numbering.ts';
import { type Paragraph, readParagraphs, type Story } from './word-paragraphs.ts';
import { type Numbered, readStyles, type Style } from './word-styles.ts';

/**
 * Reads a Word file (.docx), which is open as an archive: its paragraphs with the numbers that Word gives them, its tables row by row,
 * its text boxes and footnotes where they hang, its changes and comments. Throws `Unreadable`: damaged, macros, too-large, not-word.
 */
export async function readWord(archive: Archive): Promise<Reading> {
  if (!archive.has('_rels/.rels')) throw new Unreadable('not-word');
  const root = (await relationsOf(archive, '')).find(({ type }) => type === 'officeDocument');
  if (!root || !archive.has(root.part)) throw new Unreadable('not-word');
  const relations = await relationsOf(archive, root.part).catch((): Relation[] => []);
  if (relations.some(({ type }) => type === 'vbaProject')) throw new Unreadable('macros');
  const partsOf = (kind: string) =>
    relations.flatMap(({ type, part, outside }) =>
      type === kind && !outside && archive.has(part) ? [part] : [],
    );
  const style = await readStyles(archive, partsOf('styles')[0]);
  const number = await readNumbering(archive, partsOf('numbering')[0]);
  const story = async (part: string): Promise<Story> =>
    readParagraphs(archive.read(part), await relationsOf(archive, part).catch((): Relation[] => []));

  const notes = await notesOf(partsOf, story);
  const { paragraphs, markup, isDocument } = await story(root.part);
  if (!isDocument) throw new Unreadable('not-word');
  const comments = await commentsOf(partsOf, story);
  const toLine = lineReader(paragraphs, style, number);
  const body = paragraphs.flatMap((paragraph) => [
    toLine(paragraph),
    ...paragraph.notes.flatMap((id) =>
      (notes.get(id) ?? []).map(
        (text): Line => ({ place: { line: paragraph.at, part: 'footnote' }, text, kind: 'item' }),
      ),
    ),
  ]);
  const apart = await apartOf(partsOf, story);
  const remarks = paragraphs.flatMap(({ at, comments: ids }) =>
    ids.flatMap((id): Markup[] => {
      const comment = comments.get(id);
      return comment ? [{ place: { line: at }, kind: 'comment', ...comment }] : [];
    }),
  );
  const inOrder = [...markup, ...remarks].sort((one, other) => one.place.line - other.place.line);
  return readingOf([...body, ...apart], inOrder);
}

const inOneLine = (paragraph: Paragraph) => ({ ...paragraph, text: paragraph.text.replaceAll(/\s+/g, ' ') });

type PartsOf = (kind: string) => string[];
type ReadStory = (part: string) => Promise<Story>;

// Footnotes and endnotes have numbers of their own each.
async function notesOf(partsOf: PartsOf, story: ReadStory): Promise<Map<string, string[]>> {
  const notes = new Map<string, string[]>();
  for (const kind of ['footnote', 'endnote']) {
    for (const part of partsOf(`${kind}s`)) {
      for (const { group, text } of (await story(part)).paragraphs.map(inOneLine)) {
        if (group === null || text === '') continue;
        const id = `${kind} ${group.id}`;
        notes.set(id, [...(notes.get(id) ?? []), text]);
      }
    }
  }
  return notes;
}

async function commentsOf(partsOf: PartsOf, story: ReadStory) {
  const comments = new Map<string, { text: string; by: string | null }>();
  for (const part of partsOf('comments')) {
    for (const { group, text } of (await story(part)).paragraphs.map(inOneLine)) {
      if (group === null) continue;
      const before = comments.get(group.id)?.text;
      comments.set(group.id, { text: before ? `${before} ${text}` : text, by: group.by });
    }
  }
  return comments;
}

async function apartOf(partsOf: PartsOf, story: ReadStory): Promise<Line[]> {
  const lines: Line[] = [];
  for (const part of ['header', 'footer'] as const) {
    for (const name of partsOf(part)) {
      for (const { text } of (await story(name)).paragraphs.map(inOneLine))
        if (text !== '') lines.push({ place: { line: 1, part }, text, kind: 'apart' });
    }
  }
  return lines;
}

// A table that holds half the document is there for its looks: its paragraphs stand for themselves.
const longestRow = 1_000;

function lineReader(
  paragraphs: readonly Paragraph[],
  styleOf: (id: string | null) => Style,
  numberOf: (of: Numbered) => string,
): (paragraph: Paragraph) => Line {
  const contents = contentsReader();
  const rows = new Map<number, { first: Paragraph; whole: string }>();
  for (const paragraph of paragraphs) {
    const { row, text } = paragraph;
    if (row === null || text === '') continue;
    const before = rows.get(row);
    if (!before) rows.set(row, { first: paragraph, whole: text });
    else if (before.whole.length <= longestRow) before.whole += `  ${text}`;
  }
  const listedRows = new Set<number>();

  return (paragraph) => {
    const { at, boxed, row, cell, text: own } = paragraph;
    const place = { line: at, ...(boxed && { part: 'text box' as const }) };
    if (own === '') return { place, text: '', kind: 'blank' };
    const style = styleOf(paragraph.style);
    const numbering = paragraph.numbering === 'none' ? null : (paragraph.numbering ?? style.numbering);
    const number = numbering ? numberOf(numbering) : '';
    const numbered = number !== '' && number !== '•';
    // What stands below each other in a cell is a list, unless it ends.
    const flat = row === null ? own : own.replace(/([^.:;,!?\s])[ \t]*\n\s*/g, '$1; ');
    const text = (numbered ? `${number} ${flat}` : flat).replaceAll(/\s+/g, ' ');
    const { first = paragraph, whole = own } = (row === null ? null : rows.get(row)) ?? {};
    const isFirst = first === paragraph;
    const listed =
      paragraph.inContents || style.name.startsWith('toc ')
        ? 'contents'
        : isFirst
          ? contents(row === null ? (numbered ? `${number} ${own}` : own) : whole)
          : null;
    if (listed) {
      if (row !== null && listed === 'contents') listedRows.add(row);
      return { place, text: (row === null ? text : whole).trim(), kind: listed };
    }
    if (row !== null && listedRows.has(row)) return { place, text: '', kind: 'blank' };
    if (style.name === 'title') return { place, text, kind: 'title' };
    if ((paragraph.outline ?? style.outline) !== null) return { place, text, kind: 'heading' };
    const item = itemOf(text);
    const isBold = paragraph.bold || style.bold;
    if (
      row === null &&
      item === null &&
      (looksLikeHeading(text) || (isBold && looksLikeHeading(own.toUpperCase())))
    )
      return { place, text, kind: 'heading' };
    if (row !== null && whole.length <= longestRow)
      return { place, text, kind: 'item', row, cell: cell ?? 0 };
    // Every paragraph stands for itself, unless it goes on where the one before it broke off.
    const goesOn = /^[a-z]/.test(own) && !numbered && item === null;
    return { place, text: item ?? text, kind: goesOn ? 'text' : 'item' };
  };
}
