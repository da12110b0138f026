import { open } from 'node:fs/promises';

const candidates = [',', ';', '\t', '|'];
const looksAt = { bytes: 1 << 16, rows: 20 };

/**
 * The delimiter of a CSV file: the one that gives the same number of fields, more than one, in each of the first rows; the most
 * fields if several do, and a comma if none does. Reads the first 64 KB.
 */
export async function guessDelimiter(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(looksAt.bytes), 0, looksAt.bytes, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    const isWhole = bytesRead < looksAt.bytes;
    const fields = candidates.map((delimiter) => fieldsOf(text, delimiter, isWhole));
    const most = Math.max(...fields);
    return most > 1 ? (candidates[fields.indexOf(most)] ?? ',') : ',';
  } finally {
    await file.close();
  }
}

// The number of fields in every row, or 0 where rows differ. A row that is cut off does not count.
function fieldsOf(text: string, delimiter: string, isWhole: boolean): number {
  const counts: number[] = [];
  let [fields, quoted, empty] = [1, false, true];
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    else if (sign === '\n' && !quoted) {
      counts.push(fields);
      [fields, empty] = [1, true];
      if (counts.length === looksAt.rows) break;
      continue;
    } else if (sign === delimiter && !quoted) fields += 1;
    empty = false;
  }
  if (!empty && isWhole && counts.length < looksAt.rows) counts.push(fields);
  const [first = 0] = counts;
  return counts.every((count) => count === first) ? first : 0;
}
