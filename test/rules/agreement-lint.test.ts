import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// `chirograph agreement lint` as somebody types it: no database, no account, a document in and what is wrong with it out.

vi.setConfig({ testTimeout: 60_000 });

let line: CommandLine;
beforeAll(() => {
  line = aCommandLine();
});
afterAll(() => line.close());

const lint = (name: string, content: string | Buffer, ...more: string[]) => {
  const path = join(line.folder, name);
  writeFileSync(path, content);
  return line.run('agreement', 'lint', path, ...more);
};

const text = 'Information Sharing Agreement\n\nIt rests on the Data Protection Act 1998.\n';

test('it says what is missing, what is out of date and what to say instead, and ends well', async () => {
  const answer = await lint('old.txt', text);
  expect(answer.exit).toBe(0);
  expect(answer.out).toContain('C10 Lawful basis');
  expect(answer.out).toContain('Line 3: “Data Protection Act 1998” (D01, since 25 May 2018)');
  expect(answer.out).toContain('Instead: The UK GDPR and the Data Protection Act 2018');
});

test('as JSON it has every component, and the day it is read as of', async () => {
  const json = JSON.parse((await lint('old.md', text, '--json', '--as-of', '2018-05-24')).out);
  expect(json).toMatchObject({ title: 'Information Sharing Agreement', parties: [], outdated: [] });
  expect(json.components).toHaveLength(44);
  expect(json.dates).toEqual({
    commencement: null,
    signatures: [],
    reviewsDue: [],
    reviewsRecorded: [],
    overdueSince: null,
    nextReview: null,
  });
});

test('as a report to forward, it is a page by itself, and does not write over anything', async () => {
  const out = join(line.folder, 'report.html');
  expect((await lint('old.txt', text, '--out', out)).exit).toBe(0);
  const page = readFileSync(out, 'utf8');
  expect(page).toContain('What this agreement needs');
  expect(page).toContain('“Data Protection Act 1998”');
  expect(page).not.toMatch(/<script|<link|src=/);
  expect((await lint('old.txt', text, '--out', out)).exit).toBe(5);
});

test.each([
  ['report.docx', 2, 'only Word has comments'],
  ['report.png', 2, 'Name it .html, .json or .docx'],
])('%s is not written of a text', async (name, exit, says) => {
  const answer = await lint('old.txt', text, '--out', join(line.folder, name));
  expect(answer.exit).toBe(exit);
  expect(answer.err).toContain(says);
});

test('it ends with 11 where something is as grave as asked', async () => {
  expect((await lint('old.txt', text, '--fail-on', 'error')).exit).toBe(11);
});

test('whoever has read enough of it ends nothing', async () => {
  const path = join(line.folder, 'enough.txt');
  writeFileSync(path, text.repeat(2_000));
  const { child, ended } = line.start('agreement', 'lint', path);
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ exit: 0, err: '' });
});

describe('what cannot be read is said', () => {
  test.each([
    ['a.pdf', '%PDF-1.7', [], 11, 'is damaged'],
    ['a.docx', 'PK', [], 11, 'is damaged'],
    ['a.txt', Buffer.of(0x41, 0, 0x42), [], 11, 'is not text'],
    ['a.pages', text, [], 2, 'can be saved as .docx'],
    ['b.txt', text, ['--as-of', '2026-02-30'], 2, 'is no day'],
    ['b.txt', text, ['--fail-on', 'everything'], 2, 'is no severity'],
  ])('%s %j', async (name, content, more, exit, says) => {
    const answer = await lint(name, content, ...more);
    expect(answer.exit).toBe(exit);
    expect(answer.err).toContain(says);
  });

  test('a file that is not there', async () => {
    expect((await line.run('agreement', 'lint', join(line.folder, 'nothing.txt'))).exit).toBe(4);
  });
});

describe('an organisation’s own rules', () => {
  const own = (id: string) =>
    `schema: rules/1\noutdated:\n- { id: ${id}, title: our old name, severity: error, any: ['rests on'], instead: ours, source: our template }\n`;

  test('are looked for beside the law', async () => {
    writeFileSync(join(line.folder, 'rules.yaml'), own('OWN1'));
    const answer = await lint('ruled.txt', text, '--rules', join(line.folder, 'rules.yaml'), '--json');
    expect(JSON.parse(answer.out).outdated.map(({ id }: { id: string }) => id)).toEqual(['D01', 'OWN1']);
  });

  test('are refused where they would change the law, or are not there', async () => {
    writeFileSync(join(line.folder, 'bad.yaml'), own('D01'));
    const answer = await lint('ruled.txt', text, '--rules', join(line.folder, 'bad.yaml'));
    expect(answer.exit).toBe(2);
    expect(answer.err).toContain('outdated[0].id: D01 is there already. Give it another id.');
    expect((await lint('ruled.txt', text, '--rules', join(line.folder, 'none.yaml'))).exit).toBe(4);
  });
});
