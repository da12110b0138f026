import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// `chirograph agreement diff` as somebody types it: two agreements in, and what changed out.

vi.setConfig({ testTimeout: 60_000 });

const example = join(import.meta.dirname, '../../examples/isa-2026-001.yaml');

let line: CommandLine;
let next: string;
beforeAll(() => {
  line = aCommandLine();
  next = join(line.folder, 'next.yaml');
  writeFileSync(next, readFileSync(example, 'utf8').replace('period: P1Y', 'period: P2Y'));
});
afterAll(() => line.close());

const diff = (...args: string[]) => line.run('agreement', 'diff', ...args);

test('it says what changed and what that means, and ends well', async () => {
  const answer = await diff(example, next);
  expect(answer.exit).toBe(0);
  expect(answer.out).toContain('1 change to the terms.');
  expect(answer.out).toContain('How long Stop and search is kept\n  Kept for: [-1 year-] {+2 years+}');
  expect(answer.out).toContain('It is kept for longer.');
});

test('as JSON it has both digests, every clause and the terms that changed', async () => {
  const json = JSON.parse((await diff(example, next, '--json')).out);
  expect(json).toMatchObject({
    same: false,
    was: { version: 1 },
    terms: [{ was: '1 year', now: '2 years' }],
  });
  expect(json.was.digest).not.toBe(json.now.digest);
  expect(json.words.every(({ kind }: { kind: string }) => kind === 'same')).toBe(true);
});

test('it writes a page and a Word file with tracked changes', async () => {
  const [page, word] = [join(line.folder, 'diff.html'), join(line.folder, 'diff.docx')];
  expect((await diff(example, next, '--out', page)).exit).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('It is kept for longer.');
  expect((await diff(example, next, '--out', word)).exit).toBe(0);
  const xml = Buffer.from(unzipSync(readFileSync(word))['word/document.xml'] ?? []).toString('utf8');
  expect(xml).toMatch(/<w:del [^>]*w:author="Chirograph"/);
  expect((await diff(example, next, '--out', word)).exit).toBe(5);
});

test('what cannot be read is said as agreement check says it', async () => {
  const broken = join(line.folder, 'broken.yaml');
  writeFileSync(broken, readFileSync(example, 'utf8').replace('version: 1', 'version: none'));
  const [answer, checked] = [await diff(example, broken), await line.run('agreement', 'check', broken)];
  expect([answer.exit, answer.out]).toEqual([11, checked.out]);
  expect((await diff(example, join(line.folder, 'none.yaml'))).exit).toBe(4);
  expect((await diff(example, next, '--out', 'diff.pdf')).exit).toBe(2);
});
