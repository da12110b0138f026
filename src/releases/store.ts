import { sql } from 'kysely';
import type { Counts, PipelineReport } from '../pipeline/index.ts';
import type { Db, Tx } from '../platform/database.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import { isId, newId } from '../platform/pure/ids.ts';
import type { Sealer } from '../platform/seal.ts';
import type { DataRequest } from '../requests/index.ts';
import type { Evaluation, Finding } from '../rulebook/index.ts';
import type { ReleaseState } from './rules.ts';

type Tables = {
  releases: {
    id: string;
    reference: string;
    request_id: string;
    agreement_id: string;
    sender_id: string;
    recipient_id: string;
    data_set: string;
    purpose: string;
    state: ReleaseState;
    rulebook: string;
    facts_hash: string;
    prepared_by: string | null;
    prepared_under: string | null;
    prepared_at: Instant;
    approved_by: string | null;
    manifest: Buffer | null;
    sent_act: string | null;
    sent_at: Instant | null;
    collected_act: string | null;
    collected_at: Instant | null;
    destroyed_act: string | null;
    destroyed_at: Instant | null;
    destruction_method: string | null;
    keep_until: Day | null;
    parties: string[];
  };
  release_workings: {
    release_id: string;
    report: string;
    findings: string;
    preview: Buffer | null;
    encrypted: string | null;
    parties: string[];
  };
};

/** What was done to the data, as kept with the release: counts and columns, never a person's values. */
export type KeptReport = Omit<PipelineReport, 'preview'>;

/** The first rows before and after: personal data, sealed, seen by whoever approves. */
export type Preview = PipelineReport['preview'];

/** A release, from prepared to destroyed. */
export type Release = {
  id: string;
  reference: string;
  requestId: string;
  agreementId: string;
  senderId: string;
  recipientId: string;
  dataSet: string;
  purpose: string;
  state: ReleaseState;
  rulebook: string;
  factsHash: string;
  preparedBy: string | null;
  /** The delegation in whose role it was prepared, or null. */
  preparedUnder: string | null;
  preparedAt: Instant;
  approvedBy: string | null;
  manifest: Buffer | null;
  sentAct: string | null;
  sentAt: Instant | null;
  collectedAct: string | null;
  collectedAt: Instant | null;
  destroyedAct: string | null;
  destroyedAt: Instant | null;
  destructionMethod: string | null;
  keepUntil: Day | null;
};

const tables = (db: Db) => db.withTables<Tables>();

/** The next reference of releases, such as `REL-2026-0902`. */
export async function nextReference(tx: Tx, now: Instant): Promise<string> {
  const { rows } = await sql<{ number: number }>`select nextval('release_numbers') as number`.execute(tx);
  return `REL-${now.slice(0, 4)}-${String(rows[0]?.number).padStart(4, '0')}`;
}

/** A release that is only being prepared, for a request, as the rules saw it. */
export function newRelease(
  request: DataRequest,
  evaluation: Pick<Evaluation, 'rulebook' | 'factsHash'>,
  now: Instant,
): Release {
  return {
    id: newId(),
    reference: '',
    requestId: request.id,
    agreementId: request.agreementId,
    senderId: request.holderId,
    recipientId: request.recipientId,
    dataSet: request.dataSet,
    purpose: request.purpose,
    state: 'prepared',
    rulebook: evaluation.rulebook,
    factsHash: evaluation.factsHash,
    preparedBy: null,
    preparedUnder: null,
    preparedAt: now,
    approvedBy: null,
    manifest: null,
    sentAct: null,
    sentAt: null,
    collectedAct: null,
    collectedAt: null,
    destroyedAct: null,
    destroyedAt: null,
    destructionMethod: null,
    keepUntil: null,
  };
}

/** Keeps a new release. Until it is sent it is the sender's alone. */
export async function saveRelease(tx: Tx, release: Release): Promise<void> {
  await tables(tx).insertInto('releases').values(rowOf(release)).execute();
}

/** Keeps what has changed, if the release is still in the state it was read in; false if somebody was quicker. */
export async function updateRelease(tx: Tx, from: ReleaseState, release: Release): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('releases')
    .set(rowOf(release))
    .where('id', '=', release.id)
    .where('state', '=', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Both parties of a release, in the ledger's order. */
export function partiesOf(release: Pick<Release, 'senderId' | 'recipientId'>): string[] {
  return [release.senderId, release.recipientId].sort();
}

function rowOf(release: Release): Tables['releases'] {
  const left = release.sentAt !== null;
  return {
    id: release.id,
    reference: release.reference,
    request_id: release.requestId,
    agreement_id: release.agreementId,
    sender_id: release.senderId,
    recipient_id: release.recipientId,
    data_set: release.dataSet,
    purpose: release.purpose,
    state: release.state,
    rulebook: release.rulebook,
    facts_hash: release.factsHash,
    prepared_by: release.preparedBy,
    prepared_under: release.preparedUnder,
    prepared_at: release.preparedAt,
    approved_by: release.approvedBy,
    manifest: release.manifest,
    sent_act: release.sentAct,
    sent_at: release.sentAt,
    collected_act: release.collectedAct,
    collected_at: release.collectedAt,
    destroyed_act: release.destroyedAct,
    destroyed_at: release.destroyedAt,
    destruction_method: release.destructionMethod,
    keep_until: release.keepUntil,
    parties: left ? partiesOf(release) : [release.senderId],
  };
}

/** A release by its id or reference, if the transaction's organisation may see it. */
export async function findRelease(db: Db, key: string): Promise<Release | null> {
  const row = await tables(db)
    .selectFrom('releases')
    .selectAll()
    .where(isId(key) ? 'id' : 'reference', '=', key)
    .executeTakeFirst();
  return row ? releaseOf(row) : null;
}

/** The release made for a request, if there is one the transaction's organisation may see. */
export async function findReleaseOf(db: Db, requestId: string): Promise<Release | null> {
  const row = await tables(db)
    .selectFrom('releases')
    .selectAll()
    .where('request_id', '=', requestId)
    .orderBy('prepared_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? releaseOf(row) : null;
}

/** The counts of the last release of a data set that left under an agreement, for its sender; null where none did. */
export async function findLastCounts(db: Db, agreementId: string, dataSet: string): Promise<Counts | null> {
  const row = await tables(db)
    .selectFrom('releases')
    .innerJoin('release_workings', 'release_workings.release_id', 'releases.id')
    .select('release_workings.report')
    .where('agreement_id', '=', agreementId)
    .where('data_set', '=', dataSet)
    .where('sent_at', 'is not', null)
    .orderBy('sent_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  const { rows, blanks } = asReportedNow(row.report as unknown as KeptReport);
  return { rows: rows.in - rows.outside, blanks };
}

/** Every release there is and how far it is, as the worker sees it: which packages belong to one. */
export async function findReleaseStates(tx: Tx): Promise<Map<string, ReleaseState>> {
  const rows = await tables(tx).selectFrom('releases').select(['id', 'state']).execute();
  return new Map(rows.map((row) => [row.id, row.state]));
}

/** The releases that are in a state, by id and reference; of these only, where ids are given. For the owner. */
export async function findInStates(
  db: Db,
  states: readonly ReleaseState[],
  ids: readonly string[] | null,
): Promise<{ id: string; reference: string }[]> {
  let query = tables(db).selectFrom('releases').select(['id', 'reference']).where('state', 'in', states);
  if (ids) query = query.where(sql<boolean>`id = any(${ids}::uuid[])`);
  return query.orderBy('reference').execute();
}

function releaseOf(row: Tables['releases']): Release {
  return {
    id: row.id,
    reference: row.reference,
    requestId: row.request_id,
    agreementId: row.agreement_id,
    senderId: row.sender_id,
    recipientId: row.recipient_id,
    dataSet: row.data_set,
    purpose: row.purpose,
    state: row.state,
    rulebook: row.rulebook,
    factsHash: row.facts_hash,
    preparedBy: row.prepared_by,
    preparedUnder: row.prepared_under,
    preparedAt: row.prepared_at,
    approvedBy: row.approved_by,
    manifest: row.manifest,
    sentAct: row.sent_act,
    sentAt: row.sent_at,
    collectedAct: row.collected_act,
    collectedAt: row.collected_at,
    destroyedAct: row.destroyed_act,
    destroyedAt: row.destroyed_at,
    destructionMethod: row.destruction_method,
    keepUntil: row.keep_until,
  };
}

/** The encrypted data file of a release, as it lies in its package. */
export type Encrypted = { file: string; sha256: string; bytes: number };

/** How a release was arrived at: its sender's own business. `encrypted` is what was prepared; null if it was refused. */
export type Workings = {
  report: KeptReport;
  findings: Finding[];
  preview: Preview | null;
  encrypted: Encrypted | null;
};

/** Keeps how a release was arrived at, the first rows sealed. */
export async function saveWorkings(
  tx: Tx,
  sealer: Sealer,
  release: Release,
  workings: Workings,
): Promise<void> {
  const preview =
    workings.preview && sealer.seal(Buffer.from(JSON.stringify(workings.preview)), sealedAs(release.id));
  await tables(tx)
    .insertInto('release_workings')
    .values({
      release_id: release.id,
      report: JSON.stringify(workings.report),
      findings: JSON.stringify(workings.findings),
      preview,
      encrypted: workings.encrypted && JSON.stringify(workings.encrypted),
      parties: [release.senderId],
    })
    .execute();
}

/** How a release was arrived at; null to everyone but its sender. The first rows are gone once it was answered. */
export async function findWorkings(db: Db, sealer: Sealer, releaseId: string): Promise<Workings | null> {
  const row = await tables(db)
    .selectFrom('release_workings')
    .selectAll()
    .where('release_id', '=', releaseId)
    .executeTakeFirst();
  if (!row) return null;
  return {
    // jsonb arrives parsed; the columns are written as text.
    report: asReportedNow(row.report as unknown as KeptReport),
    findings: row.findings as unknown as Finding[],
    encrypted: row.encrypted as unknown as Encrypted | null,
    preview: row.preview && JSON.parse(sealer.open(row.preview, sealedAs(releaseId)).toString('utf8')),
  };
}

// What a report from before says nothing of was not there: no choice of rows, no checks, no curve. Which file it was nobody noted. What left was CSV as it was.
function asReportedNow(report: KeptReport): KeptReport {
  return {
    ...report,
    quality: report.quality ?? [],
    blanks: report.blanks ?? [],
    last: report.last ?? null,
    curve: report.curve ?? null,
    input: report.input ?? null,
    neutralised: report.neutralised ?? [],
    output: report.output && { ...report.output, form: report.output.form ?? 'csv' },
    rows: { ...report.rows, outside: report.rows.outside ?? 0 },
  };
}

/** Forgets the first rows: nobody has to look at them any more. */
export async function forgetPreview(tx: Tx, releaseId: string): Promise<void> {
  await tables(tx)
    .updateTable('release_workings')
    .set({ preview: null })
    .where('release_id', '=', releaseId)
    .execute();
}

const sealedAs = (releaseId: string) => `preview of release ${releaseId}`;
