import { expect, test } from 'vitest';
import { isId, newId } from './ids.ts';

test('a new id is a UUID of version 7 that says when it was made', () => {
  const before = Date.now();
  const id = newId();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const made = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThanOrEqual(Date.now());
  expect(isId(id)).toBe(true);
});

test('no two are the same, though made in one millisecond', () => {
  expect(new Set(Array.from({ length: 10_000 }, newId)).size).toBe(10_000);
});

test.each([
  '',
  'REQ-2026-0417',
  '019B0000-0000-7000-8000-000000000001',
  '{019b0000-0000-7000-8000-000000000001}',
  '019b0000000070008000000000000001',
  ' 019b0000-0000-7000-8000-000000000001',
  '019b0000-0000-7000-8000-000000000001\n',
  '019b0000-0000-7000-8000-00000000000g',
])('%j is not an id as we write them', (text) => {
  expect(isId(text)).toBe(false);
});
