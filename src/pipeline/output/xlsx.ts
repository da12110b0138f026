import { open } from 'node:fs/promises';
import { Zip, ZipDeflate } from 'fflate';
import type { Plan } from '../plan.ts';
import type { Problem } from '../report.ts';
import { cellXml, columnName, formats, longestText, textCell } from './xlsx-cell.ts';
import { otherParts, sheetEnd, sheetStart } from './xlsx-parts.ts';

const mostRows = 1_048_576;
const mostColumns = 16_384;
/** A sheet of more bytes than this needs a form of archive that spreadsheets do not all read. */
const mostBytes = 4_000_000_000;
/** What is compressed at a time. The bytes that come of it depend on where it is cut: not on how many rows came at once. */
const piece = 262_144;

/**
 * Writes a workbook of one sheet: the headings of the plan, then rows as they come, by column (the first is the row of the
 * file, and is not written). Memory does not grow with it. The same rows give the same bytes, on every machine: the compression is
 * fflate's own, and the archive holds no time. What does not fit into a sheet is a problem, and the file is then of no use. `filters`: its
 * reader can choose rows at the headings, which no release has.
 */
export async function writeXlsx(
  path: string,
  { write: headings, types }: Pick<Plan, 'write' | 'types'>,
  rows: number,
  chunks: AsyncIterable<readonly (readonly unknown[])[]>,
  want: { filters?: true } = {},
): Promise<Problem | null> {
  if (rows >= mostRows || headings.length > mostColumns) return tooLarge;
  const names = headings.map((_, column) => columnName(column));
  const sheet = await openSheet(path);
  try {
    const heading = headings.map((text, column) => textCell(`${names[column]}1`, text, formats.heading));
    if (heading.includes(null)) return tooLong(heading.indexOf(null), 1, headings);
    await sheet.write(`${sheetStart(headings.length)}<row r="1">${heading.join('')}</row>`);
    let last = 1;
    for await (const [fileRows = [], ...columns] of chunks) {
      let xml = '';
      for (const [at, fileRow] of fileRows.entries()) {
        last += 1;
        xml += `<row r="${last}">`;
        for (const [column, values] of columns.entries()) {
          const value = values[at];
          if (typeof value !== 'string') continue;
          const cell = cellXml(`${names[column]}${last}`, value, types[column] ?? 'string');
          if (cell === null) return tooLong(column, Number(fileRow), headings);
          xml += cell;
        }
        xml += '</row>';
      }
      await sheet.write(xml);
      if (sheet.bytes() > mostBytes) return tooLarge;
    }
    // What leaves is what was counted, or nothing leaves.
    if (last !== rows + 1) throw new Error('The rows written are not those counted.');
    await sheet.end(want.filters ? `A1:${names.at(-1)}${last}` : null);
    return null;
  } finally {
    await sheet.close();
  }
}

// The archive, with its sheet still to be written.
async function openSheet(path: string) {
  const file = await open(path, 'wx', 0o600);
  const packed: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    packed.push(bytes);
  });
  const part = (name: string) => {
    const one = new ZipDeflate(name, { level: 6 });
    // Midnight of the first day that an archive knows, by whatever clock.
    one.mtime = new Date(1980, 0, 1);
    zip.add(one);
    return one;
  };
  for (const { name, xml } of otherParts) part(name).push(Buffer.from(xml), true);
  const sheet = part('xl/worksheets/sheet1.xml');
  let written = 0;
  let waiting = Buffer.alloc(0);
  const push = async (xml: string, final = false) => {
    const bytes = Buffer.from(xml);
    written += bytes.length;
    waiting = Buffer.concat([waiting, bytes]);
    let at = 0;
    for (; waiting.length - at >= piece; at += piece) sheet.push(waiting.subarray(at, at + piece));
    waiting = waiting.subarray(at);
    if (final) {
      sheet.push(waiting, true);
      zip.end();
    }
    await file.writeFile(Buffer.concat(packed.splice(0)));
  };
  return {
    write: (xml: string) => push(xml),
    end: (filtered: string | null) => push(sheetEnd(filtered), true),
    bytes: () => written,
    close: () => file.close(),
  };
}

const tooLarge: Problem = {
  check: 'too-large-for-xlsx',
  rows: [],
  says: `A spreadsheet holds ${mostRows.toLocaleString('en-GB')} rows with the header, and ${mostColumns.toLocaleString('en-GB')} columns: this is more than fits into one. Let it leave as CSV or Parquet, or choose fewer rows.`,
};

function tooLong(column: number, row: number, headings: readonly string[]): Problem {
  return {
    check: 'too-long-for-xlsx',
    field: headings[column] ?? '',
    rows: [row],
    says: `${headings[column]} has a text in row ${row} of more than ${longestText.toLocaleString('en-GB')} characters, which is the most that a cell of a spreadsheet holds. Let it leave as CSV or Parquet.`,
  };
}
