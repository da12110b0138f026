import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseAgreement, proposeAgreement } from '../../src/agreements/index.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { servedExample } from '../support/served-example.ts';

// Two versions of an agreement, given by page: what changed comes back, as a page and as Word with tracked changes.

vi.setConfig({ testTimeout: 60_000 });

const world = servedExample('Tom Reyes', 'Dan Okafor');

const words = readFileSync(join(import.meta.dirname, '../../examples/isa-2026-001.yaml'), 'utf8');
const next = words.replace('version: 1', 'version: 2').replace('period: P1Y', 'period: P2Y');
const url = '/agreements/compare';
type Text = string | Buffer;

const file = (field: string, text: Text | null, name = `${field}.yaml`) => ({
  field,
  name: text === null ? '' : name,
  text: text ?? '',
});
const compare = (was: Text | null, now: Text | null, who = 'Tom Reyes') =>
  world.service.visit({
    method: 'POST',
    url,
    session: world.sessionOf(who),
    file: [file('was', was), file('now', now)],
  });
const withFirst = (reference: string, now: Text | null, who = 'Tom Reyes') =>
  world.service.visit({
    method: 'POST',
    url,
    session: world.sessionOf(who),
    form: { with: reference },
    file: file('now', now, 'C:\\drafts\\next.yaml'),
  });
const look = (at: string, who = 'Tom Reyes') =>
  world.service.visit({ method: 'GET', url: at, session: world.sessionOf(who) });

/** The texts that a page of differences keeps in its form, for the Word file. */
function textsIn(body: string): Record<'was' | 'now', string> {
  const of = (name: string) => {
    const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? '';
    return value
      .replaceAll('&#92;', '\\')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  };
  return { was: of('was'), now: of('now') };
}
const asWord = (form: Record<string, string>, who = 'Tom Reyes') =>
  world.service.visit({
    method: 'POST',
    url: `${url}/word`,
    session: world.sessionOf(who),
    form,
    file: { name: '', text: '' },
  });

test('the page says what changed and what that means, and nothing of it stays', async () => {
  const answer = await compare(words, next);
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('What changed in ISA-2026-001');
  expect(answer.body).toContain('It is kept for longer.');
  expect(answer.body).toContain('was.yaml, sha256:');
  expect(await readdir(world.example.instance.folders.staging)).toEqual([]);
});

test('from an agreement’s page only the other version is asked for', async () => {
  const page = await look('/agreements/ISA-2026-001');
  expect(page.body).toContain('href="/agreements/compare?with=ISA-2026-001"');
  const form = await look(`${url}?with=ISA-2026-001`);
  expect(form.body).toContain('Compare ISA-2026-001 with another version');
  expect(form.body).not.toContain('name="was"');
  const answer = await withFirst('ISA-2026-001', next);
  expect(answer.body).toContain('It is kept for longer.');
  expect(answer.body).toContain('as it is here, sha256:');
  expect(answer.body).toContain('next.yaml, sha256:');
  expect(answer.body).not.toContain('drafts');
});

test('the same comes as Word, with tracked changes', async () => {
  const { body } = await compare(words, next);
  const answer = await world.service.visit({
    method: 'POST',
    url: `${url}/word`,
    session: world.sessionOf('Tom Reyes'),
    form: textsIn(body),
    file: { name: '', text: '' },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-disposition']).toContain('ISA-2026-001 what changed.docx');
  expect(answer.body.startsWith('PK')).toBe(true);
});

test('both go into the form whole, whatever is in them', async () => {
  const odd = words.replace('title: ', `title: "<b>&amp; 'it'\\u202e\\nx" #`);
  const { status, body } = await compare(odd, next);
  expect(status).toBe(200);
  expect(body).not.toContain('<b>&amp; ');
  expect(body).not.toMatch(/<del>[^<]*\u202e/);
  expect(JSON.parse(textsIn(body).was).title).toBe("<b>&amp; 'it'\u202e\nx");
});

describe('refused, at its field and with what to do:', () => {
  test.each([
    ['nothing chosen', null, null, ['was', 'now'], 'Choose the agreement as it was'],
    ['no second', words, null, ['now'], 'Choose the agreement as it is to be'],
    ['no first', null, next, ['was'], 'Choose the agreement as it was'],
    ['an empty file', ' \n', next, ['was'], '“was.yaml” is empty'],
    ['prose', words, 'An agreement\n\nIt says: this.\n', ['now'], '“now.yaml” is not an agreement'],
    ['YAML of something else', 'a: 1', '[]', ['was', 'now'], '“was.yaml” is not an agreement'],
    ['no text', Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff]), next, ['was'], '“was.yaml” is not an agreement'],
    [
      'an agreement with faults',
      words,
      words.replace('version: 1', 'version: none'),
      ['now'],
      'Put 1 thing right in “now.yaml”',
    ],
    ['one that is too large', words, `${words}#${'x'.repeat(210_000)}`, ['now'], 'is larger than 200 KB'],
    ['two that are', 'x'.repeat(3_000_000), 'x'.repeat(210_000), ['was', 'now'], 'is larger than 200 KB'],
    ['the same twice', words, `# another comment\n${words}`, ['now'], 'These two are the same agreement'],
  ])('%s', async (_, was, now, fields, says) => {
    const { status, body } = await compare(was, now);
    expect(status).toBe(422);
    const summary = body.slice(body.indexOf('govuk-error-summary'));
    expect([...summary.matchAll(/<li><a href="#(\w+)"/g)].map(([, field]) => field)).toEqual(fields);
    expect(body).toContain(says);
    for (const field of fields) expect(body).toContain(`id="${field}-error"`);
  });

  test('the fault of one is said at its line', async () => {
    const { body } = await compare(words, words.replace('version: 1', 'version: "<i>"'));
    expect(body).toContain('This must be a number');
    expect(body).toMatch(/Line \d+/);
    expect(body).toContain('&lt;i&gt;');
  });

  test('a file too large for any agreement', async () => {
    expect((await compare(words, Buffer.alloc(50_000_000))).status).toBe(413);
  });

  test('texts for Word that are no agreements, or the same one, or missing', async () => {
    const { was, now } = textsIn((await compare(words, next)).body);
    for (const form of [{}, { was, now: '' }, { was: 'a: 1', now }, { was, now: was }]) {
      const answer = await asWord(form);
      expect(answer.status).toBe(422);
      expect(answer.body).toContain('Give both agreements again');
    }
  });
});

test('somebody whose role does not read agreements neither compares them nor is shown the way', async () => {
  const dan = 'Dan Okafor';
  expect((await look(url, dan)).status).toBe(403);
  expect((await compare(words, next, dan)).status).toBe(403);
  expect((await withFirst('ISA-2026-001', next, dan)).status).toBe(403);
  expect((await asWord({ was: words, now: next }, dan)).status).toBe(403);
  expect((await look('/agreements/ISA-2026-001', dan)).body).not.toContain(url);
  expect((await look('/agreements', dan)).body).not.toContain(url);
});

test('an agreement that the visitor’s organisation is no party to is not there', async () => {
  const council = await world.example.commandLineOf('avonbury-council');
  const theirs = parseAgreement(
    words.replaceAll('westmarch-police', 'avonbury-council').replace('ISA-2026-001', 'ISA-2026-020'),
  );
  if (!theirs.ok) throw new Error('It does not parse');
  const { database } = world.example.instance;
  const now = new Date().toISOString();
  expect((await proposeAgreement(database, council, newId(), theirs.agreement, now)).ok).toBe(true);
  for (const reference of ['ISA-2026-020', 'ISA-1999-001', '../x']) {
    expect((await look(`${url}?${new URLSearchParams({ with: reference })}`)).status).toBe(404);
    const answer = await withFirst(reference, next);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('What changed');
  }
});
