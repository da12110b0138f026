import { paths } from '../paths.ts';
import { inPercent, sizeCurve } from '../platform/charts/index.ts';
import { dataSetOf } from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import type { KnownRelease } from './page-known.ts';
import type { KeptReport } from './store.ts';

type Point = NonNullable<KeptReport['curve']>[number];

const number = (n: number) => n.toLocaleString('en-GB');

/**
 * What groups of other sizes would have left of the same file, at the size `at` (that of the release where it is none of
 * these); null where nothing is held back, and for releases from before this was kept.
 */
export function curveOf(known: KnownRelease, at: number | null) {
  const { release, request, kept, workings } = known;
  const report = workings?.report;
  if (!report?.curve || !report.k) return null;
  const { curve, rows, limit } = report;
  const agreed = dataSetOf(kept.agreement, release.dataSet)?.protection?.k ?? null;
  const shown = curve.find(({ k }) => k === at) ?? curve.find(({ k }) => k === report.k?.required);
  if (!shown) return null;
  const chosen = rows.in - rows.outside;
  const searched = report.fields.some(({ use }) => use === 'generalise');
  const costOf = ({ loss, heldBack }: Point) => (searched ? (loss ?? 1) : heldBack / chosen);
  const leave = ({ heldBack, withinLimit }: Point) => (withinLimit ? chosen - heldBack : 0);
  const words = (point: Point) =>
    `${searched ? 'detail lost' : 'held back'} ${inPercent(costOf(point))}${point.k === agreed ? ', agreed' : ''}`;
  return {
    says: 'Larger groups hide people better, and cost more of the data. These are counted from the file that was dropped.',
    axis: searched ? 'Detail lost, by the smallest group' : 'Rows held back, by the smallest group',
    key: keyOf(curve, searched ? null : limit),
    svg: sizeCurve({
      id: 'curve-picture',
      title: 'What larger groups cost',
      description: `${curve.map((point) => `${point.k}: ${words(point)}`).join('; ')}.`,
      points: curve.map((point) => ({ size: point.k, cost: costOf(point), passes: point.withinLimit })),
      limit: searched ? null : limit,
      shown: shown.k,
    }),
    choices: curve.map((point) => ({
      k: point.k,
      href: `${paths.release(release.reference, point.k)}#curve`,
      shown: point === shown,
      agreed: point.k === agreed,
      words: words(point),
    })),
    shown: {
      title: `Groups of at least ${shown.k}${shown.k === agreed ? ', as agreed' : ''}`,
      facts: [
        ['Rows that leave', `${number(leave(shown))} of ${number(chosen)}`],
        ['Held back', `${number(shown.heldBack)} (${inPercent(shown.heldBack / chosen)})`],
        ...(shown.loss === null ? [] : [['Detail lost', inPercent(shown.loss)]]),
        ...levelsOf(report, shown),
      ],
      ...meaningOf(shown, { agreed, now: report.k.required, left: report.output !== null, limit }),
      again:
        shown.withinLimit && shown.k !== report.k.required && agreed !== null && shown.k >= agreed
          ? againWith(shown.k, request.reference, requestCan('release', request.state))
          : null,
    },
    table: {
      caption: 'What groups of each size would leave of this file',
      head: ['Smallest group', 'Rows that leave', 'Held back', ...(searched ? ['Detail lost'] : [])],
      rows: curve.map((point) => [
        `${point.k}${point.k === agreed ? ' (agreed)' : ''}`,
        number(leave(point)),
        number(point.heldBack),
        ...(searched ? [point.loss === null ? 'nothing leaves' : inPercent(point.loss)] : []),
      ]),
    },
  };
}

function keyOf(curve: readonly Point[], limit: number | null): string | null {
  const squares = curve.some(({ withinLimit }) => !withinLimit) ? 'Square: nothing would leave.' : '';
  const dashes = limit === null ? '' : `Dashed: the ${inPercent(limit)} that may be held back.`;
  return [squares, dashes].filter((text) => text !== '').join(' ') || null;
}

function againWith(k: number, request: string, waiting: boolean) {
  if (!waiting) return null;
  return { text: `Drop the file again with groups of at least ${k}`, href: paths.prepareRelease(request, k) };
}

type Setting = { agreed: number | null; now: number; left: boolean; limit: number | null };

function meaningOf({ k, withinLimit }: Point, { agreed, now, left, limit }: Setting): { says: string } {
  if (agreed !== null && k < agreed) {
    const says = `Smaller than the ${agreed} that is agreed, so it cannot be chosen: that would need an amended agreement.`;
    return { says };
  }
  if (!withinLimit) {
    const says = `More would be held back than the ${inPercent(limit ?? 0)} that is agreed, so nothing would leave.`;
    return { says };
  }
  if (k === now) return { says: left ? 'This is what leaves.' : 'This is what would have left.' };
  return {
    says: 'The agreement allows it: it says how small groups may be, and not how large. It needs the file again, which was not kept.',
  };
}

/** The levels that would be found at a size: of the hierarchies in the terms, 0 is the value as it is held. */
function levelsOf({ fields }: KeptReport, { levels }: Point): [string, string][] {
  return Object.entries(levels ?? {}).map(([name, level]) => {
    const heights = (fields.find((field) => field.name === name)?.hierarchy?.[0]?.length ?? 1) - 1;
    return [name, levelInWords(level, heights)];
  });
}

/** `as it is held`, or `level 1 of 2`. */
export function levelInWords(level: number, of: number): string {
  return level === 0 ? 'as it is held' : `level ${level} of ${of} of its hierarchy`;
}
