import { expect, test } from 'vitest';
import { withoutControls } from './words.ts';

test('what would clear a screen, rename a window or turn words round is shown, and not done', () => {
  expect(withoutControls('a\u001b[2J\u0007b')).toBe('a\\u001b[2J\\u0007b');
  expect(withoutControls('\u202egnp.exe')).toBe('\\u202egnp.exe');
  expect(withoutControls('c1 \u009b31m')).toBe('c1 \\u009b31m');
});

test('words, lines and tabs are as they were', () => {
  const text = 'Caffè “Zoë”\n\t日本語 👮🏽 £5';
  expect(withoutControls(text)).toBe(text);
});

test('JSON says the same afterwards', () => {
  const value = { says: 'a\u001b\u202e\u007f\u0000b\n' };
  expect(JSON.parse(withoutControls(JSON.stringify(value, null, 2)))).toEqual(value);
});
