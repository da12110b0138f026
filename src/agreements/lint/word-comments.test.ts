import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { paragraph, run, wordOf } from '../../../test/support/word.ts';
import { type Archive, openArchive } from '../../platform/zip.ts';
import { readWord } from '../read/read-word.ts';
import { type Remark, withComments } from './word-comments.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comments-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function inArchive<T>(bytes: Uint8Array, work: (archive: Archive) => Promise<T>): Promise<T> {
  const path = join(folder, 'document');
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    return await work(await openArchive(file.fd));
  } finally {
    await file.close();
  }
}

const at = new Date('2026-11-22T10:00:00Z');
async function commented(bytes: Uint8Array, remarks: Remark[]) {
  const before = await inArchive(bytes, readWord);
  const file = await inArchive(bytes, (archive) => withComments(archive, remarks, at));
  const after = await inArchive(file, readWord);
  expect(after.sentences).toEqual(before.sentences);
  expect(after.headings).toEqual(before.headings);
  return {
    comments: after.markup
      .filter(({ kind }) => kind === 'comment')
      .map(({ place, text, by }) => [place.line, text, by]),
    before,
    file,
  };
}

it('every remark stands at its paragraph, and the document says what it said', async () => {
  const bytes = await readFile(new URL('../../../test/vectors/agreements/protocol.docx', import.meta.url));
  const remarks = [
    { paragraph: 1, text: 'At the title' },
    { paragraph: 7, text: 'In a table' },
    { paragraph: 19, text: 'Out of date: “a < b & c”\nSecond line' },
    { paragraph: 19, text: 'Another' },
  ];
  const { comments, file } = await commented(bytes, remarks);
  expect(comments).toEqual([
    [1, 'At the title', 'Chirograph'],
    [7, 'In a table', 'Chirograph'],
    [19, 'Out of date: “a < b & c” Second line', 'Chirograph'],
    [19, 'Another', 'Chirograph'],
  ]);
  const types = await inArchive(file, async (archive) => {
    let text = '';
    for await (const chunk of archive.read('[content_types].xml')) text += chunk.toString();
    return text;
  });
  expect(types.match(/wordprocessingml\.comments\+xml/g)).toHaveLength(1);
});

it('beside the comments that are there already', async () => {
  const body = paragraph(`${run('Said.')}<w:r><w:commentReference w:id="12"/></w:r>`);
  const xml = `<w:comments><w:comment w:id="12" w:author="A. Person">${paragraph('Why?')}</w:comment></w:comments>`;
  const { comments } = await commented(wordOf(body, [{ type: 'comments', xml }]), [
    { paragraph: 1, text: 'New' },
  ]);
  expect(comments).toEqual([
    [1, 'Why?', 'A. Person'],
    [1, 'New', 'Chirograph'],
  ]);
});

it('in a document that has no other parts, at a paragraph with a text box, and where there is no such paragraph', async () => {
  const box = `<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>${paragraph('Box.')}</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent></w:r>`;
  const body = `${paragraph(run('One.') + box)}${paragraph('Two.', '<w:pStyle w:val="x"/>')}`;
  const { comments } = await commented(wordOf(body), [
    { paragraph: 2, text: 'Second' },
    { paragraph: 99, text: 'First\u0000' },
  ]);
  expect(comments).toEqual([
    [1, 'First', 'Chirograph'],
    [2, 'Second', 'Chirograph'],
  ]);
});

it('behind a paragraph that is empty', async () => {
  const bytes = wordOf(`<w:p/>${paragraph('One.')}`);
  const file = await inArchive(bytes, (archive) =>
    withComments(archive, [{ paragraph: 1, text: 'Empty' }], at),
  );
  const { markup, sentences } = await inArchive(file, readWord);
  expect(sentences.map(({ text }) => text)).toEqual(['One.']);
  expect(markup.map(({ text }) => text)).toEqual(['Empty']);
});
