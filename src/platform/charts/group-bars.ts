import { at, picture } from './svg.ts';

/** Rows by the size of their group: rows alike in every quasi-identifier. The first size is the one below k. */
export type Groups = { rowsBelow: number; histogram: readonly { size: string; rows: number }[] };

/** A chart and the same as a table, made from the same figures so that they cannot differ. */
export type GroupBars = {
  before: { title: string; svg: string };
  after: { title: string; svg: string };
  table: { caption: string; head: string[]; rows: string[][] };
};

const width = 320;
const height = 168;
const base = 124;
const tallest = 96;
const bar = 46;

/**
 * How rows fall into groups, as held and as they leave, on one scale. `rows` is what a row is, in the plural:
 * `searches`, `crimes`. Pure: the same figures give the same bytes.
 */
export function groupBars(of: {
  id: string;
  k: number;
  rows: string;
  before: Groups;
  after: Groups;
}): GroupBars {
  const { before, after, k, rows } = of;
  const most = Math.max(1, ...[...before.histogram, ...after.histogram].map((one) => one.rows));
  const panel = (which: 'before' | 'after', groups: Groups) => ({
    title: `${which === 'before' ? 'As held' : 'As it leaves'}: ${standOut(groups.rowsBelow, rows)}`,
    svg: picture({
      id: `${of.id}-${which}`,
      width,
      height,
      title: which === 'before' ? 'Group sizes as held' : 'Group sizes as it leaves',
      description: `${number(groups.rowsBelow)} ${rows} are in a group of fewer than ${k}.`,
      body: bars(groups, most),
    }),
  });
  return {
    before: panel('before', before),
    after: panel('after', after),
    table: {
      caption: `${capital(rows)} by how many share the same details`,
      head: ['Group size', 'As held', 'As it leaves'],
      rows: before.histogram.map(({ size, rows: held }, i) => [
        size,
        number(held),
        number(after.histogram[i]?.rows ?? 0),
      ]),
    },
  };
}

function bars(groups: Groups, most: number): string {
  const step = width / groups.histogram.length;
  const columns = groups.histogram.map(({ size, rows }, i) => {
    const x = step * (i + 0.5);
    const tall = rows === 0 ? 0 : Math.max(2, (rows / most) * tallest);
    const rect = `<rect class="${i === 0 ? 'ch-bad' : 'ch-good'}" x="${at(x - bar / 2)}" y="${at(base - tall)}" width="${bar}" height="${at(tall)}"/>`;
    return (
      `${rows === 0 ? '' : rect}<text class="ch-value" x="${at(x)}" y="${at(base - tall - 6)}" text-anchor="middle">${number(rows)}</text>` +
      `<text class="ch-label" x="${at(x)}" y="${base + 18}" text-anchor="middle">${size.replace(' or more', '+')}</text>`
    );
  });
  const axis = `<path class="ch-axis" d="M0 ${base}H${width}"/>`;
  const words = `<text class="ch-label" x="${width / 2}" y="${base + 39}" text-anchor="middle">how many share the same details</text>`;
  return columns.join('') + axis + words;
}

function standOut(rows: number, what: string): string {
  return rows === 0 ? `no ${what} stand out` : `${number(rows)} ${what} stand out`;
}

function number(n: number): string {
  return n.toLocaleString('en-GB');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
