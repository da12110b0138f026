import type { Heading, Reading, Sentence } from './reading.ts';

// Plain text and Markdown. What is a heading, and what a list of contents, is told by how it is set.

type Line = { line: number; text: string; kind: 'text' | 'item' | 'heading' | 'contents' | 'blank' };

const mostWords = 12; // of a heading
const numbered = /^(\d{1,2}(?:\.\d{1,2}){0,3})[.)]?\s+(\S.*)$/;
const item = /^(?:[-*•–o]|\(?[a-z]{1,4}\)|\(?[ivx]{1,5}\))\s+/;

/** Reads text or Markdown. Marks of Markdown are taken away, rows of tables become sentences of their cells. */
export function readText(text: string): Reading {
  const lines = readLines(text.replace(/^\ufeff/, ''));
  const headings = lines.filter(({ kind }) => kind === 'heading').map(headingOf);
  return {
    title: titleOf(lines),
    sentences: paragraphsOf(lines).flatMap(sentencesOf),
    headings,
    contents: lines
      .filter(({ kind }) => kind === 'contents')
      .map((line) => headingOf({ ...line, text: pageOf(line.text)?.entry ?? line.text })),
  };
}

function readLines(text: string): Line[] {
  let inContents = false;
  return text.split(/\r\n|\r|\n/).map((raw, at): Line => {
    const line = at + 1;
    const marked = /^\s{0,3}#{1,6}\s/.test(raw);
    const bold = /^\s*(\*\*|__)[^*_]{1,160}\1\s*$/.test(raw);
    const plain = withoutMarks(raw);
    if (plain === '') return { line, text: '', kind: 'blank' };
    if (/^(table of )?contents( \| page( no\.?| number)?)?$/i.test(plain)) {
      inContents = true;
      return { line, text: plain, kind: 'heading' };
    }
    const listed = pageOf(plain);
    if (listed && (inContents || listed.dotted)) return { line, text: plain, kind: 'contents' };
    inContents = false;
    if (marked || ((bold || looksLikeHeading(plain)) && !item.test(raw.trim())))
      return { line, text: plain, kind: 'heading' };
    return item.test(raw.trim())
      ? { line, text: plain.replace(item, ''), kind: 'item' }
      : { line, text: plain, kind: 'text' };
  });
}

// An entry of a list of contents: what stands before the dots, or the gap, before a page.
function pageOf(text: string): { entry: string; dotted: boolean } | null {
  const [digits] = /\d{1,3}$/.exec(text) ?? [];
  if (digits === undefined) return null;
  const rest = text.slice(0, -digits.length);
  const entry = rest.trimEnd();
  const dotted = entry.endsWith('....');
  if (!dotted && !entry.endsWith('...') && !entry.endsWith('|') && !/(?:\t| {2})$/.test(rest)) return null;
  return { entry: entry.replaceAll('...', '').replaceAll(/[|\t]/g, '').trim(), dotted };
}

function withoutMarks(raw: string): string {
  const text = raw
    .replace(/^\s{0,3}#{1,6}\s+/, '')
    .replace(/^\s*>\s?/, '')
    .replaceAll(/\*\*|__/g, '')
    .trim();
  if (!text.startsWith('|')) return text;
  if (/^[|:\s-]+$/.test(text)) return '';
  return text
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(' | ');
}

function looksLikeHeading(text: string): boolean {
  if (text.split(/\s+/).length > mostWords || /[.;:!?,|]$/.test(text)) return false;
  const [, , rest] = numbered.exec(text) ?? [];
  if (rest !== undefined) return /^[A-Z]/.test(rest) && !/[.;!?]\s/.test(rest);
  return /[A-Z]{3}/.test(text) && text === text.toUpperCase() && !/\d{4}/.test(text);
}

function headingOf({ line, text }: Line): Heading {
  const [, number, rest] = numbered.exec(text) ?? [];
  return { line, number: number ?? null, text: rest ?? text };
}

// The first words that are set as a heading, or say what the document is.
function titleOf(lines: readonly Line[]): Reading['title'] {
  const first = lines
    .filter(({ kind }) => kind !== 'blank' && kind !== 'contents')
    .slice(0, 15)
    .find(
      ({ text }) =>
        /\b(agreement|protocol|memorandum|understanding|contract|policy|MoU|ISA|DSA)\b/i.test(text) &&
        text.length <= 100 &&
        !/[.:;,]$/.test(text),
    );
  return first ? { line: first.line, text: first.text } : null;
}

// What goes on over a page: a line that does not end, and one that begins small, with nothing between.
function paragraphsOf(lines: readonly Line[]): Line[][] {
  const paragraphs: Line[][] = [];
  let open: Line[] = [];
  let gap = false;
  const close = () => {
    if (open.length > 0) paragraphs.push(open);
    open = [];
  };
  for (const line of lines) {
    if (line.kind === 'blank') {
      gap = true;
      continue;
    }
    if (line.kind === 'heading' || line.kind === 'contents') {
      close();
      gap = false;
      continue;
    }
    const last = open.at(-1);
    const goesOn =
      last !== undefined &&
      line.kind === 'text' &&
      !last.text.includes(' | ') &&
      !/[.:;!?]$/.test(last.text) &&
      (/^[a-z(]/.test(line.text) || (!gap && !/^[\w ]{1,30}:/.test(line.text)));
    if (!goesOn) close();
    open.push(line);
    gap = false;
  }
  close();
  return paragraphs;
}

// A sentence that never ends is cut, or a pattern about two things that stand in one would look for them for ever.
const longest = 2_000;

function shortened(text: string, start: number, end: number): [number, number][] {
  if (end - start <= longest) return [[start, end]];
  const space = text.lastIndexOf(' ', start + longest);
  const cut = space > start ? space : start + longest;
  return [[start, cut], ...shortened(text, space > start ? cut + 1 : cut, end)];
}

const ends = /(?<=[.!?]["”’)]?)\s+(?=["“‘(]?[A-Z])/g;
const abbreviation =
  /\b(e\.g|i\.e|etc|No|Nos|para|paras|s|ss|Art|Arts|Sch|Ltd|Co|St|Mr|Mrs|Ms|Dr|cf|viz|v)\.$/;

function sentencesOf(paragraph: readonly Line[]): Sentence[] {
  let text = '';
  const pieces: { from: number; line: number }[] = [];
  for (const line of paragraph) {
    if (text !== '') text += ' ';
    pieces.push({ from: text.length, line: line.line });
    text += line.text;
  }
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
      pieces: [
        { from: 0, line: first?.line ?? 1 },
        ...inside.map(({ from, line }) => ({ from: from - start, line })),
      ],
    };
  });
}
