import { contentsReader, itemOf, type Line, looksLikeHeading, readingOf } from './lines.ts';
import type { Reading } from './reading.ts';

/** Reads text or Markdown. Marks of Markdown are taken away, rows of tables become sentences of their cells. */
export function readText(text: string): Reading {
  const contents = contentsReader();
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((raw, at): Line => {
      const place = { line: at + 1 };
      const said = withoutMarks(raw);
      if (said === '') return { place, text: '', kind: 'blank' };
      const listed = contents(said);
      if (listed) return { place, text: said, kind: listed };
      const item = itemOf(raw.trim());
      if (isMarked(raw) || (item === null && (isBold(raw) || looksLikeHeading(said))))
        return { place, text: said, kind: 'heading' };
      return item === null
        ? { place, text: said, kind: 'text' }
        : { place, text: itemOf(said) ?? said, kind: 'item' };
    });
  return readingOf(lines);
}

const isMarked = (raw: string) => /^\s{0,3}#{1,6}\s/.test(raw);
const isBold = (raw: string) => /^\s*(\*\*|__)[^*_]{1,160}\1\s*$/.test(raw);

function withoutMarks(raw: string): string {
  const text = raw
    .replace(/^\s{0,3}#{1,6}\s+/, '')
    .replace(/^\s*>\s?/, '')
    .replaceAll(/\*\*|__/g, '')
    .trim();
  // A table that is set with spaces; what stands after a number is none.
  if (!text.startsWith('|'))
    return text
      .replace(/^((?:\d[\d.]{0,10}|\(?[a-zA-Z]{1,4}|[A-Z]\.\d[\d.]{0,8})[.)]?|[-*•–]) {2,}/, '$1 ')
      .replaceAll(/(?<=\S)(?: {3,}|\t+ *)(?=\S)/g, ' | ');
  if (/^[|:\s-]+$/.test(text)) return '';
  return text
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(' | ');
}
