import { expect, test } from 'vitest';
import { groupBars } from './index.ts';

const histogram = (...rows: number[]) =>
  rows.map((n, i) => ({ size: ['1 to 4', '5 to 19', '20 or more'][i] ?? '', rows: n }));
const chart = groupBars({
  id: 'g',
  k: 5,
  rows: 'searches',
  before: { rowsBelow: 1020, histogram: histogram(1020, 30, 60) },
  after: { rowsBelow: 0, histogram: histogram(0, 30, 60) },
});

test('the picture, its words and its table say the same figures', () => {
  expect(chart.before.title).toBe('As held: 1,020 searches stand out');
  expect(chart.after.title).toBe('As it leaves: no searches stand out');
  expect(chart.before.svg).toContain('>1,020 searches are in a group of fewer than 5.</desc>');
  expect(chart.table.rows).toEqual([
    ['1 to 4', '1,020', '0'],
    ['5 to 19', '30', '30'],
    ['20 or more', '60', '60'],
  ]);
});

test('only groups below k are drawn as bad, both panels to one scale, with no style of their own', () => {
  expect(chart.before.svg.match(/class="ch-bad"/g)).toHaveLength(1);
  expect(chart.after.svg).not.toContain('ch-bad');
  const heights = (svg: string) => [...svg.matchAll(/ height="([\d.]+)"\/>/g)].map(([, n]) => Number(n));
  expect(heights(chart.before.svg).slice(1)).toEqual(heights(chart.after.svg));
  expect(chart.before.svg).not.toContain('style=');
});

test('words are text, whatever is in them', () => {
  const { before } = groupBars({
    id: 'g',
    k: 5,
    rows: '<b>"',
    before: { rowsBelow: 0, histogram: histogram(0) },
    after: { rowsBelow: 0, histogram: histogram(0) },
  });
  expect(before.svg).not.toContain('<b>');
});
