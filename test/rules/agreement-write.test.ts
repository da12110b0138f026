import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// `chirograph agreement write` as somebody types it: no database, no account, an agreement in and a file out.

vi.setConfig({ testTimeout: 60_000 });

const example = join(import.meta.dirname, '../../examples/isa-2026-001.yaml');

let line: CommandLine;
beforeAll(() => {
  line = aCommandLine();
});
afterAll(() => line.close());

const write = (file: string, out: string, ...more: string[]) =>
  line.run('agreement', 'write', file, '--out', join(line.folder, out), ...more);

test.each(['yaml', 'json'])('what it writes as %s checks, with the same digest [R37]', async (form) => {
  const answer = await write(example, `again.${form}`, '--json');
  expect(answer.exit).toBe(0);
  const { digest } = JSON.parse(answer.out);
  const checked = JSON.parse(
    (await line.run('agreement', 'check', join(line.folder, `again.${form}`), '--json')).out,
  );
  expect(checked).toMatchObject({ ok: true, digest });
});

test('it writes Word, and says what it has written', async () => {
  const answer = await write(example, 'a.docx');
  expect(answer.out).toMatch(/a\.docx holds ISA-2026-001, version 1\.\nsha256:[0-9a-f]{64}\n$/);
  expect(Object.keys(unzipSync(readFileSync(join(line.folder, 'a.docx'))))).toContain('word/document.xml');
});

test('it takes nothing away: a file that is there stays', async () => {
  const path = join(line.folder, 'mine.yaml');
  writeFileSync(path, 'mine');
  const answer = await write(example, 'mine.yaml');
  expect(answer.exit).toBe(5);
  expect(answer.err).toContain('Give a new file name.');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('a draft is written, and says that it is one on its first page and on every other', async () => {
  const left = join(line.folder, 'draft.yaml');
  writeFileSync(left, readFileSync(example, 'utf8').replace('owner: Head', 'owner: "[say who]" # Head'));
  const answer = await write(left, 'draft.docx');
  expect([answer.exit, answer.out]).toEqual([0, expect.stringContaining('1 thing is missing or left open')]);
  const parts = unzipSync(readFileSync(join(line.folder, 'draft.docx')));
  const textOf = (part: string) => Buffer.from(parts[part] ?? []).toString('utf8');
  expect(textOf('word/document.xml')).toContain('It cannot be signed yet.');
  expect(textOf('word/header1.xml')).toContain('Draft information sharing agreement');
});

test('what it cannot write or read is said as agreement check says it', async () => {
  const form = await write(example, 'a.doc');
  expect([form.exit, form.err]).toEqual([2, expect.stringContaining('Let it end in .yaml, .json')]);
  expect((await write(join(line.folder, 'none.yaml'), 'b.docx')).exit).toBe(4);
  const broken = join(line.folder, 'broken.yaml');
  writeFileSync(broken, readFileSync(example, 'utf8').replace('version: 1', 'version: none'));
  const [written, checked] = [await write(broken, 'c.docx'), await line.run('agreement', 'check', broken)];
  expect([written.exit, written.out]).toEqual([11, checked.out]);
});
