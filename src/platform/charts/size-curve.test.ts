import { expect, test } from 'vitest';
import { inPercent, sizeCurve } from './index.ts';

const curve = (limit: number | null, shown = 5) =>
  sizeCurve({
    id: 'c',
    title: 'What larger groups cost',
    description: 'Words for <whoever> does not see it.',
    points: [
      { size: 2, cost: 0, passes: true },
      { size: 5, cost: 0.05, passes: true },
      { size: 10, cost: 0.5, passes: false },
    ],
    limit,
    shown,
  });

test('what may be is a dot and what may not a square, so that it is seen without colour', () => {
  const svg = curve(0.1);
  expect(svg.match(/class="ch-good"/g)).toHaveLength(2);
  expect(svg.match(/<rect class="ch-bad"/g)).toHaveLength(1);
  expect(svg.match(/class="ch-ring"/g)).toHaveLength(1);
});

test('costs rise from the axis on one scale, the limit among them, and each is said', () => {
  const svg = curve(0.1);
  const heights = [...svg.matchAll(/<circle class="ch-good" cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) =>
    Number(y),
  );
  expect(heights).toEqual([132, 121.4]);
  expect(svg).toContain('class="ch-limit" d="M0 110.8');
  for (const said of ['>0%<', '>5%<', '>50%<']) expect(svg).toContain(said);
  expect(curve(null)).not.toContain('ch-limit');
});

test('it is words for who does not see it, escaped, without a style of its own, and the same each time', () => {
  expect(curve(0.1)).toContain('<desc id="c-d">Words for &#60;whoever&#62;');
  expect(curve(0.1)).not.toContain('style=');
  expect(curve(0.1)).toBe(curve(0.1));
});

test.each([
  [0, '0%'],
  [0.0004, 'under 0.1%'],
  [0.083, '8.3%'],
  [0.5199, '52%'],
  [1, '100%'],
])('%d is %s', (share, said) => {
  expect(inPercent(share)).toBe(said);
});
