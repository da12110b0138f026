import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { progressOn } from './progress.ts';

function shown(terminal: { isTTY?: boolean; columns?: number }): string {
  const stream = Object.assign(new PassThrough(), terminal);
  const progress = progressOn(stream);
  progress.tell(1, 2, 'old\u001b[2J\nnew.docx');
  progress.tell(2, 2, 'a.docx');
  progress.end();
  return String(stream.read());
}

it('is a line for each file, whatever its name is, where nobody watches', () => {
  expect(shown({})).toBe('1 of 2: old\\u001b[2J new.docx\n2 of 2: a.docx\n');
});

it('is one line on a terminal, no wider than it, and gone at the end', () => {
  const clear = '\r\u001b[K';
  expect(shown({ isTTY: true, columns: 12 })).toBe(`${clear}1 of 2: old${clear}2 of 2: a.d${clear}`);
});
