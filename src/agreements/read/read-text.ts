import { contentsReader, isLabel, itemOf, type Line, looksLikeHeading, readingOf } from './lines.ts';
import type { Reading } from './reading.ts';

/** Reads text or Markdown. Marks of Markdown are taken away, rows of tables become sentences of their cells. */
export function readText(text: string): Reading {
  const contents = contentsReader();
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((raw, at, all): Line => {
      const place = { line: at + 1 };
      const said = withoutMarks(raw);
      if (said === '') return { place, text: '', kind: 'blank' };
      const listed = contents(said);
      if (listed) return { place, text: said, kind: listed };
      const item = itemOf(raw.trim());
      if (
        isMarked(raw) ||
        isUnderlined(said, all[at + 1] ?? '') ||
        (item === null && (isBold(raw) || looksLikeHeading(said)))
      )
        return { place, text: said, kind: 'heading' };
      return item === null
        ? { place, text: said, kind: 'text' }
        : { place, text: itemOf(said) ?? said, kind: 'item' };
    });
  return readingOf(lines.map((line, at) => (standsAlone(lines, at) ? { ...line, kind: 'heading' } : line)));
}

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
