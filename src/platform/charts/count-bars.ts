import { at, escapeXml, picture } from './svg.ts';

const width = 320;
const row = 40;
const bar = 14;
const longest = 260; // the rest is for the number

/**
 * Counts as bars that lie below their words, on one scale: `of` is what the longest bar could be. Pure: the same figures give the same
 * bytes. The table that says the same is the page's.
 */
export function countBars(chart: {
  id: string;
  title: string;
  description: string;
  of: number;
  counts: readonly { label: string; n: number }[];
}): string {
  const { id, title, description, of, counts } = chart;
  const bars = counts.map(({ label, n }, i) => {
    const top = i * row;
    const long = n === 0 ? 0 : Math.max(2, (n / Math.max(1, of)) * longest);
    return (
      `<text class="ch-label" x="0" y="${top + 15}">${escapeXml(label)}</text>` +
      `<rect class="ch-good" x="0" y="${top + 21}" width="${at(long)}" height="${bar}"/>` +
      `<text class="ch-value" x="${at(long + 6)}" y="${top + 33}">${n.toLocaleString('en-GB')}</text>`
    );
  });
  return picture({ id, width, height: counts.length * row, title, description, body: bars.join('') });
}
