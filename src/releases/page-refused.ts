import { type Caller, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { failureInWords } from '../pipeline/index.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import { titleOf } from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import { curveOf } from './page-curve.ts';
import { type KnownRelease, nameOf } from './page-known.ts';
import { columnsOf } from './page-leaves.ts';
import { mayPrepare } from './rules.ts';

/** A release that never left: what the rules refused and what would fix it, or who withdrew it; `size` is the place on the curve. Numbers, never a value. */
export function refusedPage(known: KnownRelease, caller: Caller, size: number | null) {
  const { release, sender, recipient, request, kept, workings } = known;
  const findings = workings?.findings ?? [];
  const failing = release.state === 'refused' ? findings.filter((one) => one.outcome === 'fails') : [];
  const again = requestCan('release', request.state) && holdsRole(caller, mayPrepare);
  const prepared = `${nameOf(known, release.preparedBy, sender)} prepared it on ${showInstant(release.preparedAt)}.`;
  return {
    reference: release.reference,
    caption: `Release ${release.reference} to ${recipient.name}, under ${kept.agreement.reference}`,
    dataSet: titleOf(kept.agreement, release.dataSet),
    standing:
      release.state === 'refused'
        ? {
            tone: 'refuse',
            title: 'Refused: nothing leaves',
            says: `${failing.length === 1 ? 'One check fails' : `${failing.length} checks fail`}. ${prepared} Nothing of the file was kept, and the refusal is in both logs.`,
            note: null,
          }
        : {
            tone: 'refer',
            title: 'Withdrawn: nothing left',
            says: `${prepared} Its files are gone.`,
            note: null,
          },
    failing,
    passing: release.state === 'refused' ? findings.filter((one) => one.outcome === 'passes') : [],
    fields: workings && workings.report.header.length > 0 ? columnsOf(workings.report) : [],
    curve: curveOf(known, size),
    rows: workings ? rowsOf(workings.report) : [],
    request: { text: request.reference, href: paths.request(request.reference) },
    again: again ? paths.prepareRelease(request.reference) : null,
  };
}

type Report = NonNullable<KnownRelease['workings']>['report'];

function rowsOf({ rows, quality, wrongTypes, missing, alternatives, k }: Report): [string, string][] {
  const number = (n: number) => n.toLocaleString('en-GB');
  return [
    ...(rows.in > 0 ? [['Rows in the file', number(rows.in)] as [string, string]] : []),
    ...(rows.outside > 0 ? [['Not among the rows agreed', number(rows.outside)] as [string, string]] : []),
    ...(k ? [['Would be held back', number(rows.heldBack)] as [string, string]] : []),
    ...(missing.length > 0 ? [['Columns missing', inOneLine(missing)] as [string, string]] : []),
    ...wrongTypes.map(({ field, type, failed, rows: where }): [string, string] => [
      field,
      `${number(failed)} not of type ${type}, first in ${where.length === 1 ? 'row' : 'rows'} ${inOneLine(where.map(String))}`,
    ]),
    ...quality
      .filter(({ failed }) => failed > 0)
      .map((one): [string, string] => [one.field ?? 'All rows', failureInWords(one)]),
    ...alternatives.map(({ leaveOut, heldBack }): [string, string] => [
      `Without ${leaveOut}`,
      `${number(heldBack)} rows would be held back`,
    ]),
  ];
}
