import { expect, it } from 'vitest';
import { countBars } from './count-bars.ts';

const of = { id: 'lacks', title: 'Lacked', description: 'Two parts.', of: 4 };

it('a bar is as long as its count is large, of what could be, with the number behind it', () => {
  const svg = countBars({
    ...of,
    counts: [
      { label: 'Lawful basis', n: 4 },
      { label: 'Review', n: 1 },
      { label: 'Costs', n: 0 },
    ],
  });
  expect([...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, long]) => Number(long))).toEqual([
    260, 65, 0,
  ]);
  expect([...svg.matchAll(/class="ch-value"[^>]*>(\d+)</g)].map(([, n]) => n)).toEqual(['4', '1', '0']);
  expect(svg).toContain('viewBox="0 0 320 120"');
});

it('its words are words, whatever is in them', () => {
  expect(countBars({ ...of, counts: [{ label: '<script>', n: 1 }] })).not.toContain('<script>');
});
