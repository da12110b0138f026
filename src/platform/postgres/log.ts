import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';

const maximumBytes = 1_000_000;
const linesRemembered = 20;

/** PostgreSQL's log: `append` adds what it wrote, `lastLines` tells the end of what this process appended. */
export type Log = { append(text: string): void; lastLines(): string };

/** Opens a log of at most about 2 MB: a full file becomes `<file>.1`, in place of the one before. */
export function openLog(file: string): Log {
  let bytes = existsSync(file) ? statSync(file).size : 0;
  let remembered = '';
  return {
    append(text) {
      if (bytes > maximumBytes) {
        renameSync(file, `${file}.1`);
        bytes = 0;
      }
      appendFileSync(file, text, { mode: 0o600 });
      bytes += Buffer.byteLength(text);
      remembered = (remembered + text).split('\n').slice(-linesRemembered).join('\n');
    },
    lastLines: () => remembered.trim(),
  };
}
