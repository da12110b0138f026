import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findAgreement, type KeptAgreement } from '../agreements/index.ts';
import { findOrganisation } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, type PublicKeys } from '../organisations/rules.ts';
import type { PipelineReport } from '../pipeline/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { beneath } from '../platform/trouble.ts';
import {
  type Asked,
  type DataRequest,
  gatherFacts,
  hasStandingApproval,
  moveRequest,
  nextReference as nextRequestReference,
  recordDecision,
  recordRequest,
  saveRequest,
} from '../requests/index.ts';
import { type Evaluation, evaluate, type Rulebook } from '../rulebook/index.ts';
import { deliver } from './deliver.ts';
import { factsOfRelease } from './judge-release.ts';
import { completePackage, encryptOutput } from './make-package.ts';
import { packageFolder, placePackage, removePackage } from './package-folder.ts';
import { mayPrepare, packageFiles } from './rules.ts';
import { findLast, runPlan } from './run-plan.ts';
import { receiptOf, recordSending, toSend } from './send-release.ts';
import { newRelease, nextReference, type Release, saveRelease, saveWorkings } from './store.ts';

/** What to share: under which agreement, to whom, for what, from which file, into which folder (both absolute). */
export type ShareData = {
  agreement: string;
  dataSet: string;
  to: string;
  purpose: string;
  input: string;
  out: string;
};

/** What came of it. Only `sent` leaves anything in the folder. */
export type Shared =
  | {
      ok: true;
      outcome: 'sent';
      evaluation: Evaluation;
      id: string;
      reference: string;
      files: string[];
      receipt: string;
    }
  | { ok: true; outcome: 'refused'; evaluation: Evaluation; reference: string; report: PipelineReport | null }
  | { ok: true; outcome: 'waiting'; evaluation: Evaluation; reference: string };

/**
 * Shares a file under a signed agreement, from decision to receipt. The rules look at everything there is to look at
 * and speak first; a refusal is in both logs. What they allow goes where the agreement has already approved it (R45);
 * otherwise it is left as a request, waiting for a person.
 */
export async function shareData(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  given: ShareData,
  now: Instant,
): Promise<Shared | Refusal> {
  if (!holdsRole(caller, mayPrepare)) {
    return refuse(
      'no-authority',
      'share.no-authority',
      'Your role cannot prepare a release. Ask a colleague who can.',
    );
  }
  const found = await findWhatToShare(instance, caller, given);
  if (!found.ok) return found;
  const { kept, asked, last, recipientKeys } = found;
  return withStaging(instance, async (staging) => {
    const report = await runPlan(instance, kept, asked, {
      input: given.input,
      staging,
      today: londonDay(now),
      last,
    });
    const evaluation = await instance.database.read(actorOf(caller), async (db) => {
      // With no terms for this data set there was no plan to run, and what fails is said without it.
      const approval = hasStandingApproval(kept, asked) ? ({ by: 'agreement' } as const) : null;
      const about = report && factsOfRelease(report, approval);
      return evaluate(rulebook, await gatherFacts(db, kept, asked, now, about));
    });
    const request = await newRequest(instance, caller, kept, asked, now);
    if (evaluation.verdict !== 'share' || !report?.output || !recipientKeys) {
      if (evaluation.verdict === 'share') throw new Error('The rules allow a release that has no data');
      await refuseSharing(instance, caller, request, evaluation, now);
      return { ok: true, outcome: 'refused', evaluation, reference: request.reference, report };
    }
    if (!hasStandingApproval(kept, asked)) {
      await instance.database.write(actorOf(caller), (tx) => recordRequest(tx, request, {}, now));
      return { ok: true, outcome: 'waiting', evaluation, reference: request.reference };
    }
    const release = await send(
      instance,
      caller,
      { kept, request, report, evaluation, recipientKeys, staging },
      now,
    );
    const folder = packageFolder(instance, release.id);
    await receiptOf(instance, release);
    const names = [...(await readdir(folder))].sort();
    const files = await deliver({
      staging,
      files: names.map((name) => ({ from: join(folder, name), name })),
      folder: given.out,
      done: `${release.reference} is sent, and both logs say so. Its package is in ${folder}; copy it from there, and do not share it again.`,
    });
    const receipt = join(given.out, packageFiles.receipt);
    return {
      ok: true,
      outcome: 'sent',
      evaluation,
      id: release.id,
      reference: release.reference,
      files,
      receipt,
    };
  });
}

async function findWhatToShare(instance: Instance, caller: Caller, given: ShareData) {
  return instance.database.read(actorOf(caller), async (db) => {
    const kept = await findAgreement(db, given.agreement);
    if (!kept) {
      const says = `${caller.organisation.name} has no agreement ${given.agreement}. Check the reference, and that you are a party to it.`;
      return refuse('not-found', 'share.no-agreement', says);
    }
    const recipient = await findOrganisation(db, given.to);
    if (!recipient || recipient.id === caller.organisation.id) {
      const says = `There is no other organisation ${given.to} here. Check the spelling: it is the short name, such as westmarch-opcc.`;
      return refuse('not-found', 'share.no-recipient', says);
    }
    const { keys, ...to } = recipient;
    const asked: Asked = {
      sender: caller.organisation,
      recipient: to,
      dataSet: given.dataSet,
      purpose: given.purpose,
    };
    const last = await findLast(db, kept, given.dataSet);
    return { ok: true as const, kept, asked, last, recipientKeys: keys };
  });
}

async function newRequest(
  instance: Instance,
  caller: Caller,
  kept: KeptAgreement,
  asked: Asked,
  now: Instant,
): Promise<DataRequest> {
  const reference = await instance.database.write(actorOf(caller), (tx) => nextRequestReference(tx, now));
  return {
    id: newId(),
    reference,
    agreementId: kept.id,
    holderId: asked.sender.id,
    recipientId: asked.recipient.id,
    dataSet: asked.dataSet,
    purpose: asked.purpose,
    need: `Systematic sharing under ${kept.agreement.reference}.`,
    neededBy: null,
    state: 'waiting',
    raisedByOrganisation: caller.organisation.id,
    raisedByPerson: caller.person?.id ?? null,
    raisedAt: now,
  };
}

async function refuseSharing(
  instance: Instance,
  caller: Caller,
  request: DataRequest,
  evaluation: Evaluation,
  now: Instant,
): Promise<void> {
  await instance.database.write(actorOf(caller), async (tx) => {
    await saveRequest(tx, request);
    const answer = { decision: 'refuse', reasons: 'The rules refuse it: see what fails.' } as const;
    await recordDecision(tx, caller, request, evaluation, answer, { agreement: true }, now);
  });
}

type Sending = {
  kept: KeptAgreement;
  request: DataRequest;
  report: PipelineReport;
  evaluation: Evaluation;
  recipientKeys: PublicKeys;
  staging: string;
};

// The package is whole and on the disk before one transaction marks it sent and writes both halves.
async function send(instance: Instance, caller: Caller, sending: Sending, now: Instant): Promise<Release> {
  const { kept, request, evaluation, staging } = sending;
  const { preview: _, ...report } = sending.report;
  if (!report.output) throw new Error('A release without data');
  const built = join(staging, 'package');
  const encrypted = await encryptOutput(report.output, request.dataSet, sending.recipientKeys, built);
  const draft: Release = {
    ...newRelease(request, evaluation, now),
    reference: await instance.database.write(actorOf(caller), (tx) => nextReference(tx, now)),
    preparedBy: caller.person?.id ?? null,
  };
  const decision = {
    request: request.reference,
    by: 'agreement',
    rulebook: evaluation.rulebook,
    facts: evaluation.factsHash,
  } as const;
  const parts = { release: draft, kept, report, encrypted, decision, sentAt: now };
  const signed = await instance.database.read(actorOf(caller), (db) =>
    completePackage(db, instance.sealer, built, parts),
  );
  await placePackage(instance, built, draft.id);
  try {
    return await instance.database.write(actorOf(caller), async (tx) => {
      await saveRequest(tx, request);
      const answer = {
        decision: 'share',
        reasons: `Approved in advance by ${kept.agreement.reference}.`,
      } as const;
      await recordDecision(tx, caller, request, evaluation, answer, { agreement: true }, now);
      // The rows first: the entry's parties are read from the release, and it commits to all of them.
      const sent = toSend(draft, signed, now);
      const { findings } = evaluation;
      await saveRelease(tx, sent);
      await saveWorkings(tx, instance.sealer, sent, { report, findings, preview: null, encrypted });
      await moveRequest(tx, request.id, 'agreed', 'answered');
      await recordSending(tx, sent, signed, caller, null, now);
      return sent;
    });
  } catch (error) {
    // Whether a commit that nobody answered was made, only the database knows: then the sweep decides.
    if (beneath(error) !== 'database-away') await removePackage(instance, draft.id);
    throw error;
  }
}
