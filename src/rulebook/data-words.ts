import { list } from './agreement-words.ts';
import type { Alternative, Prepared, Released } from './facts.ts';

/** The word about who approved a release. */
export const approvalWords = {
  approval: ({ approval }) => {
    if (approval.by === 'agreement') return 'The agreement gives standing approval';
    const { preparer, approver, preparedFor, approvedFor } = approval;
    if (preparer === approver) return 'The person who prepared the release approved it';
    return [preparer, preparedFor].some((one) => one === approver || one === approvedFor)
      ? 'By a role that was delegated, one person stands behind both the preparing and the approving'
      : 'Someone other than the person who prepared the release approved it';
  },
} satisfies Record<string, (facts: Released) => string>;

/** The words about a release's data, each told from the facts and the smaller set that would help. */
export const dataWords = {
  'data.file': ({ data }) =>
    data.problem === null
      ? `The file was read: ${count(data.rowsIn, 'row')}`
      : `The file could not be read: ${data.problem}`,
  'data.missing': ({ data }) => list(data.missing),
  'data.missingColumns': ({ data }) =>
    data.missing.length === 0
      ? 'No column is missing'
      : `${count(data.missing.length, 'column')} missing: ${list(data.missing)}`,
  'data.wrongValues': ({ data }) =>
    data.wrongTypes.length === 0
      ? 'Every value is of the agreed type'
      : data.wrongTypes.map(wrongValues).join('. '),
  'data.failedChecks': ({ data }) =>
    data.failedChecks.length === 0
      ? 'Every check that the agreement makes of the data passes'
      : data.failedChecks.map(failedCheck).join('. '),
  'data.heldBackRows': ({ data }) => {
    const share = `${data.heldBack} of ${count(data.rowsIn, 'row')} (${percentHeldBack(data)})`;
    return `${share} ${data.heldBack === 1 ? 'is' : 'are'}`;
  },
  'data.k': ({ data }) => String(data.k),
  'data.limit': ({ data }) => `${limitPercent(data)}%`,
  'data.smallerSet': (_, alternative) =>
    alternative
      ? showAlternative(alternative)
      : 'Ask for fewer fields or less exact ones, so that fewer people stand out: leaving out one field is not enough',
} satisfies Record<string, (facts: Prepared, alternative: Alternative | null) => string>;

/** `Leave out Officer-defined ethnicity: 4 rows would then be held back`. */
export function showAlternative({ leaveOut, heldBack }: Alternative): string {
  return `Leave out ${leaveOut}: ${heldBack === 0 ? 'no rows' : count(heldBack, 'row')} would then be held back`;
}

function wrongValues({ field, type, failed, rows }: Prepared['data']['wrongTypes'][number]): string {
  return `${field}: ${count(failed, 'value')} not of type ${type}${firstRows(failed, rows)}`;
}

function failedCheck({ says, failed, rows }: Prepared['data']['failedChecks'][number]): string {
  return rows.length === 0
    ? `${says}: this is not so`
    : `${says}: not so in ${count(failed, 'row')}${firstRows(failed, rows)}`;
}

function firstRows(failed: number, rows: readonly number[]): string {
  if (rows.length === 0) return '';
  return `, ${failed > rows.length ? 'first ' : ''}in ${rows.length === 1 ? 'row' : 'rows'} ${list(rows.map(String))}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** To one decimal place, or as many as it takes not to read as nothing, or as the limit, when it is neither. */
function percentHeldBack(data: Prepared['data']): string {
  if (data.rowsIn === 0) return '0%';
  const exact = (100 * data.heldBack) / data.rowsIn;
  const misleads = (rounded: number): boolean =>
    rounded !== exact && [0, limitPercent(data)].includes(rounded);
  const places = [1, 2, 3, 4, 5].find((p) => !misleads(Number(exact.toFixed(p)))) ?? 6;
  return `${Number(exact.toFixed(places))}%`;
}

function limitPercent(data: Prepared['data']): number {
  return Math.round((data.limit ?? 0) * 1_000_000) / 10_000;
}
