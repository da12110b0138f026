import { at, picture } from './svg.ts';

/** One size of groups: what it costs, 0 to 1, and whether that may be; a square where it may not. */
export type SizePoint = { size: number; cost: number; passes: boolean };

const step = 46;
const height = 136;
const top = 26;
const base = 132;

/**
 * What larger groups cost, as a line over the sizes in their order; `limit` is the most that may be, as a line across, or null.
 * `shown` is the size that is looked at. The sizes themselves stand below, in columns as wide as those of the picture. Pure: the
 * same figures give the same bytes.
 */
export function sizeCurve(of: {
  id: string;
  title: string;
  description: string;
  points: readonly SizePoint[];
  limit: number | null;
  shown: number;
}): string {
  const { points, limit, shown } = of;
  const width = points.length * step;
  const most = Math.max(0.01, limit ?? 0, ...points.map(({ cost }) => cost));
  const x = (i: number) => at(step * (i + 0.5));
  const y = (cost: number) => at(base - (cost / most) * (base - top));
  const line = points.map(({ cost }, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(cost)}`).join('');
  const body = [
    `<path class="ch-axis" d="M0 ${base}H${width}"/>`,
    limit === null ? '' : `<path class="ch-limit" d="M0 ${y(limit)}H${width}"/>`,
    `<path class="ch-line" d="${line}"/>`,
    ...points.map(({ size, cost, passes }, i) => {
      const [left, up] = [at(x(i) - 5.5), at(y(cost) - 5.5)];
      const dot = passes
        ? `<circle class="ch-good" cx="${x(i)}" cy="${y(cost)}" r="5.5"/>`
        : `<rect class="ch-bad" x="${left}" y="${up}" width="11" height="11"/>`;
      const ring = size === shown ? `<circle class="ch-ring" cx="${x(i)}" cy="${y(cost)}" r="10"/>` : '';
      const label = `<text class="ch-value ch-halo" x="${x(i)}" y="${at(y(cost) - 13)}" text-anchor="middle">${inPercent(cost)}</text>`;
      return ring + dot + label;
    }),
  ].join('');
  return picture({ id: of.id, width, height, title: of.title, description: of.description, body });
}

/** `8.3%`; what is more than nothing is never shown as 0. */
export function inPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return 'under 0.1%';
  return `${percent.toLocaleString('en-GB', { maximumFractionDigits: percent < 10 ? 1 : 0 })}%`;
}
