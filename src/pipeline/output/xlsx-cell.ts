import type { ColumnType } from '../column-type.ts';

// One value as a cell of a sheet [ECMA-376 Part 1, 18.3.1.4]. A value is a number or a day only where a spreadsheet that takes it for
// one loses nothing of it; anything else is a text, typed as one, which no spreadsheet runs.

/** The longest text that a cell can hold, in UTF-16 units. */
export const longestText = 32_767;

/** The cell formats of the workbook, by their place in its styles. */
export const formats = { text: 1, quoted: 2, wholeNumber: 3, day: 4, heading: 5 } as const;

/** A value of a type as the cell at a reference such as `B7`; null for a text that is too long. */
export function cellXml(reference: string, value: string, type: ColumnType): string | null {
  if (type === 'integer' && isWholeNumber(value)) return numberCell(reference, value, formats.wholeNumber);
  if (type === 'number' && isExactNumber(value)) return numberCell(reference, value, 0);
  const day = type === 'date' ? dayNumber(value) : null;
  if (day !== null) return numberCell(reference, String(day), formats.day);
  return textCell(reference, value, mayLookLikeFormula(value) ? formats.quoted : formats.text);
}

/** A text as a cell; null where it is too long. */
export function textCell(reference: string, text: string, format: number): string | null {
  if (text.length > longestText) return null;
  return `<c r="${reference}" s="${format}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** A column, from 0, as a sheet calls it: A to XFD. */
export function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}

function numberCell(reference: string, number: string, format: number): string {
  return `<c r="${reference}"${format === 0 ? '' : ` s="${format}"`}><v>${number}</v></c>`;
}

// A spreadsheet keeps fifteen digits of a number, and no zeros before them.
function isWholeNumber(value: string): boolean {
  return /^(0|-?[1-9][0-9]{0,14})$/.test(value);
}

function isExactNumber(value: string): boolean {
  const [, digits = ''] = /^-?((?:0|[1-9][0-9]*)?(?:[.][0-9]+)?)(?:[eE][+-]?[0-9]{1,3})?$/.exec(value) ?? [];
  const significant = digits.replace('.', '').replace(/^0+/, '');
  if (digits === '' || significant.length > 15) return false;
  const size = Math.abs(Number(value));
  // Nothing but zeros is 0, and has no sign.
  return significant === '' ? !value.startsWith('-') : size > 1e-290 && size < 1e290;
}

// Spreadsheets hold that 1900 had a 29 February: what they make of days before March of that year is not agreed.
function dayNumber(day: string): number | null {
  return day < '1900-03-01' ? null : (Date.parse(day) - Date.UTC(1899, 11, 30)) / 86_400_000;
}

// It is a text as it is. The apostrophe that a spreadsheet then shows keeps it one for whoever edits the cell.
function mayLookLikeFormula(text: string): boolean {
  return /^[^\p{L}\p{N}]/u.test(text);
}

// What XML cannot hold is _x0007_ [ECMA-376 Part 1, 22.9.2.19], and an underscore that would look like one _x005F_.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
const seeming = /_(?=x[0-9A-Fa-f]{4}[_\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
const special = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escaped(text: string): string {
  return text
    .replace(seeming, '_x005F_')
    .replace(
      special,
      (sign) => entities[sign] ?? `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    );
}
