import { type Caller, holdsRole, showRoles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { failureInWords, rowsInWords } from '../pipeline/index.ts';
import { groupBars } from '../platform/charts/index.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { counted } from '../platform/pure/words.ts';
import { dataSetOf, type FieldRow, fieldRows } from '../requests/index.ts';
import type { Evaluation, Finding } from '../rulebook/index.ts';
import { curveOf, levelInWords } from './page-curve.ts';
import { type KnownRelease, nameOf, showFingerprint } from './page-known.ts';
import { mayApprove } from './rules.ts';
import type { KeptReport, Preview } from './store.ts';

/** The rule about who approves: what it says before somebody does would be about nobody. */
const approvalRule = 'approver-not-preparer';

/**
 * This is exactly what leaves: for the sender, while it can still be stopped. `evaluation` is what the rules say now, of
 * this caller approving; `tried` when they just did and were refused; `size` is the group
 * size whose place on the curve is looked at.
 */
export function leavesPage(
  known: KnownRelease,
  evaluation: Evaluation,
  caller: Caller,
  { tried, size }: { tried: boolean; size: number | null },
) {
  const { release, sender, recipient, request, kept, workings } = known;
  if (!workings) throw new Error('A prepared release without its workings');
  const { report, preview } = workings;
  const shown = evaluation.findings.filter((one) => tried || one.rule !== approvalRule);
  const failing = shown.filter((one) => one.outcome === 'fails');
  const sameHands = evaluation.findings.some((one) => one.rule === approvalRule && one.outcome === 'fails');
  return {
    reference: release.reference,
    caption: `Release ${release.reference} to ${recipient.name}, under ${kept.agreement.reference}`,
    request: { text: request.reference, href: paths.request(request.reference) },
    prepared: `Prepared by ${nameOf(known, release.preparedBy, sender)} on ${showInstant(release.preparedAt)}${largerThanAgreed(known)}.`,
    stats: statsOf(report),
    fingerprint: showFingerprint(report.output?.sha256 ?? ''),
    warnings: [
      ...report.quality.filter(({ failed }) => failed > 0).map(failureInWords),
      ...formulasIn(report),
    ],
    chart: chartOf(report),
    curve: curveOf(known, size),
    preview: previewOf(report, preview ?? []),
    fields: columnsOf(report),
    failing,
    passing: shown.filter((one) => one.outcome === 'passes'),
    approval: approvalOf(known, caller, failing, sameHands),
    mayWithdraw: holdsRole(caller, mayApprove) || caller.person?.id === release.preparedBy,
  };
}

// What a spreadsheet would run: left as it is for machines, and made harmless for people.
function formulasIn({ formulas, neutralised, output }: KeptReport): string[] {
  return formulas.map(({ field, values, rows }) => {
    const what = `${field}: ${counted(values, 'value looks', 'values look')} like a formula, first in ${rowsInWords(rows)}`;
    if (output?.form === 'xlsx') return `${what}. In the workbook they are texts, which no spreadsheet runs`;
    return neutralised.some((one) => one.field === field)
      ? `${what}. An apostrophe before them keeps spreadsheets from running them`
      : `${what}. They leave as they are, for machines: the recipient is told not to open the file in a spreadsheet`;
  });
}

function largerThanAgreed({ release, kept, workings }: KnownRelease): string {
  const agreed = dataSetOf(kept.agreement, release.dataSet)?.protection?.k ?? null;
  const k = workings?.report.k?.required ?? null;
  return agreed !== null && k !== null && k > agreed
    ? `, with groups of at least ${k} where ${agreed} is agreed`
    : '';
}

function statsOf(report: KeptReport) {
  const number = (n: number) => n.toLocaleString('en-GB');
  const leaving = report.fields.filter((field) => field.use !== 'drop').length;
  const sha256 = report.output?.sha256 ?? '';
  return [
    { n: number(report.rows.out), of: `of ${number(report.rows.in)}`, label: 'rows leave' },
    { n: number(leaving), of: `of ${number(report.header.length)}`, label: 'columns leave' },
    { n: number(report.rows.heldBack), of: null, label: 'rows held back' },
    ...(report.rows.outside > 0
      ? [{ n: number(report.rows.outside), of: null, label: 'rows not among those agreed' }]
      : []),
    ...(report.k
      ? [
          {
            n: String(report.k.after.smallest ?? 'none'),
            of: `was ${report.k.before.smallest ?? 'none'}`,
            label: 'smallest group',
          },
        ]
      : []),
    {
      text: `${sha256.slice(0, 4)} ${sha256.slice(4, 8)} … ${sha256.slice(-4)}`,
      label: 'fingerprint (SHA-256)',
    },
  ];
}

function chartOf({ k }: KeptReport) {
  return k && groupBars({ id: 'groups', k: k.required, rows: 'rows', before: k.before, after: k.after });
}

type Cell = { kind: 'kept' | 'gone' | 'less' | 'held'; was: string; becomes: string };

/** The first rows, cell by cell: the columns that leave, in the order they leave, then those that do not. */
function previewOf(report: KeptReport, rows: Preview) {
  const leaving = report.fields.filter((field) => field.use !== 'drop').map((field) => field.name);
  const staying = report.header.filter((name) => !leaving.includes(name));
  const cells = (row: Preview[number]): Cell[] => {
    const held = (name: string) => row.before[report.header.indexOf(name)] ?? '';
    return [
      ...leaving.map((name, at): Cell => {
        if (row.heldBack) return { kind: 'held', was: '', becomes: '' };
        const becomes = row.after[at] ?? '';
        const kind = held(name) === becomes ? 'kept' : 'less';
        return { kind, was: short(held(name)), becomes: short(becomes) };
      }),
      ...staying.map((name): Cell => ({ kind: 'gone', was: short(held(name)), becomes: '' })),
    ];
  };
  return {
    caption: `First ${rows.length} rows`,
    heldBackBecause: report.k ? `group smaller than ${report.k.required}` : 'none here',
    head: [
      ...leaving.map((text) => ({ text, gone: false })),
      ...staying.map((text) => ({ text, gone: true })),
    ],
    rows: rows.map(cells),
  };
}

// Codes and long texts are cut, so that a row can be read across: shown only, after they were compared whole.
function short(text: string): string {
  if (/^[0-9a-f]{40,}$/.test(text)) return `${text.slice(0, 12)}…`;
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** What was done to each column of the file, those that do not leave last. */
export function columnsOf(report: KeptReport): FieldRow[] {
  const dropped = report.dropped.map((name) => ({
    name,
    leaves: 'left-out' as const,
    detail: null,
    why: 'Not listed in the agreement: what is not listed never leaves',
  }));
  const listed = fieldRows(report.fields, report.k?.required ?? null).map((row): FieldRow => {
    const level = report.generalisation?.levels[row.name];
    if (level === undefined) return row;
    const hierarchy = report.fields.find(({ name }) => name === row.name)?.hierarchy ?? [];
    const detail = levelInWords(level, (hierarchy[0]?.length ?? 1) - 1);
    return level === 0 ? { ...row, leaves: 'as-asked', detail } : { ...row, detail };
  });
  return [...listed, ...dropped];
}

/** Whether this caller may approve, and who else can; never who prepared it. */
function approvalOf(known: KnownRelease, caller: Caller, failing: readonly Finding[], sameHands: boolean) {
  const { release, people, recipient } = known;
  const prepared = caller.person?.id === release.preparedBy;
  const others = people
    .filter((one) => one.id !== release.preparedBy && one.roles.some((role) => mayApprove.includes(role)))
    .map((one) => `${one.name} (${showRoles(one.roles).toLowerCase()})`);
  const who =
    others.length > 0
      ? `${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(others)} can.`
      : 'Nobody else here has a role that approves. Ask your administrator, or withdraw this and let somebody else prepare it.';
  if (failing.some((one) => one.rule !== approvalRule)) {
    return {
      may: false,
      title: 'This cannot be approved',
      says: 'The checks below fail. Withdraw it and prepare it again when they are put right.',
    };
  }
  if (!people.some((one) => one.id === release.preparedBy)) {
    return {
      may: false,
      title: 'This must be prepared again',
      says: 'Whoever prepared it is not here any more, so nobody can answer for it. Withdraw it and have it prepared again.',
    };
  }
  if (prepared)
    return {
      may: false,
      title: 'A colleague must approve this',
      says: `You prepared it, so you cannot approve it. ${who}`,
    };
  if (!holdsRole(caller, mayApprove)) {
    return { may: false, title: 'This waits for approval', says: `Your role cannot approve it. ${who}` };
  }
  if (sameHands) {
    return {
      may: false,
      title: 'Somebody else must approve this',
      says: `By a role that was delegated, one person would stand behind both the preparing and the approving. ${who}`,
    };
  }
  const says = `${recipient.name} can collect it at once, and both logs record it. It cannot be taken back.`;
  return { may: true, title: 'Is this what should leave?', says };
}
