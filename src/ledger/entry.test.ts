import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { commitToPerson, type Entry, formatEntry, parseEntry } from './entry.ts';

const police = '01890000-0000-7000-8000-00000000000a';
const opcc = '01890000-0000-7000-8000-00000000000b';
const entry: Entry = {
  act: 'release.sent',
  at: '2026-11-22T10:00:00.000Z',
  by: police,
  detail: {
    manifest: 'ab'.repeat(32),
    failing: ['recipient-is-party'],
    rows: 1204,
    rulebook: `sha256:${'c'.repeat(64)}`,
  },
  id: '01890000-0000-7000-8000-000000000001',
  parties: [police, opcc],
  person: null,
  subject: { id: '01890000-0000-7000-8000-000000000002', type: 'release' },
  v: 1,
};
const bytesOf = (value: object) => Buffer.from(canonicalJson(value as Json));

describe('an entry’s bytes', () => {
  test('are canonical JSON, and read back as they were', () => {
    const bytes = formatEntry(entry);
    expect(bytes.toString()).toMatch(/^\{"act":"release\.sent","at":"2026-11-22T10:00:00\.000Z","by":/);
    expect(parseEntry(bytes)).toEqual(entry);
  });

  test.each<[string, object]>([
    ['a member that is not in an entry', { ...entry, note: 'x' }],
    ['words in the detail', { ...entry, detail: { reason: 'met Ms Okafor at home' } }],
    ['an address in the detail', { ...entry, detail: { to: 'dan@example.org' } }],
    ['something nested in the detail', { ...entry, detail: { more: { deep: 1 } } }],
    ['parties out of order', { ...entry, parties: [opcc, police] }],
    ['a party twice', { ...entry, parties: [police, police] }],
    ['no parties', { ...entry, parties: [] }],
    ['a capital in an id', { ...entry, by: police.toUpperCase() }],
    ['a person’s id for the commitment', { ...entry, person: police }],
    ['a time without milliseconds', { ...entry, at: '2026-11-22T10:00:00Z' }],
    ['another version', { ...entry, v: 2 }],
    ['a negative count', { ...entry, detail: { rows: -1 } }],
    ['4 KB or more', { ...entry, detail: { list: Array.from({ length: 40 }, () => 'x'.repeat(110)) } }],
  ])('refused: %s', (_, value) => {
    expect(parseEntry(bytesOf(value))).toBeNull();
    expect(() => formatEntry(value as Entry)).toThrow();
  });

  const text = formatEntry(entry).toString();
  test.each([
    ['a space', text.replace('"v":1', '"v": 1')],
    ['a duplicate key', text.replace('"v":1', '"v":1,"v":1')],
    ['another order', text.replace(/^\{("act":"release\.sent"),(.*)\}$/, '{$2,$1}')],
    ['a number written otherwise', text.replace('1204', '1204.0')],
    ['an escaped letter', text.replace('release.sent', '\\u0072elease.sent')],
    ['a byte order mark', `\ufeff${text}`],
    ['a newline at the end', `${text}\n`],
    ['half of it', text.slice(0, 100)],
  ])('refused, though it may mean the same: %s', (_, changed) => {
    expect(parseEntry(Buffer.from(changed))).toBeNull();
  });
});

describe('the commitment to a person', () => {
  const salt = Buffer.alloc(32, 9);

  test('is the SHA-256 its description says', () => {
    const input = Buffer.concat([
      Buffer.from('chirograph/person/v1'),
      Buffer.alloc(1),
      salt,
      Buffer.from(police),
    ]);
    expect(input.length).toBe(20 + 1 + 32 + 36);
    expect(commitToPerson(salt, police)).toBe(sha256Hex(input));
  });

  test('differs for another person and another salt', () => {
    const others = [commitToPerson(salt, opcc), commitToPerson(Buffer.alloc(32, 8), police)];
    expect(others).not.toContain(commitToPerson(salt, police));
  });

  test('needs a whole salt and an id in its one spelling', () => {
    expect(() => commitToPerson(Buffer.alloc(16), police)).toThrow('32 bytes');
    expect(() => commitToPerson(salt, police.toUpperCase())).toThrow();
  });
});
