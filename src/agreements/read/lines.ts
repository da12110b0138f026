import type { Heading, Markup, Place, Reading, Sentence } from './reading.ts';

/** A line of a document. `row`: of a table, and those that have the same one belong together; `cell`: of the row, from 0. */
export type Line = {
  place: Place;
  text: string;
  kind: 'text' | 'item' | 'heading' | 'contents' | 'apart' | 'title' | 'blank';
  row?: number;
  cell?: number;
};

const mostWords = 12; // of a heading
const numbered = /^(\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z]\.?\d{1,2}(?:\.\d{1,2}){0,2}(?! \d))[.)]?\s+(\S.*)$/;
const marked = /^(?:[-*•–o▪●◦\uf0b7\uf0a7]|\(?[a-z]{1,4}\)|\(?[ivx]{1,5}\))\s+/;

/** What lines say together. */
export function readingOf(lines: readonly Line[], markup: readonly Markup[] = []): Reading {
  const at = lines.map((line, index): At => ({ ...line, line: index + 1 }));
  const of = (kind: Line['kind']) => at.filter((line) => line.kind === kind);
  const apart = [...new Map(of('apart').map((line) => [line.text, line])).values()];
  return {
    title: titleOf(at),
    sentences: paragraphsOf(at).flatMap(sentencesOf),
    headings: at.filter(({ kind }) => kind === 'heading' || kind === 'title').map(headingOf),
    contents: of('contents').map((line) =>
      headingOf({ ...line, text: entryOf(line.text)?.entry ?? line.text }),
    ),
    apart: apart.flatMap((line) => sentencesOf({ lines: [line], block: 0 })),
    markup,
    places: lines.every(({ place }, index) => place.line === index + 1 && !place.page && !place.part)
      ? null
      : lines.map(({ place }) => place),
  };
}

type At = Line & { line: number };

/** Whether a text begins as an item of a list does, and what it says. */
export function itemOf(text: string): string | null {
  return marked.test(text) ? text.replace(marked, '') : null;
}

/** A row of a table that says more than so many characters is no row: text in columns. */
export const longestRow = 1_000;

/** A text without its numbers, by which the head or foot of a page is known on the next. */
export const withoutNumbers = (text: string): string => text.replaceAll(/\d+/g, '#');

// What stands before a place to fill in, however it is set.
const label =
  /^(?:signature|signed|signatory|(?:print |full )?name|role|rank|position|job title|organisation|dated?)$/i;

// “11.4 Date of last review: October 2025”
const saysAValue = /^\d{1,2}\.\d[^:]{0,60}: [^:]{0,60}[\d@]/;

// “5.4 Papers are released by the Department”
const saysSomething = (text: string) =>
  text.length > 50 &&
  /^[A-Z]?\.?\d{1,2}\.\d/.test(text) &&
  /\b(?:is|are|was|were|will|must|shall|may|can|has|have|should)\b/.test(text);

/** Whether a text is what stands before a place to fill in. */
export const isLabel = (text: string): boolean => label.test(text);

/** Whether a line is set like a heading, as far as its words tell. */
export function looksLikeHeading(text: string): boolean {
  if (isLabel(text)) return false;
  if (text.split(/\s+/).length > mostWords || /[.;:!?,|]$/.test(text)) return false;
  const [, , rest] = numbered.exec(text) ?? [];
  if (rest !== undefined && /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}$/.test(rest))
    return false;
  if (rest !== undefined)
    return /^[A-Z]/.test(rest) && !/[.;!?]\s/.test(rest) && !saysAValue.test(text) && !saysSomething(text);
  return /[A-Z]{3}/.test(text) && text === text.toUpperCase() && !/\d{4}/.test(text);
}

/**
 * Tells which lines are a list of contents, asked of one after the other: its heading, an entry that ends with its page, or neither.
 */
export function contentsReader(): (text: string) => 'heading' | 'contents' | null {
  let inside = false;
  let page = 0;
  return (text) => {
    if (/^(table of )?contents( \| page( no\.?| number)?)?$/i.test(text)) {
      inside = true;
      page = 0;
      return 'heading';
    }
    const entry = entryOf(text);
    const near = entry !== null && entry.page >= page && entry.page <= page + 40;
    if (entry && (entry.set === 'dots' || (inside && (entry.set === 'gap' || near)))) {
      page = entry.page;
      return 'contents';
    }
    inside = false;
    return null;
  };
}

type Entry = { entry: string; page: number; set: 'dots' | 'gap' | 'space' };

// What stands before the dots, or the gap, before a page.
function entryOf(text: string): Entry | null {
  const [digits] = /\d{1,3}$/.exec(text) ?? [];
  if (digits === undefined) return null;
  const rest = text.slice(0, -digits.length);
  const before = rest.trimEnd();
  const entry = before.replaceAll(/\.{3,}|…|(?:\. ){2,}\.|[|\t]/g, '').trim();
  if (entry === '' || entry.split(/\s+/).length > mostWords + 4) return null;
  const dotted = before.endsWith('....') || before.endsWith('. . .') || before.endsWith('……');
  const isApart = /(?:\.\.\.|…|\|)$/.test(before) || /(?:\t| {2})$/.test(rest);
  if (!dotted && !isApart && rest === before) return null;
  return { entry, page: Number(digits), set: dotted ? 'dots' : isApart ? 'gap' : 'space' };
}

function headingOf({ line, text }: At): Heading {
  const [, number, rest] = numbered.exec(text) ?? [];
  return { line, number: number ?? null, text: rest ?? text };
}

// The first words that are set as a title, or say what the document is.
function titleOf(lines: readonly At[]): Reading['title'] {
  const said = /\b(agreement|protocol|memorandum|understanding|contract|policy|MoU|ISA|DSA)\b/i;
  const title =
    lines.find(({ kind, text }) => kind === 'title' && said.test(text)) ??
    lines
      .filter(({ kind }) => kind !== 'blank' && kind !== 'contents' && kind !== 'apart')
      .slice(0, 15)
      .find(
        ({ text }) =>
          said.test(text) &&
          text.length <= 100 &&
          !/[.:;,]$|^(?:our|the purpose|\d)\b|\b(?:this|reference)\b|\|/i.test(text),
      ) ??
    lines.find(({ kind }) => kind === 'title');
  return title ? { line: title.line, text: title.text } : null;
}

// Lines that are read as one; `block`: those of one paragraph, though its sentences begin on lines of their own.
type Paragraph = { lines: readonly At[]; block: number };

const halfLine = 50; // characters

// What goes on over a page: a line that does not end, and one that begins small, or the next one of a paragraph.
function paragraphsOf(lines: readonly At[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let open: At[] = [];
  let gap = true; // blocks of paragraphs are counted from 1: what stands in none has 0
  let page = false;
  let block = 0;
  const close = () => {
    if (open.length > 0) paragraphs.push({ lines: open, block });
    open = [];
  };
  for (const line of lines) {
    if (line.kind === 'apart') {
      page = true;
      continue;
    }
    if (line.kind === 'blank') {
      gap = true;
      continue;
    }
    if (line.kind !== 'text' && line.kind !== 'item') {
      close();
      gap = true;
      page = false;
      continue;
    }
    const last = open.at(-1);
    const goesOn =
      last !== undefined &&
      (line.row !== undefined || last.row !== undefined
        ? line.row === last.row
        : line.kind === 'text' &&
          !last.text.includes(' | ') &&
          !line.text.includes(' | ') &&
          !/[.:;!?]$/.test(last.text) &&
          (/^[a-z(]/.test(line.text) ||
            (!gap && !/^[\w ]{1,30}:/.test(line.text)) ||
            (page && last.text.length > halfLine && !beginsAnew(line))));
    if (!goesOn) close();
    if (!goesOn && (gap || beginsAnew(line))) block += 1;
    open.push(line);
    gap = false;
    page = false;
  }
  close();
  return paragraphs;
}

// What stands by itself, though nothing is left free above it.
const beginsAnew = ({ kind, text, row }: At) =>
  kind === 'item' || row !== undefined || numbered.test(text) || text.includes(' | ');

// A sentence that never ends is cut, or a pattern about two things that stand in one would look for them for ever.
const longest = 2_000;

function shortened(text: string, start: number, end: number): [number, number][] {
  const spans: [number, number][] = [];
  let from = start;
  while (end - from > longest) {
    const space = text.lastIndexOf(' ', from + longest);
    const cut = space > from ? space : from + longest;
    spans.push([from, cut]);
    from = space > from ? cut + 1 : cut;
  }
  return [...spans, [from, end]];
}

const ends = /(?<=[.!?]["”’)]?)\s+(?=["“‘(]?[A-Z])/g;
const abbreviation =
  /\b(e\.g|i\.e|etc|No|Nos|para|paras|s|ss|Art|Arts|Sch|Ltd|Co|St|Mr|Mrs|Ms|Dr|cf|viz|v)\.$/;

// Cells of a row; paragraphs of a cell, which are things of a list unless they end; lines of a paragraph.
function between(text: string, line: At, last: At | undefined): string {
  if (line.cell !== last?.cell) return ' | ';
  return line.row !== undefined && line.kind === 'item' && !/[.:;,!?]$/.test(text) ? '; ' : ' ';
}

function sentencesOf({ lines: paragraph, block }: Paragraph): Sentence[] {
  let text = '';
  const pieces: { from: number; line: number }[] = [];
  paragraph.forEach((line, at) => {
    if (text !== '') text += between(text, line, paragraph[at - 1]);
    pieces.push({ from: text.length, line: line.line });
    text += line.text;
  });
  const cuts = [...text.matchAll(ends)]
    .filter(({ index }) => !abbreviation.test(text.slice(Math.max(0, index - 8), index)))
    .map(({ index, 0: space }) => ({ end: index, next: index + space.length }));
  const starts = [0, ...cuts.map(({ next }) => next)];
  const spans = starts.flatMap((start, at) => shortened(text, start, cuts[at]?.end ?? text.length));
  return spans.map(([start, end]) => {
    const inside = pieces.filter(({ from }) => from > start && from < end);
    const first = pieces.findLast(({ from }) => from <= start);
    return {
      text: text.slice(start, end),
      block,
      item: paragraph[0]?.kind === 'item',
      pieces: [
        { from: 0, line: first?.line ?? 1 },
        ...inside.map(({ from, line }) => ({ from: from - start, line })),
      ],
    };
  });
}
