import { closeSync, openSync, writeSync } from 'node:fs';
import { maxRowBytes } from './structure.ts';

// A table that we read from another form, as CSV that has one reading only.

/**
 * Writes a table as CSV, row by row; the header first. A row may be shorter than the header: the rest of it is blank. The file must not
 * be there yet. `row` says if the row cannot be held: what of it the engine would not read.
 */
export function tableFile(path: string, columns: number) {
  const file = openSync(path, 'wx', 0o600);
  let waiting: string[] = [];
  let length = 0;
  let bytes = 0;

  function flush(): void {
    const chunk = Buffer.from(waiting.join(''));
    for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
    bytes += chunk.length;
    waiting = [];
    length = 0;
  }

  return {
    row(values: readonly string[]): 'nul-byte' | 'half-character' | 'row-too-long' | null {
      const line = Array.from({ length: columns }, (_, at) => cell(values[at] ?? '')).join(',');
      if (line.includes('\0')) return 'nul-byte';
      if (!line.isWellFormed()) return 'half-character';
      if (line.length > maxRowBytes || Buffer.byteLength(line) > maxRowBytes) return 'row-too-long';
      // A lone blank is quoted, or its row would be an empty line.
      waiting.push(line === '' ? '""' : line, '\n');
      length += line.length;
      if (length > 1 << 16) flush();
      return null;
    },
    bytes: () => bytes + length,
    close(): void {
      flush();
      closeSync(file);
    },
  };
}

function cell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
