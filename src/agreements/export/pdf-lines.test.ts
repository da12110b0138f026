import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inLetters } from './pdf-letters.ts';
import { inLines, partsOfLines } from './pdf-lines.ts';

const everyLetterOne = (text: string) => text.length;

test.each([
  ['one two three', 7, ['one two ', 'three']],
  ['one two ', 7, ['one two ']],
  ['non-police', 6, ['non-', 'police']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['a\n\nb', 5, ['a', '', 'b']],
  ['👩👩', 3, ['👩', '👩']],
  ['', 5, ['']],
])('%j in lines of %i is %j', (text, width, lines) => {
  expect(inLines(text, width, everyLetterOne)).toEqual(lines);
});

test('lines lose nothing, and none is too wide', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 2, max: 40 }),
      (text, width) => {
        const lines = inLines(text.replaceAll('\n', ' '), width, everyLetterOne);
        expect(lines.join('')).toBe(text.replaceAll('\n', ' '));
        for (const line of lines) expect(line.trimEnd().length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('what is left blank is apart on each of its lines, and nothing is lost', () => {
  const lines = inLines('It ends on [say the last day] and so [say x].', 15, everyLetterOne);
  expect(partsOfLines(lines)).toEqual([
    [
      { text: 'It ends on ', blank: false },
      { text: '[say ', blank: true },
    ],
    [
      { text: 'the last day]', blank: true },
      { text: ' ', blank: false },
    ],
    [
      { text: 'and so ', blank: false },
      { text: '[say x]', blank: true },
      { text: '.', blank: false },
    ],
  ]);
});

test('a word of a million letters is not measured whole', () => {
  const lengths = new Set<number>();
  inLines('x'.repeat(1_000_000), 80, (text) => {
    lengths.add(text.length);
    return text.length;
  });
  expect(Math.max(...lengths)).toBeLessThan(500);
});

test('a letter that the fonts lack is a box, however many characters it is made of', () => {
  const latin = (codePoint: number) => codePoint < 0x250;
  expect(inLetters('Ŵyn 👩‍👩‍👧 ש\u200B\u00ADa', latin)).toEqual({ text: 'Ŵyn □ □a', boxes: 2 });
  expect(inLetters('a\u00A0b\u3000c\nd', latin)).toEqual({ text: 'a b c\nd', boxes: 0 });
  expect(inLetters('\uE000', () => true)).toEqual({ text: '□', boxes: 1 });
});
