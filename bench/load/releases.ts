import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Instance } from '../../src/platform/instance.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { logsOf, Manifest, manifestBytes, manifestSignatureType } from '../../src/releases/manifest.ts';
import { standardTerms } from '../../src/releases/standard-terms.ts';
import type { SeededAct } from './acts.ts';
import type { SeededAgreement } from './agreements.ts';
import { personWith } from './bodies.ts';
import { hexOf, insertAll } from './bulk.ts';
import type { Chance } from './chance.ts';
import type { Template } from './template.ts';

const day = 86_400_000;

/** How one request ends: with a release in a state, or before there is one. */
type Course = 'waiting' | 'agreed' | 'refused' | 'prepared' | 'sent' | 'collected' | 'destroyed';

/** How many requests of 100 releases take each course, and how many days ago they were made, at least and at most. */
const courses: Record<Course, { share: number; ago: [number, number] }> = {
  destroyed: { share: 0.5, ago: [60, 730] },
  collected: { share: 0.32, ago: [10, 400] },
  sent: { share: 0.04, ago: [1, 30] },
  prepared: { share: 0.04, ago: [1, 20] },
  agreed: { share: 0.02, ago: [1, 30] },
  waiting: { share: 0.04, ago: [0, 40] },
  refused: { share: 0.08, ago: [5, 730] },
};
// Of a hundred releases ten never left: they were tried for a request that was then answered by another.
const refusedShare = 0.06;
const withdrawnShare = 0.04;

/** Where requests and releases are put, and what they are made from. */
export type Making = {
  instance: Instance;
  database: pg.Client;
  agreements: readonly SeededAgreement[];
  template: Template;
  chance: Chance;
  now: number;
  acts: SeededAct[];
  report(done: number): void;
};

type Rows = Record<'requests' | 'decisions' | 'releases' | 'release_workings', Record<string, unknown>[]>;

/** Makes requests with everything that came of them, until there are so many releases. Returns how many of each. */
export async function makeReleases(
  making: Making,
  releases: number,
): Promise<{ requests: number; releases: number }> {
  const { chance, database } = making;
  const numbers = { requests: 1000, releases: 1000 };
  const plan = Object.entries(courses).flatMap(([course, { share, ago }]) =>
    Array.from({ length: Math.round(releases * share) }, () => ({
      course: course as Course,
      at: making.now - (ago[0] + chance.next() * (ago[1] - ago[0])) * day,
    })),
  );
  plan.sort((one, other) => one.at - other.at);
  let rows = emptyRows();
  const flush = async () => {
    for (const [table, list] of Object.entries(rows)) await insertAll(database, table, list);
    rows = emptyRows();
  };
  for (const [done, { course, at }] of plan.entries()) {
    makeOne(making, course, at, numbers, rows);
    if (done % 1000 === 999) {
      await flush();
      making.report(done + 1);
    }
  }
  await flush();
  await database.query(
    `select setval('request_numbers', $1::bigint), setval('release_numbers', $2::bigint)`,
    [numbers.requests, numbers.releases],
  );
  return { requests: numbers.requests - 1000, releases: numbers.releases - 1000 };
}

function emptyRows(): Rows {
  return { requests: [], decisions: [], releases: [], release_workings: [] };
}

function makeOne(
  making: Making,
  course: Course,
  raisedAt: number,
  numbers: { requests: number; releases: number },
  rows: Rows,
): void {
  const { chance, template, now, acts } = making;
  const under = making.agreements[chance.below(making.agreements.length)];
  if (!under) throw new Error('There is no agreement');
  const { from, to, agreement } = under;
  const parties = [from.id, to.id].sort();
  const asker = personWith(to, 'practitioner').id;
  const owner = personWith(from, 'information-asset-owner').id;
  const preparer = personWith(from, 'practitioner').id;
  const { dataSet, purpose, need } = template.given;
  const { rulebook, factsHash, findings } = template;
  // The next step comes within so many days, and before now.
  const later = (moment: number, days: number) =>
    moment + (0.05 + 0.9 * chance.next()) * Math.min(days * day, (now - moment) / 2);
  const record = (
    at: number,
    act: string,
    by: string,
    person: string,
    about: Omit<SeededAct, 'id' | 'at' | 'act' | 'by' | 'person'>,
  ) => {
    const id = chance.idAt(at);
    acts.push({ id, at, act, by, person, ...about });
    return id;
  };

  const requestId = chance.idAt(raisedAt);
  numbers.requests += 1;
  const reference = `REQ-${new Date(raisedAt).getUTCFullYear()}-${numbers.requests}`;
  const ofRequest = { parties, subject: { id: requestId, type: 'request' } };
  const state =
    course === 'waiting' || course === 'refused'
      ? course
      : course === 'agreed' || course === 'prepared'
        ? 'agreed'
        : 'answered';
  rows.requests.push({
    id: requestId,
    reference,
    agreement_id: under.id,
    holder_id: from.id,
    recipient_id: to.id,
    data_set: dataSet,
    purpose,
    need,
    needed_by: chance.below(5) === 0 ? null : iso(raisedAt + (14 + chance.below(46)) * day).slice(0, 10),
    state,
    raised_by_organisation: to.id,
    raised_by_person: asker,
    raised_at: iso(raisedAt),
    parties,
  });
  record(raisedAt, 'request.made', to.id, asker, {
    ...ofRequest,
    detail: { agreement: under.id, dataSet, purpose, reference },
  });
  if (course === 'waiting') return;

  const decidedAt = later(raisedAt, 5);
  const decision = chance.idAt(decidedAt);
  const agreed = course !== 'refused';
  rows.decisions.push({
    id: decision,
    request_id: requestId,
    decision: agreed ? 'share' : 'refuse',
    verdict: 'share',
    findings,
    reasons: agreed ? template.reasons : 'The panel has this month already, under an earlier release.',
    decided_by_agreement: false,
    decided_by_person: owner,
    rulebook,
    facts_hash: factsHash,
    decided_at: iso(decidedAt),
    parties,
  });
  record(decidedAt, agreed ? 'request.agreed' : 'request.refused', from.id, owner, {
    ...ofRequest,
    detail: {
      decidedBy: 'person',
      decision,
      facts: factsHash,
      failing: [],
      reference,
      rulebook,
      verdict: 'share',
    },
  });
  if (course === 'refused' || course === 'agreed') return;

  const base = (at: number) => {
    numbers.releases += 1;
    return {
      id: chance.idAt(at),
      reference: `REL-${new Date(at).getUTCFullYear()}-${numbers.releases}`,
      request_id: requestId,
      agreement_id: under.id,
      sender_id: from.id,
      recipient_id: to.id,
      data_set: dataSet,
      purpose,
      rulebook,
      facts_hash: factsHash,
      prepared_by: preparer,
      prepared_at: iso(at),
      approved_by: null as string | null,
      manifest: null as string | null,
      sent_act: null as string | null,
      sent_at: null as string | null,
      collected_act: null as string | null,
      collected_at: null as string | null,
      destroyed_act: null as string | null,
      destroyed_at: null as string | null,
      destruction_method: null as string | null,
      keep_until: null as string | null,
    };
  };
  const file = template.encrypted.get(to.id);
  if (!file) throw new Error('Nothing is encrypted to a body');
  const encrypted = { file: `${dataSet}.csv.age`, sha256: file.sha256, bytes: file.bytes };
  const workings = (releaseId: string, preview: Buffer | null) =>
    rows.release_workings.push({
      release_id: releaseId,
      report: template.workings.report,
      findings: template.workings.findings,
      preview: preview && hexOf(preview),
      encrypted: preview ? encrypted : null,
      parties: [from.id],
    });
  let preparedAt = later(decidedAt, 3);

  const left = course !== 'prepared';
  const tried = chance.next();
  const leftShare = courses.sent.share + courses.collected.share + courses.destroyed.share;
  if (left && tried < (refusedShare + withdrawnShare) / leftShare) {
    const byRules = tried < refusedShare / leftShare;
    const one = base(preparedAt);
    rows.releases.push({ ...one, state: byRules ? 'refused' : 'withdrawn', parties: [from.id] });
    workings(one.id, null);
    if (byRules) {
      record(preparedAt, 'release.refused', from.id, preparer, {
        ...ofRequest,
        detail: {
          facts: factsHash,
          failing: ['groups-large-enough'],
          reference: one.reference,
          rulebook,
          verdict: 'refuse',
        },
      });
    } else {
      const own = { parties: [from.id], subject: { id: one.id, type: 'release' } };
      record(preparedAt, 'release.prepared', from.id, preparer, {
        ...own,
        detail: { facts: factsHash, reference: one.reference, rulebook },
      });
      record(later(preparedAt, 1), 'release.withdrawn', from.id, preparer, {
        ...own,
        detail: { reference: one.reference },
      });
    }
    preparedAt = later(preparedAt, 2);
  }

  const release = base(preparedAt);
  record(preparedAt, 'release.prepared', from.id, preparer, {
    parties: [from.id],
    subject: { id: release.id, type: 'release' },
    detail: { facts: factsHash, reference: release.reference, rulebook },
  });
  if (!left) {
    rows.releases.push({ ...release, state: 'prepared', parties: [from.id] });
    const preview = Buffer.from(JSON.stringify(template.workings.preview));
    workings(release.id, making.instance.sealer.seal(preview, `preview of release ${release.id}`));
    return;
  }

  const sentAt = later(preparedAt, 2);
  const about = {
    ...template.manifest,
    release: { id: release.id, reference: release.reference, sentAt: iso(sentAt) },
    from: { id: from.id, keys: from.keys },
    to: { id: to.id, keys: to.keys },
    agreement: { reference: agreement.reference, version: 1, digest: under.digest },
    decision: { request: reference, by: 'person' as const, rulebook, facts: factsHash },
  };
  const terms = Buffer.from(standardTerms(agreement, about));
  const manifest = Manifest.parse({
    ...about,
    files: [
      { name: encrypted.file, sha256: encrypted.sha256, bytes: encrypted.bytes },
      { name: 'standard-terms.txt', sha256: sha256Hex(terms), bytes: terms.length },
    ],
  });
  const bytes = manifestBytes(manifest);
  const signature = from.sign({ typ: manifestSignatureType }, bytes);
  const hash = `sha256:${sha256Hex(bytes)}`;
  const ofRelease = { parties, subject: { id: release.id, type: 'release' } };
  const logs = logsOf(manifest);
  release.manifest = hexOf(bytes);
  release.approved_by = owner;
  release.sent_at = iso(sentAt);
  release.sent_act = record(sentAt, 'release.sent', from.id, owner, {
    ...ofRelease,
    detail: {
      agreement: under.digest,
      approvedBy: 'person',
      logs,
      manifest: hash,
      reference: release.reference,
      signature: [signature.protected, signature.signature],
    },
  });
  if (course !== 'sent') {
    const collectedAt = later(sentAt, 3);
    release.collected_at = iso(collectedAt);
    release.keep_until = iso(collectedAt + 365 * day).slice(0, 10);
    release.collected_act = record(collectedAt, 'release.collected', to.id, asker, {
      ...ofRelease,
      detail: { logs, manifest: hash, reference: release.reference },
    });
    if (course === 'destroyed') {
      const destroyedAt = later(collectedAt, 360);
      const method = 'Deleted from the case folder and its backups';
      release.destroyed_at = iso(destroyedAt);
      release.destruction_method = method;
      release.destroyed_act = record(destroyedAt, 'release.destroyed', to.id, asker, {
        ...ofRelease,
        detail: { logs, manifest: hash, method: `sha256:${sha256Hex(method)}`, reference: release.reference },
      });
    }
  }
  rows.releases.push({ ...release, state: course, parties });
  workings(release.id, null);
  const folder = join(making.instance.folders.packages, release.id);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'manifest.json'), bytes, { mode: 0o600 });
  writeFileSync(join(folder, 'standard-terms.txt'), terms, { mode: 0o600 });
  if (course !== 'destroyed') linkSync(file.path, join(folder, encrypted.file));
}

function iso(moment: number): string {
  return new Date(Math.floor(moment)).toISOString();
}
