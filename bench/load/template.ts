import { join } from 'node:path';
import type pg from 'pg';
import type { Person } from '../../src/organisations/rules.ts';
import { encryptFile } from '../../src/platform/age.ts';
import type { Instance } from '../../src/platform/instance.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import type { Refusal } from '../../src/platform/refusal.ts';
import {
  approveRelease,
  collectRelease,
  destroyRelease,
  prepareRelease,
  readManifest,
} from '../../src/releases/index.ts';
import { findRelease, findWorkings, type Preview } from '../../src/releases/store.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import type { SeededAgreement } from './agreements.ts';
import { type Body, personWith } from './bodies.ts';

const input = join(import.meta.dirname, '../../examples/data/2024-01-bedfordshire-stop-and-search.csv');

/** What one release, made by the service itself from ask to certificate, left behind: every other one is like it. */
export type Template = Awaited<ReturnType<typeof makeTemplate>>;

/** Makes that one release under an agreement, and encrypts what left to each body. `folder` takes the encrypted files. */
export async function makeTemplate(
  instance: Instance,
  database: pg.Client,
  { from, to, agreement }: SeededAgreement,
  bodies: readonly Body[],
  folder: string,
) {
  const rulebook = loadRulebook(shippedRules);
  const now = instantOf(new Date());
  const as = (body: Body, person: Person) => ({ organisation: body, person });
  const asker = as(to, personWith(to, 'practitioner'));
  const preparer = as(from, personWith(from, 'practitioner'));
  const approver = as(from, personWith(from, 'information-asset-owner'));
  const given = {
    agreement: agreement.reference,
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    need: 'The panel reviews a complaint about a search and needs the month for context.',
    neededBy: '',
  };
  const { reference } = done(await makeRequest(instance.database, asker, given, null, now));
  const decision = {
    decision: 'share',
    reasons: 'All checks pass, and the panel meets this month.',
  } as const;
  done(await decideRequest(instance.database, rulebook, approver, reference, decision, null, now));
  const prepared = done(await prepareRelease(instance, rulebook, preparer, reference, input, null, now));
  const actor = { organisationId: from.id, personId: null };
  const workings = await instance.database.read(actor, (db) =>
    findWorkings(db, instance.sealer, prepared.id),
  );
  const release = prepared.reference;
  done(await approveRelease(instance, rulebook, approver, release, null, now));
  const out = join(folder, 'collected');
  const collected = done(await collectRelease(instance, asker, release, out, now));
  done(await destroyRelease(instance, asker, release, 'Deleted from the case folder', null, now));
  const kept = await instance.database.read(actor, (db) => findRelease(db, release));
  const manifest = kept?.manifest && readManifest(kept.manifest);
  if (!kept || !manifest || !workings) throw new Error('The first release did not come through');

  const plain = collected.files.find((path) => path.endsWith('.csv'));
  if (!plain) throw new Error('The first release held no data');
  const encrypted = new Map<string, { path: string; sha256: string; bytes: number }>();
  for (const body of bodies) {
    const path = join(folder, `${body.slug}.age`);
    const written = await encryptFile(plain, path, [body.keys.receiving]);
    encrypted.set(body.id, { path, ...written.encrypted });
  }
  const decided = await database.query<{ findings: object; facts_hash: string; rulebook: string }>(
    'select findings, facts_hash, rulebook from decisions',
  );
  const [made] = decided.rows;
  if (!made) throw new Error('The first release was not decided');
  const preview: Preview | null = workings.preview;
  return {
    given,
    reasons: decision.reasons,
    findings: made.findings,
    factsHash: made.facts_hash,
    rulebook: made.rulebook,
    manifest,
    workings: { report: workings.report, findings: workings.findings, preview },
    encrypted,
  };
}

function done<Answer extends { ok: true }>(answer: Answer | Refusal): Answer {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.says}`);
  return answer;
}
