import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mostFiles, unpack } from './unpack.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chirograph-unpack-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function unpacked(archive: Zippable | string) {
  const [path, into] = [join(folder, 'shelf.zip'), join(folder, 'shelf')];
  await writeFile(path, typeof archive === 'string' ? archive : zipSync(archive));
  await mkdir(into);
  const answer = await unpack(path, into, 'shelf.zip');
  const files = await readdir(into, { recursive: true, withFileTypes: true });
  const there = files.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return { answer, there: there.map((one) => one.slice(into.length + 1)).sort() };
}

const text = strToU8('Agreement');

it('puts each file below the folder, and leaves out what systems leave beside them', async () => {
  const { answer, there } = await unpacked({
    'A.txt': text,
    'old/B.txt': text,
    'new\\C.txt': text,
    '__MACOSX/._A.txt': text,
    '.DS_Store': text,
    'old/~$B.docx': text,
  });
  expect(answer).toEqual({ ok: true, files: 3 });
  expect(there).toEqual(['A.txt', 'new/C.txt', 'old/B.txt']);
  expect(await readFile(join(folder, 'shelf', 'new', 'C.txt'), 'utf8')).toBe('Agreement');
});

it.each([
  '../out.txt',
  '..\\out.txt',
  '/etc/out.txt',
  'C:\\out.txt',
  'a/../../out.txt',
  'a//b.txt',
  'a\u0000b.txt',
])('writes nothing for a name that leads elsewhere: %j', async (name) => {
  const { answer, there } = await unpacked({ 'A.txt': text, [name]: text });
  expect(answer).toMatchObject({ ok: false, code: 'survey.not-unpacked' });
  expect(there).toEqual([]);
  expect(await readdir(folder)).toEqual(['shelf', 'shelf.zip']);
});

it('cuts a file that is larger than an agreement, so that it is told as too large', async () => {
  const { answer } = await unpacked({ 'A.txt': new Uint8Array(40_000_000).fill(65) });
  expect(answer).toEqual({ ok: true, files: 1 });
  const { length } = await readFile(join(folder, 'shelf', 'A.txt'));
  expect(length).toBeGreaterThan(20_000_000);
  expect(length).toBeLessThan(21_000_000);
});

it('refuses what is no archive, what holds nothing, and what holds too many', async () => {
  expect((await unpacked('PK no archive')).answer).toMatchObject({ code: 'survey.not-unpacked' });
  await rm(join(folder, 'shelf'), { recursive: true });
  expect((await unpacked({ 'old/': new Uint8Array() })).answer).toMatchObject({ code: 'survey.empty' });
  await rm(join(folder, 'shelf'), { recursive: true });
  const many = Object.fromEntries(Array.from({ length: mostFiles + 1 }, (_, at) => [`${at}.txt`, text]));
  expect((await unpacked(many)).answer).toMatchObject({ code: 'survey.too-many' });
});
