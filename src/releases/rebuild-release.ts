import { findAgreementById } from '../agreements/index.ts';
import { findNames } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import type { PipelineReport } from '../pipeline/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { deliver } from './deliver.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { recordAct } from './record-act.ts';
import { mayPrepare } from './rules.ts';
import { runPlan } from './run-plan.ts';
import { findRelease, findWorkings, type KeptReport } from './store.ts';

/** What came of making a release again: the very bytes that were sent, or in words what differs. */
export type Rebuilt =
  | { ok: true; same: true; reference: string; files: string[]; sha256: string }
  | { ok: true; same: false; reference: string; differs: string[] };

/**
 * Makes again what was sent, from the file (absolute path) it was sent from, under the terms, the groups, the key and the day of that time, into `out`:
 * for its sender, also once the recipient has destroyed it. Only the very bytes that the manifest names are written, and the
 * sender's log says that they were made. What the recipient had is not touched, nor can a recipient do it.
 */
export async function rebuildRelease(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  { input, out }: { input: string; out: string },
  now: Instant,
): Promise<Rebuilt | Refusal> {
  if (!holdsRole(caller, mayPrepare)) {
    const says = 'Your role cannot prepare a release, so it cannot make one again. Ask a colleague who can.';
    return refuse('no-authority', 'release.rebuild-no-authority', says);
  }
  const found = await findSent(instance, caller, releaseKey);
  if (!found.ok) return found;
  const { release, manifest, kept, report: then } = found;
  return withStaging(instance, async (staging) => {
    const asked = { ...found.asked, dataSet: release.dataSet, purpose: release.purpose };
    const today = londonDay(release.preparedAt);
    // The groups of that time too: whoever prepared it may have asked for larger ones than agreed.
    const k = then.k?.required ?? null;
    const given = { input, staging, today, last: then.last, k };
    const report = await runPlan(instance, kept, asked, given);
    if (report?.problem?.check === 'no-file')
      return refuse('not-found', 'release.rebuild-no-file', report.problem.says);
    const [data] = manifest.data;
    const { reference } = release;
    const made = report?.output;
    if (!report || !made || !data || made.sha256 !== data.sha256 || made.bytes !== data.bytes) {
      return { ok: true, same: false, reference, differs: differences(report, then, manifest) };
    }
    const detail = {
      data: `sha256:${data.sha256}`,
      manifest: `sha256:${sha256Hex(release.manifest ?? '')}`,
      ...underOf(caller, mayPrepare),
    };
    await instance.database.write(actorOf(caller), (tx) =>
      recordAct(tx, caller, 'release.rebuilt', release, detail, now),
    );
    const files = await deliver({
      staging,
      files: [{ from: made.path, name: data.name }],
      folder: out,
      done: `${reference} was made again, and your log says so.`,
    });
    return { ok: true, same: true, reference, files, sha256: data.sha256 };
  });
}

async function findSent(instance: Instance, caller: Caller, releaseKey: string) {
  return instance.database.read(actorOf(caller), async (db) => {
    const release = await findRelease(db, releaseKey);
    const manifest = release?.manifest && readManifest(release.manifest);
    if (release?.senderId !== caller.organisation.id || !manifest) {
      const says = 'Your organisation has sent no such release. Only its sender can make a release again.';
      return refuse('not-found', 'release.not-found', says);
    }
    const kept = await findAgreementById(db, release.agreementId);
    const organisations = await findNames(db, [release.senderId, release.recipientId]);
    const sender = organisations.get(release.senderId);
    const recipient = organisations.get(release.recipientId);
    const workings = await findWorkings(db, instance.sealer, release.id);
    if (!kept || !sender || !recipient || !workings) throw new Error('A release without what it rests on');
    if (kept.digest !== manifest.agreement.digest)
      throw new Error('The agreement is not the one that the manifest names');
    return {
      ok: true as const,
      release,
      manifest,
      kept,
      asked: { sender, recipient },
      report: workings.report,
    };
  });
}

/** Why it is not what was sent: counts and columns, never a value. The first is the likeliest cause of the others. */
function differences(report: PipelineReport | null, then: KeptReport, manifest: Manifest): string[] {
  if (!report) return ['The agreement has no such data set.'];
  const [data] = manifest.data;
  const sameInput = then.input !== null && then.input?.sha256 === report.input?.sha256;
  const number = (n: number) => n.toLocaleString('en-GB');
  const { rows } = manifest;
  const counts = [
    ['rows in the file', report.rows.in, rows.in],
    ['rows that leave', report.rows.out, rows.out],
    ['rows held back', report.rows.heldBack, rows.heldBack],
  ] as const;
  return [
    ...(then.input === null
      ? ['Which file it was sent from was not noted then, so it may be another one.']
      : sameInput
        ? ['The file is the one it was sent from, to the byte.']
        : [
            `This is not the file it was sent from: that had ${number(then.input.bytes)} bytes and the SHA-256 ${then.input.sha256}; this has ${number(report.input?.bytes ?? 0)} bytes and ${report.input?.sha256 ?? 'none'}.`,
          ]),
    ...(report.problem ? [report.problem.says] : []),
    ...report.missing.map((name) => `The column ${name} is missing.`),
    ...report.wrongTypes.map(({ field, failed }) => `${field}: ${number(failed)} values are not as agreed.`),
    ...(report.output
      ? counts.flatMap(([what, now, before]) =>
          now === before ? [] : [`${number(now)} ${what}, where there were ${number(before)}.`],
        )
      : ['Nothing would leave of it today.']),
    ...(report.output
      ? [
          `What was sent had the SHA-256 ${data?.sha256 ?? 'none'}; what is made now has ${report.output.sha256}.`,
        ]
      : []),
    ...(sameInput && report.output
      ? [
          'If the pseudonym root of this instance was replaced since, codes differ: put back the keys of that time. Else this version writes otherwise than the one that sent it: use that one.',
        ]
      : []),
  ];
}
