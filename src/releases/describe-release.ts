import type { Agreement, KeptAgreement } from '../agreements/index.ts';
import type { PublicKeys } from '../organisations/rules.ts';
import { failureInWords, rowsInTermsInWords } from '../pipeline/index.ts';
import { canonicalJson, type Json } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { counted, inOneLine } from '../platform/pure/words.ts';
import type { Manifest } from './manifest.ts';
import type { Encrypted, KeptReport, Release } from './store.ts';

/** What a manifest says that is decided elsewhere. */
export type ManifestParts = {
  release: Release;
  kept: KeptAgreement;
  report: KeptReport;
  encrypted: Encrypted;
  decision: Manifest['decision'];
  sentAt: string;
};

type Party = { id: string; keys: PublicKeys };
type DataSetTerms = Agreement['terms']['datasets'][number];

/** Everything that a manifest says of a release, but for the files beside the data. No personal data. */
export function describeRelease(parts: ManifestParts, from: Party, to: Party): Omit<Manifest, 'files'> {
  const { release, kept, report, encrypted, decision, sentAt } = parts;
  if (!report.output) throw new Error('A release without data');
  const { reference, version, marking, terms } = kept.agreement;
  const dataSet = terms.datasets.find(({ id }) => id === release.dataSet);
  if (!dataSet) throw new Error('A release of a data set that the agreement does not have');
  const retention = terms.retention.find((one) => one.dataSet === release.dataSet);
  return {
    chirograph: 'manifest/1',
    release: { id: release.id, reference: release.reference, sentAt },
    from,
    to,
    agreement: { reference, version, digest: kept.digest },
    dataSet: release.dataSet,
    terms: digestOfTerms(dataSet),
    purpose: release.purpose,
    decision,
    marking,
    retention: retention ? { period: retention.period, method: retention.method } : null,
    rows: rowsOf(report.rows),
    protection: protectionOf(report, dataSet),
    ...(report.quality.length > 0 && {
      quality: report.quality.map(({ check, says, failed, blocks }) => ({ check, says, failed, blocks })),
    }),
    validation: validationOf(report),
    caveats: caveatsOf(report, dataSet),
    fields: report.fields.map((field) => fieldOf(field, report)),
    columnsLeftOut: report.dropped.length,
    data: [
      {
        file: encrypted.file,
        name: encrypted.file.replace(/\.age$/, ''),
        sha256: report.output.sha256,
        bytes: report.output.bytes,
        rows: report.output.rows,
        format: report.output.form,
      },
    ],
  };
}

/** The digest of the terms of one data set, as the agreement has them (RFC 8785). */
function digestOfTerms(dataSet: DataSetTerms): string {
  return `sha256:${sha256Hex(canonicalJson(dataSet as Json))}`;
}

function rowsOf({ in: all, out, heldBack, outside }: KeptReport['rows']): Manifest['rows'] {
  return { in: all, out, heldBack, ...(outside > 0 && { outside }) };
}

function protectionOf({ k, limit, generalisation }: KeptReport, { protection }: DataSetTerms) {
  if (!k) return null;
  return {
    k: k.required,
    fields: k.fields,
    smallestGroup: k.after.smallest,
    ...(protection?.l !== undefined && { l: protection.l }),
    ...(limit !== null && { limit }),
    ...(generalisation && { loss: generalisation.loss }),
  };
}

// Nothing leaves that fails a check which blocks: what is left to say is whether there were any, and whether others fail.
function validationOf({ quality }: KeptReport): NonNullable<Manifest['validation']> {
  if (quality.length === 0) return 'types';
  return quality.some(({ failed }) => failed > 0) ? 'types-and-checks-with-warnings' : 'types-and-checks';
}

function fieldOf({ name, type, role, done, hierarchy }: KeptReport['fields'][number], report: KeptReport) {
  const level = report.generalisation?.levels[name];
  const neutralised = report.neutralised.find(({ field }) => field === name)?.values;
  return {
    name,
    type,
    role,
    done,
    ...(done === 'pseudonym' && { method: 'HMAC-SHA-256' as const }),
    ...(level !== undefined && { level, highest: (hierarchy?.[0]?.length ?? 1) - 1 }),
    ...(neutralised !== undefined && { neutralised }),
  };
}

/** What whoever uses the data has to know of it first [R97, R99, R101, R112]. */
function caveatsOf(report: KeptReport, dataSet: DataSetTerms): string[] {
  const { rows, k, quality, neutralised, generalisation, fields } = report;
  const named = (which: (field: KeptReport['fields'][number]) => boolean) =>
    inOneLine(fields.filter(which).map(({ name }) => name));
  const coded = named(({ done }) => done === 'pseudonym');
  const lessExact = named(
    ({ name, use }) => typeof use === 'object' || (generalisation?.levels[name] ?? 0) > 0,
  );
  const chosen = rowsInTermsInWords(dataSet.rows);
  const marked = neutralised.reduce((sum, { values }) => sum + values, 0);
  const asHeld = report.output?.form !== 'xlsx' && dataSet.readBy !== 'people';
  const runnable = asHeld ? inOneLine(report.formulas.map(({ field }) => field)) : '';
  return [
    ...(chosen === null ? [] : [chosen]),
    ...(rows.heldBack > 0 && k
      ? [
          `${counted(rows.heldBack, 'row is', 'rows are')} held back because too few were like them: what is counted here is too low, most of all for small groups.`,
        ]
      : []),
    ...(lessExact === '' ? [] : [`Less exact than it is held: ${lessExact}.`]),
    ...(coded === '' || !dataSet.personalData
      ? []
      : [`${coded} left as codes. Data about people that is coded is still personal data.`]),
    ...(marked === 0
      ? []
      : [
          `An apostrophe was put before ${counted(marked, 'text', 'texts')}: it keeps spreadsheets from running formulas.`,
        ]),
    ...(runnable === ''
      ? []
      : [`Do not open it in a spreadsheet, which would run what looks like a formula in ${runnable}.`]),
    ...quality.filter(({ failed }) => failed > 0).map((one) => `${failureInWords({ ...one, rows: [] })}.`),
  ];
}
