import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { servedExample } from '../support/served-example.ts';

// Many agreements in one ZIP file, given by page: one table comes back, as a page or as a spreadsheet.

const world = servedExample('Tom Reyes', 'Dan Okafor');

const word = readFileSync(new URL('../vectors/agreements/protocol.docx', import.meta.url));
const shelf: Zippable = {
  'old/protocol.docx': word,
  'old/copy.docx': word,
  'new/agreement.md': strToU8('# Sharing <b>Agreement</b>\n\nThe DPA 1998 applies.\n'),
  'picture.docx': strToU8('no Word file'),
};
const give = (text: string | Buffer, want = 'page', who = 'Tom Reyes') =>
  world.service.visit({
    method: 'POST',
    url: '/agreements/survey',
    session: world.sessionOf(who),
    form: { want },
    file: { name: 'shelf.zip', text },
  });
const packed = (files: Zippable) => Buffer.from(zipSync(files));

test('the page has all of them, why a file was not read, and nothing of them stays', async () => {
  const { status, body } = await give(packed(shelf));
  expect(status).toBe(200);
  expect(body).toContain('What these agreements need');
  expect(body).toContain('old/protocol.docx');
  expect(body).toContain('Data Protection Act 1998, repealed on 25 May 2018');
  expect(body).toContain('The same file as');
  expect(body).toMatch(/picture.docx<\/th><td[^>]*>[^<]{10}/);
  expect(body).not.toContain('<b>Agreement');
  expect(await readdir(world.example.instance.folders.staging)).toEqual([]);
});

test('or they come as a spreadsheet', async () => {
  const { headers, body } = await give(packed(shelf), 'csv');
  expect(headers['content-disposition']).toContain('shelf.csv');
  expect(body.split('\n')[0]).toContain('Title');
  expect(body).toContain('old/protocol.docx');
});

test.each([
  ['no archive', Buffer.from('PK'), 'is no ZIP file that can be unpacked'],
  ['an archive of nothing', packed({}), 'There is no file in shelf.zip'],
  ['a way out', packed({ '../out.txt': strToU8('x') }), 'is no ZIP file that can be unpacked'],
])('%s is refused at its field, and leaves nothing', async (_what, file, says) => {
  const { status, body } = await give(file);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(body).toContain(says);
  expect(body).toContain('href="#file"');
  expect(await readdir(world.example.instance.folders.staging)).toEqual([]);
});

test('who does not look after agreements has none read', async () => {
  expect((await give(packed(shelf), 'page', 'Dan Okafor')).status).toBe(403);
});
