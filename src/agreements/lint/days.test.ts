import { expect, test } from 'vitest';
import { daysIn } from './days.ts';

test.each([
  ['9th May 2024', ['2024-05-09']],
  ['1 st of June, 2020', ['2020-06-01']],
  ['01/08/2024 and 1.9.24', ['2024-08-01', '2024-09-01']],
  ['2024-02-29', ['2024-02-29']],
  ['8 Jan 21', ['2021-01-08']],
  ['25 th May 2018, Nov 13', ['2018-05-25']],
  ['May 2024', ['2024-05-01']],
  ['30 February 2024, 31/04/2024, 2023-02-29, page 12/13', []],
])('the days in %j are %j', (text, days) => {
  expect(daysIn(text).map(({ day }) => day)).toEqual(days);
});
