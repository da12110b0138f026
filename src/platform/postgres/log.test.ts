import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLog } from './log.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chirograph-log-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the log keeps the latest lines and never takes more than about 2 MB, also over several starts', () => {
  const file = join(folder, 'log');
  for (let start = 0; start < 3; start++) {
    const log = openLog(file);
    for (let line = 0; line < 20; line++) log.append(`${start}-${line} ${'x'.repeat(100_000)}\n`);
  }
  expect(readdirSync(folder).sort()).toEqual(['log', 'log.1']);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(bytes).toBeLessThan(2_300_000);
  expect(readFileSync(file, 'utf8')).toContain('2-19 ');
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('it remembers the end of what this process appended', () => {
  const log = openLog(join(folder, 'log'));
  for (let line = 1; line <= 50; line++) log.append(`line ${line}\n`);
  expect(log.lastLines().split('\n').at(-1)).toBe('line 50');
  expect(log.lastLines()).not.toContain('line 5\n');
});
