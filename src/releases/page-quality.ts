import { paths } from '../paths.ts';
import { checksOf, whereItFails } from '../pipeline/index.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { counted, inOneLine } from '../platform/pure/words.ts';
import { dataSetOf, titleOf } from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import { type KnownRelease, nameOf } from './page-known.ts';
import type { KeptReport } from './store.ts';

type Report = KeptReport;

/** One thing that was looked at: `stops` nothing leaves, `warns` the recipient is told, `not-made` there was no getting so far. */
type Checked = { says: string; outcome: 'passes' | 'stops' | 'warns' | 'not-made'; where: string | null };

/** How good the file is that a release was prepared from: every check, with counts and rows, and never a value. For its sender. */
export function qualityPage(known: KnownRelease) {
  const { release, sender, recipient, request, kept, workings } = known;
  if (!workings) throw new Error('A quality report without its workings');
  const { report } = workings;
  const dataSet = dataSetOf(kept.agreement, release.dataSet);
  const checks = [
    readable(report),
    ...(report.problem && report.header.length === 0 ? [] : columnsAndTypes(report)),
    ...agreed(report, dataSet ? checksOf(dataSet).map(({ says }) => says) : []),
    ...formulas(report, dataSet?.readBy === 'people'),
  ];
  const stops = checks.filter(({ outcome }) => outcome === 'stops').length;
  const warns = checks.filter(({ outcome }) => outcome === 'warns').length;
  const refused = release.state === 'refused';
  return {
    reference: release.reference,
    caption: `Release ${release.reference} to ${recipient.name}, under ${kept.agreement.reference}`,
    dataSet: titleOf(kept.agreement, release.dataSet),
    request: { text: request.reference, href: paths.request(request.reference) },
    prepared: `${nameOf(known, release.preparedBy, sender)} dropped the file on ${showInstant(release.preparedAt)}.`,
    standing: standingOf(stops, warns, refused),
    checks,
    rowsFrom:
      dataSet?.format.type === 'jsonl' || dataSet?.format.type === 'parquet'
        ? 'Row 1 is the first row of the file.'
        : 'Rows are counted as a spreadsheet does: the header is row 1.',
    stops: stops > 0,
    again:
      refused && stops > 0 && requestCan('release', request.state)
        ? paths.prepareRelease(request.reference)
        : null,
    next: {
      text: refused ? 'See everything that refused it' : 'See exactly what leaves',
      href: paths.release(release.reference),
    },
  };
}

function standingOf(stops: number, warns: number, refused: boolean) {
  if (stops > 0) {
    return {
      tone: 'refuse',
      title: 'The file is not good enough to leave',
      says: `${counted(stops, 'check stops', 'checks stop')} it, so nothing of it leaves and nothing of it was kept.`,
      note: null,
    };
  }
  if (refused) {
    return {
      tone: 'refuse',
      title: 'The data is good enough, and another rule refuses it',
      says: 'Nothing of it leaves, and nothing of it was kept. See which rule, and what would fix it.',
      note: null,
    };
  }
  if (warns > 0) {
    return {
      tone: 'refer',
      title: `Good enough to leave, with ${counted(warns, 'warning', 'warnings')}`,
      says: 'The agreement lets it go all the same. The recipient is told how many rows, and not which.',
      note: null,
    };
  }
  return { tone: 'share', title: 'Every check passes', says: 'The file is what was agreed.', note: null };
}

function readable({ problem, encoding, header }: Report): Checked {
  if (problem) {
    const says = header.length === 0 ? 'The file can be read' : 'The file can be taken as it is';
    return { says, outcome: 'stops', where: problem.says };
  }
  const names = { 'utf-8': 'UTF-8', 'utf-16': 'UTF-16', 'windows-1252': 'Windows-1252' };
  return {
    says: 'The file can be read',
    outcome: 'passes',
    where: encoding ? `As ${names[encoding]}` : null,
  };
}

function columnsAndTypes({ missing, wrongTypes, rows, fields }: Report): Checked[] {
  const columns: Checked = {
    says: 'Every agreed column is there',
    outcome: missing.length > 0 ? 'stops' : 'passes',
    where: missing.length > 0 ? `Missing: ${inOneLine(missing)}` : `${fields.length} columns`,
  };
  const number = (n: number) => n.toLocaleString('en-GB');
  const types = wrongTypes.map(
    ({ field, type, ...found }): Checked => ({
      says:
        type === 'hierarchy' ? `${field} has only values of its hierarchy` : `${field} is of type ${type}`,
      outcome: 'stops',
      where: capital(whereItFails(found)),
    }),
  );
  const rest = types.length > 0 ? 'Every other value is of its type' : 'Every value is of its type';
  return [columns, ...types, { says: rest, outcome: 'passes', where: `${number(rows.in)} rows` }];
}

function agreed({ quality }: Report, checks: readonly string[]): Checked[] {
  const made = quality.map(({ says, blocks, ...found }): Checked => {
    if (found.failed === 0) return { says, outcome: 'passes', where: found.found ?? null };
    return { says, outcome: blocks ? 'stops' : 'warns', where: capital(whereItFails(found)) };
  });
  const notMade = checks
    .filter((says) => !quality.some((one) => one.says === says))
    .map((says): Checked => ({ says, outcome: 'not-made', where: 'Put the rest right first' }));
  return [...made, ...notMade];
}

function formulas({ formulas: found }: Report, forPeople: boolean): Checked[] {
  return found.map(({ field, values, rows }) => ({
    says: `${field} has no values that a spreadsheet would run`,
    outcome: 'warns',
    where: `${capital(whereItFails({ failed: values, rows }))}. ${forPeople ? 'They leave made harmless.' : 'They leave as they are: the file is for machines.'}`,
  }));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
