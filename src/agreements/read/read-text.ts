import { contentsReader, isLabel, itemOf, type Line, looksLikeHeading, readingOf } from './lines.ts';
import type { Reading } from './reading.ts';
import { edgesIn } from './text-pages.ts';
import { isColumns, rowsIn, type TextRow } from './text-tables.ts';

/**
 * Reads text or Markdown. Marks of Markdown are taken away, rows of tables become sentences of their cells, and what stands at the head and
 * foot of pages is apart.
 */
export function readText(text: string): Reading {
  const raws = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  const edges = edgesIn(raws);
  const listed = contentsIn(raws);
  const rows = rowsIn(raws, (at) => edges.has(at) || listed.has(at));
  const lines: Line[] = [];
  for (let at = 0; at < raws.length; at += 1) {
    const row = rows.get(at);
    if (row) {
      lines.push(...linesOfRow(row));
      at += row.count - 1;
      continue;
    }
    const line = lineOf(raws, at);
    const kind = edges.has(at) && line.kind !== 'blank' ? 'apart' : listed.get(at);
    lines.push(kind ? { ...line, text: withoutMarks(raws[at] ?? ''), kind } : line);
  }
  return readingOf(
    withoutList(lines.map((line, at) => (standsAlone(lines, at) ? { ...line, kind: 'heading' } : line))),
  );
}

function lineOf(raws: readonly string[], at: number): Line {
  const raw = raws[at] ?? '';
  const place = { line: at + 1 };
  const said = withoutMarks(raw);
  if (said === '') return { place, text: '', kind: 'blank' };
  const item = itemOf(raw.trim());
  if (
    isMarked(raw) ||
    isUnderlined(said, raws[at + 1] ?? '') ||
    (item === null && (isBold(raw) || (looksLikeHeading(said) && !goesOnBelow(said, raws[at + 1] ?? ''))))
  )
    return { place, text: said, kind: 'heading' };
  return item === null
    ? { place, text: said, kind: 'text' }
    : { place, text: itemOf(said) ?? said, kind: 'item' };
}

function linesOfRow(row: TextRow): Line[] {
  return row.lines.map(({ at, cell, text }): Line => {
    const item = cell === 0 ? null : itemOf(text);
    const line = {
      place: { line: at + 1 },
      text: item ?? text,
      kind: item === null ? 'text' : 'item',
    } as const;
    return isColumns(row) ? line : { ...line, row: row.from, cell };
  });
}

// A list of contents with the pages of its entries.
function contentsIn(raws: readonly string[]): Map<number, 'heading' | 'contents'> {
  const contents = contentsReader();
  return new Map(
    raws.flatMap((raw, at) => {
      const said = withoutMarks(raw);
      const kind = said === '' ? null : contents(said);
      return kind ? [[at, kind] as const] : [];
    }),
  );
}

const fewestEntries = 4;

// Or without: lines below each other that stand again further down, each above something.
function withoutList(lines: readonly Line[]): Line[] {
  const said = lines.map(({ text, kind }) => (kind === 'blank' || kind === 'apart' ? '' : bare(text)));
  const last = new Map(said.map((text, at) => [text, at]));
  const again = (at: number) => said[at] !== '' && (last.get(said[at] ?? '') ?? at) > at + 1;
  const all = said.flatMap((text, at) => (text === '' ? [] : [at]));
  const listed = new Set<number>();
  let run: number[] = [];
  for (const at of [...all, -1]) {
    if (at >= 0 && lines[at]?.row === undefined && again(at)) {
      run.push(at);
      continue;
    }
    const end = run.at(-1) ?? 0;
    const isList = run.every((one) => (last.get(said[one] ?? '') ?? 0) > end);
    if (run.length >= fewestEntries && isList) for (const one of run) listed.add(one);
    run = [];
  }
  return lines.map((line, at) => (listed.has(at) ? { ...line, kind: 'contents' } : line));
}

const bare = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

// A few words between free lines, above a paragraph.
function standsAlone(lines: readonly Line[], at: number): boolean {
  const free = (line: Line | undefined) => line === undefined || line.kind === 'blank';
  const line = lines[at];
  if (line?.kind !== 'text' || !fewWords.test(line.text) || isLabel(line.text)) return false;
  if (!free(lines[at - 1]) || !free(lines[at + 1])) return false;
  const next = lines.slice(at + 1).find((one) => !free(one));
  return next?.kind === 'text' && !next.text.includes(' | ') && /^.{60}|^.{20,}[.:]$/.test(next.text);
}

const fewWords = /^[A-Z][^\s\d|.;:!?,@]{0,30}(?: [^\s\d|.;:!?,@]{1,30}){0,7}$/;

const isMarked = (raw: string) => /^\s{0,3}#{1,6}\s/.test(raw);
// A clause whose first line is short.
const goesOnBelow = (said: string, below: string) =>
  /^[A-Z]?\.?\d/.test(said) &&
  (/^\s*[a-z(]/.test(below) || (said.length > 60 && /^\s*[A-Z][a-z]/.test(below)));
const isUnderlined = (said: string, below: string) =>
  fewWords.test(said) && /^\s*(?:={3,}|-{3,})\s*$/.test(below);
const isBold = (raw: string) => /^\s*(\*\*|__)[^*_]{1,160}\1\s*$/.test(raw);

function withoutMarks(raw: string): string {
  const text = raw
    .replace(/^\s{0,3}#{1,6}\s+/, '')
    .replace(/^\s*>\s?/, '')
    .replaceAll(/\*\*|__/g, '')
    .trim();
  if (/^(?:[|:\s-]+|={3,}|_{3,}|[*\s]+)$/.test(text)) return ''; // a line that is drawn
  // A table that is set with spaces; what stands after a number is none.
  if (!text.startsWith('|'))
    return text
      .replace(/^((?:\d[\d.]{0,10}|\(?[a-zA-Z]{1,4}|[A-Z]\.\d[\d.]{0,8})[.)]?|[-*•–]) {2,}/, '$1 ')
      .replaceAll(/(?<=\S)(?: {3,}|\t+ *)(?=\S)/g, ' | ');
  return text
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(' | ');
}
