import { describe, expect, test } from 'vitest';
import {
  addPeriod,
  addToDay,
  daysBetween,
  instantOf,
  londonDay,
  showDay,
  showInstant,
  showPeriod,
} from './dates.ts';

describe('the day it is in London', () => {
  test.each([
    ['in winter is the day in UTC', '2026-01-15T23:59:59.999Z', '2026-01-15'],
    ['in summer begins an hour before the day in UTC', '2026-07-15T22:59:59.999Z', '2026-07-15'],
    ['so the last hour in UTC is the next day', '2026-07-15T23:00:00.000Z', '2026-07-16'],
    ['before the clocks go forward', '2026-03-28T23:59:59.999Z', '2026-03-28'],
    ['on the day they go forward', '2026-03-29T00:00:00.000Z', '2026-03-29'],
    ['at its end, an hour short', '2026-03-29T23:00:00.000Z', '2026-03-30'],
    ['before the clocks go back', '2026-10-24T23:00:00.000Z', '2026-10-25'],
    ['at the end of the day they go back', '2026-10-25T23:59:59.999Z', '2026-10-25'],
    ['at the turn of the year', '2026-12-31T23:59:59.999Z', '2026-12-31'],
    ['on a leap day', '2028-02-29T12:00:00.000Z', '2028-02-29'],
  ])('%s', (_, instant, day) => {
    expect(londonDay(instant)).toBe(day);
  });
});

describe('a later day', () => {
  test.each([
    ['a month on, to a month that is shorter', '2026-01-31', { months: 1 }, '2026-02-28'],
    ['a month on, in a leap year', '2028-01-31', { months: 1 }, '2028-02-29'],
    ['a year after a leap day', '2028-02-29', { years: 1 }, '2029-02-28'],
    ['four years after a leap day', '2028-02-29', { years: 4 }, '2032-02-29'],
    ['over the end of the year', '2026-11-30', { months: 3 }, '2027-02-28'],
    ['days over the clocks going forward', '2026-03-28', { days: 2 }, '2026-03-30'],
    ['days over the clocks going back', '2026-10-24', { days: 2 }, '2026-10-26'],
    ['months first, then days', '2026-01-31', { months: 1, days: 1 }, '2026-03-01'],
    ['before', '2026-03-01', { days: -1 }, '2026-02-28'],
    ['a month before', '2026-03-31', { months: -1 }, '2026-02-28'],
    ['no later', '2026-03-31', {}, '2026-03-31'],
  ])('%s', (_, day, by, later) => {
    expect(addToDay(day, by)).toBe(later);
  });

  test.each([
    ['P1Y', '2027-11-22'],
    ['P6M', '2027-05-22'],
    ['P30D', '2026-12-22'],
    ['P1Y6M', '2028-05-22'],
    ['P1Y2M3D', '2028-01-25'],
    ['P0D', '2026-11-22'],
  ])('%s after 22 November 2026 is %s', (period, later) => {
    expect(addPeriod('2026-11-22', period)).toBe(later);
  });

  test.each(['', 'P', '1Y', 'P1W', 'P1M1Y', 'P-1Y', 'P1.5Y', 'PT1H', 'p1y', ' P1Y', 'P1Y ', 'P1Y\n'])(
    '%j is no period',
    (period) => {
      expect(() => addPeriod('2026-11-22', period)).toThrow('Not a period');
    },
  );
});

test('days between two days are whole, also where the clocks change', () => {
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
  expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
  expect(daysBetween('2028-02-28', '2028-03-01')).toBe(2);
  expect(daysBetween('2026-03-30', '2026-03-28')).toBe(-2);
  expect(daysBetween('2026-03-30', '2026-03-30')).toBe(0);
});

test('days, moments and periods are written as people write them', () => {
  expect(showDay('2026-11-22')).toBe('22 November 2026');
  expect(showDay('2026-07-01')).toBe('1 July 2026');
  expect(showInstant('2026-11-22T10:04:00.000Z')).toBe('22 November 2026 at 10:04am');
  expect(showInstant('2026-07-15T23:30:00.000Z')).toBe('16 July 2026 at 12:30am');
  expect(showInstant('2026-07-15T11:00:00.000Z')).toBe('15 July 2026 at 12:00pm');
  expect(showPeriod('P1Y6M')).toBe('1 year and 6 months');
  expect(showPeriod('P30D')).toBe('30 days');
  expect(instantOf(new Date(Date.UTC(2026, 10, 22)))).toBe('2026-11-22T00:00:00.000Z');
});
