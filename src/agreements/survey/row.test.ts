import { describe, expect, it } from 'vitest';
import type { Day } from '../../platform/pure/dates.ts';
import { lint } from '../lint/lint.ts';
import { readLintLaw } from '../lint/lint-law.ts';
import { readText } from '../read/read-text.ts';
import { neededFirst, type Row, rowOf } from './row.ts';

const law = readLintLaw();
const asOf = '2026-11-22' as Day;
const row = (text: string, file = 'a.txt') => rowOf(file, lint(readText(text), law, asOf), law, asOf);
const agreement = (...lines: string[]) => `Information Sharing Agreement\n\n${lines.join('\n\n')}\n`;

const starts = 'This agreement is effective from 1 June 2019.';
const yearly = 'It will be reviewed every twelve months.';

describe('a review is overdue since the first that was due and not made', () => {
  it.each([
    ['never made', [], '2020-06-01'],
    ['made twice', ['Last reviewed on 1 June 2020.', 'Last reviewed on 1 June 2021.'], '2022-06-01'],
  ])('%s', (_, reviews, since) => {
    expect(row(agreement(starts, yearly, ...reviews)).overdue).toMatchObject({ since });
  });

  it('and is not where one was made since the last was due', () => {
    const { overdue, lastReview, nextReview } = row(
      agreement(starts, yearly, 'Last reviewed on 1 June 2026.'),
    );
    expect([overdue, lastReview, nextReview]).toEqual([null, '2026-06-01', '2027-06-01']);
  });
});

it('an Act that is repealed is told once, however often and by whichever name it is cited', () => {
  const { repealed, outdated } = row(
    agreement('It rests on the Data Protection Act 1998.', 'Section 29(3) of the DPA 1998 allows it.'),
  );
  expect(repealed).toEqual([{ act: 'Data Protection Act 1998', since: '2018-05-25' }]);
  expect(outdated.error).toBeGreaterThan(1);
});

it('nothing was repealed before it was', () => {
  const then = '2018-05-24' as Day;
  const found = lint(readText(agreement('It rests on the Data Protection Act 1998.')), law, then);
  expect(rowOf('a.txt', found, law, then).repealed).toEqual([]);
});

it('of what is missing, that without which sharing is hardest to defend comes first', () => {
  const ids = row(agreement('Nothing else.')).missingMust.map(({ id }) => id);
  expect(ids.slice(0, 6)).toEqual(['C10', 'C09', 'C05', 'C08', 'C29', 'C26']);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('what needs work most comes first', () => {
  const of = (about: Partial<Row>): Row => ({ ...row(agreement('x')), ...about });
  it.each<[string, Partial<Row>, Partial<Row>]>([
    ['more grave things', { grave: 3 }, { grave: 2, overdue: { since: asOf, days: 900 } }],
    ['longer overdue', { overdue: { since: asOf, days: 9 } }, { overdue: { since: asOf, days: 8 } }],
    ['more out of date', { outdated: { error: 0, warning: 4, info: 0 } }, {}],
    ['else by name', { file: 'a' }, { file: 'b' }],
  ])('%s', (_, one, other) => {
    expect(neededFirst(of(one), of(other))).toBeLessThan(0);
    expect(neededFirst(of(other), of(one))).toBeGreaterThan(0);
  });
});
