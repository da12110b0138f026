import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { servedExample } from '../support/served-example.ts';

// An agreement as people have it, given by page: what it needs comes back, as a page or as the Word file with comments.

const world = servedExample('Tom Reyes', 'Dan Okafor');

const vector = (name: string) => readFileSync(new URL(`../vectors/agreements/${name}`, import.meta.url));
const give = (who: string, name: string, text: string | Buffer, want = 'page') =>
  world.service.visit({
    method: 'POST',
    url: '/agreements/read',
    session: world.sessionOf(who),
    form: { want },
    file: { name, text },
  });

test('the page says what it needs, and nothing of it stays', async () => {
  const answer = await give('Tom Reyes', 'protocol.docx', vector('protocol.docx'));
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('What this agreement needs');
  expect(answer.body).toContain('Northby and Eastmoor Information Sharing Protocol');
  expect(answer.body).toContain('paragraph 19');
  expect(answer.body).toContain('“Data Protection Act 1998”');
  expect(await readdir(world.example.instance.folders.staging)).toEqual([]);
});

test('its words are words, whatever is in them', async () => {
  const answer = await give(
    'Tom Reyes',
    '<b>x.md',
    '# <script>alert(1)</script> Agreement\n\nThe DPA 1998 <i>applies</i>.\n',
  );
  expect(answer.status).toBe(200);
  expect(answer.body).not.toContain('<script>alert');
  expect(answer.body).not.toContain('<i>applies');
  expect(answer.body).not.toContain('<b>x');
});

test('the Word file comes back with comments', async () => {
  const answer = await give('Tom Reyes', 'C:\\files\\protocol.docx', vector('protocol.docx'), 'word');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-disposition']).toContain('protocol with comments.docx');
  expect(answer.body.startsWith('PK')).toBe(true);
});

describe('a draft', () => {
  const confirm = (form: Record<string, string | string[]>) =>
    world.service.visit({
      method: 'POST',
      url: '/agreements/read/confirm',
      session: world.sessionOf('Tom Reyes'),
      form,
    });

  test('has the values that a person ticked, and the others open', async () => {
    const asked = await give('Tom Reyes', 'protocol.docx', vector('protocol.docx'), 'draft');
    expect(asked.status).toBe(200);
    expect(asked.body).toContain('First day</strong>: 25 May 2024');
    expect(asked.body).not.toContain('checked');
    const [, escaped = ''] = /name="read" value="([^"]*)"/.exec(asked.body) ?? [];
    const read = escaped
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    const made = await confirm({ read, file: 'protocol.docx', confirm: ['startsOn', 'reference'] });
    expect(made.status).toBe(200);
    expect(made.body).toContain('Here is your draft, started from protocol.docx');
    expect(made.body).toContain('startsOn: 2024-05-25\n');
    expect(made.body).toContain('[say a reference, such as ISA-2026-001]');
    expect(made.body).toMatch(
      /title: Northby and Eastmoor Information Sharing Protocol \[say if this is right\]/,
    );
  });

  test('of nothing that we gave is asked for again', async () => {
    for (const read of ['', '{}', '{"title":1}', '[[[['])
      expect((await confirm({ read, file: 'x' })).body).toContain('Give the agreement again');
  });
});

describe('what cannot be read is said at the field', () => {
  test.each([
    ['scan.pdf', 'page', 'is pictures of pages, without text'],
    ['locked.pdf', 'page', 'has a password'],
    ['protocol.pdf', 'word', 'is no Word file'],
  ])('%s, as %s', async (name, want, says) => {
    const answer = await give('Tom Reyes', name, vector(name), want);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toContain(says);
    expect(answer.body).toContain('id="file-error"');
  });

  test('nothing at all', async () => {
    const answer = await give('Tom Reyes', '', '');
    expect(answer.body).toContain('Choose the agreement');
  });
});

test('who does not look after agreements is told who does', async () => {
  const answer = await give('Dan Okafor', 'protocol.docx', vector('protocol.docx'));
  expect(answer.status).toBe(403);
  expect(answer.body).not.toContain('What this agreement needs');
});
