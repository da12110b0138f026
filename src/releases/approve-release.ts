import { join } from 'node:path';
import { findAgreementById } from '../agreements/index.ts';
import { findPeople } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import type { Tx } from '../platform/database.ts';
import { hashFile } from '../platform/file-bytes.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { findRequest, judgeRequest, lockRequest, moveRequest } from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import type { Evaluation, Rulebook } from '../rulebook/index.ts';
import { approvalOf, factsOfRelease } from './judge-release.ts';
import { completePackage } from './make-package.ts';
import { packageFolder, removePackage } from './package-folder.ts';
import { recordRefusal } from './prepare-release.ts';
import { recordAct } from './record-act.ts';
import { mayApprove, releaseCan } from './rules.ts';
import { receiptOf, recordSending, toSend } from './send-release.ts';
import {
  type Encrypted,
  findRelease,
  findWorkings,
  forgetPreview,
  type Release,
  updateRelease,
} from './store.ts';

/** What became of an approval: sent, or refused by the rules (the release waits for somebody else). */
export type Approved = { ok: true; outcome: 'sent' | 'refused'; reference: string };

/**
 * Approves a prepared release and sends it. Everything is asked of the rules again, now with who approves: never who
 * prepared it. Sent means one transaction that marks it and writes both halves; a refusal is in both logs too.
 */
export async function approveRelease(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  releaseKey: string,
  key: string | null,
  now: Instant,
): Promise<Approved | Refusal> {
  const approver = caller.person;
  if (approver === null || !holdsRole(caller, mayApprove)) {
    const says = 'Your role cannot approve a release. The information asset owner can.';
    return refuse('no-authority', 'release.approve-no-authority', says);
  }
  const actor = actorOf(caller);
  const answer = await instance.database.write(actor, (tx) =>
    once(tx, key, ['release.approve', releaseKey], async (): Promise<Approved | Refusal> => {
      const release = await findToAnswerWith(tx, releaseKey);
      const workings = release && (await findWorkings(tx, instance.sealer, release.id));
      const request = release && (await findRequest(tx, release.requestId));
      const kept = release && (await findAgreementById(tx, release.agreementId));
      if (!release || !workings || !request || !kept || release.senderId !== caller.organisation.id) {
        return refuse(
          'not-found',
          'release.not-found',
          'There is no such release for your organisation to approve.',
        );
      }
      if (!releaseCan('approve', release.state)) {
        return refuse('conflict', 'release.answered-already', 'This release has been answered already.');
      }
      if (!requestCan('release', request.state)) {
        const says = `${request.reference} has been answered by another release. Withdraw this one.`;
        return refuse('conflict', 'release.request-answered', says);
      }
      // Whoever is erased and let in again is somebody else here: what they prepared before is nobody's to answer for.
      const people = await findPeople(tx, londonDay(now));
      if (!people.some((one) => one.id === release.preparedBy)) return preparerGone;
      const { approval, under } = await approvalOf(tx, release, approver);
      const facts = factsOfRelease(workings.report, approval);
      const evaluation = await judgeRequest(tx, rulebook, request, now, facts);
      if (evaluation.verdict !== 'share') {
        await recordRefusal(tx, caller, mayApprove, request, release, evaluation, now);
        return { ok: true, outcome: 'refused', reference: release.reference };
      }
      const folder = packageFolder(instance, release.id);
      const { encrypted } = workings;
      if (!encrypted || !(await isAsPrepared(folder, encrypted))) {
        const says =
          'The file is not the one that was prepared, so it cannot be sent. Withdraw it and prepare it again.';
        return refuse('conflict', 'release.file-changed', says);
      }
      const decided = {
        ...release,
        approvedBy: approver.id,
        rulebook: evaluation.rulebook,
        factsHash: evaluation.factsHash,
      };
      const decision = {
        request: request.reference,
        by: 'person',
        rulebook: decided.rulebook,
        facts: decided.factsHash,
      } as const;
      const parts = { release: decided, kept, report: workings.report, encrypted, decision, sentAt: now };
      const signed = await completePackage(tx, instance.sealer, folder, parts);
      // The rows first: the entry's parties are read from the release, and it commits to all of them.
      const leaving = toSend(decided, signed, now);
      if (!(await updateRelease(tx, 'prepared', leaving))) {
        return refuse('conflict', 'release.answered-already', 'This release has been answered already.');
      }
      await forgetPreview(tx, release.id);
      await moveRequest(tx, request.id, 'agreed', 'answered');
      await recordSending(tx, leaving, signed, caller, under, now);
      return { ok: true, outcome: 'sent', reference: release.reference };
    }),
  );
  if (answer.ok && answer.outcome === 'sent') {
    const release = await instance.database.read(actor, (db) => findRelease(db, releaseKey));
    if (release) await receiptOf(instance, release);
  }
  return answer;
}

/** What the rules would say if this person approved now: shown before they do. */
export async function judgeApproval(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  release: Release,
  now: Instant,
): Promise<Evaluation | null> {
  const { person } = caller;
  if (person === null) return null;
  return instance.database.read(actorOf(caller), async (db) => {
    const workings = await findWorkings(db, instance.sealer, release.id);
    const request = await findRequest(db, release.requestId);
    if (!workings || !request) return null;
    const { approval } = await approvalOf(db, release, person);
    return judgeRequest(db, rulebook, request, now, factsOfRelease(workings.report, approval));
  });
}

/** Withdraws a release that has not been approved: its files go, and the sender's log says so. */
export async function withdrawRelease(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; reference: string } | Refusal> {
  const withdrawn = await instance.database.write(actorOf(caller), (tx) =>
    once(tx, key, ['release.withdraw', releaseKey], async () => {
      const release = await findToAnswerWith(tx, releaseKey);
      if (release?.senderId !== caller.organisation.id) {
        return refuse('not-found', 'release.not-found', 'There is no such release.');
      }
      if (!holdsRole(caller, mayApprove) && caller.person?.id !== release.preparedBy) {
        const says = 'Only whoever prepared a release, or may approve it, can withdraw it.';
        return refuse('no-authority', 'release.withdraw-no-authority', says);
      }
      const moved =
        releaseCan('withdraw', release.state) &&
        (await updateRelease(tx, release.state, { ...release, state: 'withdrawn' }));
      if (!moved)
        return refuse('conflict', 'release.answered-already', 'This release has been answered already.');
      await forgetPreview(tx, release.id);
      const under = caller.person?.id === release.preparedBy ? {} : underOf(caller, mayApprove);
      const withdrawn = { ...release, state: 'withdrawn' } as const;
      await recordAct(tx, caller, 'release.withdrawn', withdrawn, under, now);
      return { ok: true, id: release.id, reference: release.reference } as const;
    }),
  );
  if (!withdrawn.ok) return withdrawn;
  await removePackage(instance, withdrawn.id);
  return { ok: true, reference: withdrawn.reference };
}

const preparerGone = refuse(
  'conflict',
  'release.preparer-gone',
  'Whoever prepared this is not here any more, so nobody can answer for it. Withdraw it and have it prepared again.',
);

// One at a time answers a request, because the package is written before the row: what is read here stays so.
async function findToAnswerWith(tx: Tx, key: string): Promise<Release | null> {
  const found = await findRelease(tx, key);
  if (!found) return null;
  await lockRequest(tx, found.requestId);
  return findRelease(tx, found.id);
}

// What was prepared and looked at is what is sent: the file is hashed again as it lies.
async function isAsPrepared(folder: string, { file, sha256 }: Encrypted): Promise<boolean> {
  return (await hashFile(join(folder, file)).catch(() => null)) === sha256;
}
