import { expect, test } from 'vitest';
import type { Block } from './blocks.ts';
import { numberedByWord } from './numbering.ts';

// What Word would count is worked out here by hand, as its specification (ECMA-376 part 1, 17.9) has it.

const clauses = (...ids: string[]): Block[] =>
  ids.map((number) => ({ kind: 'heading', level: 1, number, text: 'x', newPage: false }));

const placed = (...ids: string[]) => numberedByWord(clauses(...ids));

test('clauses numbered one after the other are one list that starts with 1', () => {
  const { lists, of } = placed('1', '1.1', '1.2', '2', '2.1', '2.1.1', '3');
  expect(lists).toEqual([{ starts: [1] }]);
  expect(of.map((one) => one?.level)).toEqual([0, 1, 1, 0, 1, 2, 0]);
});

test.each([
  ['a number was left out', ['1', '3'], [0, 1], [[1], [3]]],
  ['a number comes again', ['1', '1'], [0, 1], [[1], [1]]],
  ['the first is not 1', ['4', '4.1', '5'], [0, 0, 0], [[4]]],
  ['a section has no heading of its own', ['1', '2.1', '2.2', '3'], [0, 1, 1, 2], [[1], [2, 1], [3]]],
  ['a level was left out', ['1', '1.1.1'], [0, 0], [[1]]],
])('where %s another list begins', (_case, ids, lists, starts) => {
  const placedSo = placed(...ids);
  expect(placedSo.of.map((one) => one?.list)).toEqual(lists);
  expect(placedSo.lists.map((one) => one.starts)).toEqual(starts);
});

test('what Word cannot count is left as text', () => {
  expect(placed('4A', '0', '1.01', '1.1.1.1.1.1.1.1.1.1', '99999').of).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('what stands between clauses changes nothing', () => {
  const between: Block = { kind: 'paragraph', number: null, text: 'words', indent: true };
  const [one, two] = clauses('1', '2');
  expect(numberedByWord([one, between, two].filter((block) => block !== undefined)).lists).toHaveLength(1);
});
