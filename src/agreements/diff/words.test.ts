import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffWords, textOf } from './words.ts';

const shown = (was: string, now: string) =>
  diffWords(was, now)
    .map(({ text, mark }) => (mark === undefined ? text : mark === 'added' ? `{+${text}+}` : `[-${text}-]`))
    .join('');

test.each([
  ['kept for 12 months.', 'kept for 24 months.', 'kept for [-12-]{+24+} months.'],
  ['within two days of it', 'within ten weeks of it', 'within [-two days-]{+ten weeks+} of it'],
  ['the data', 'the shared data', 'the {+shared +}data'],
  ['the shared data', 'the data', 'the [-shared -]data'],
  ['', 'new', '{+new+}'],
  ['same', 'same', 'same'],
  ['אבג דהו', 'אבג זחט', 'אבג [-דהו-]{+זחט+}'],
])('%j to %j', (was, now, says) => {
  expect(shown(was, now)).toBe(says);
});

test('both texts can be read out of what changed, whatever they are', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('the', 'data', ' ', ' ', '.', 'kept')).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, text, (was, now) => {
      const pieces = diffWords(was, now);
      expect([textOf(pieces, 'was'), textOf(pieces, 'now')]).toEqual([was, now]);
    }),
  );
});

test('texts with nothing in common are one for the other, and take no time without end', () => {
  const [was, now] = ['a', 'b'].map((word) =>
    Array.from({ length: 20_000 }, (_, at) => `${word}${at}`).join(' '),
  );
  expect(diffWords(was ?? '', now ?? '').map(({ mark }) => mark)).toEqual(['removed', 'added']);
});
