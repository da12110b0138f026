import { join } from 'node:path';
import { findAgreementById } from '../agreements/index.ts';
import { appendToLedger } from '../ledger/index.ts';
import { findOrganisation } from '../organisations/index.ts';
import { actorOf, authorityOf, type Caller, type Role, underOf } from '../organisations/rules.ts';
import type { Progress } from '../pipeline/index.ts';
import type { Tx } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { beneath } from '../platform/trouble.ts';
import {
  askedOf,
  type DataRequest,
  dataSetOf,
  failingRules,
  findRequest,
  judgeRequest,
  partiesOf as partiesOfRequest,
} from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import type { Evaluation, Rulebook } from '../rulebook/index.ts';
import { factsOfRelease } from './judge-release.ts';
import { encryptOutput } from './make-package.ts';
import { placePackage, removePackage } from './package-folder.ts';
import { recordAct } from './record-act.ts';
import { mayPrepare } from './rules.ts';
import { findLast, runPlan } from './run-plan.ts';
import { sealedReleases, sealedWorkings } from './sealed.ts';
import {
  type Encrypted,
  newRelease,
  nextReference,
  type Release,
  saveRelease,
  saveWorkings,
} from './store.ts';

/** The group sizes that people weigh against one another. */
const usualK = [2, 3, 5, 10, 20, 50];

/** Nothing is done when `ending` is aborted before it is prepared; `watch` is told how far it is; `k`: larger groups than agreed. */
type Preparing = { ending?: AbortSignal; watch?: (progress: Progress) => void; k?: number | null };

/**
 * Prepares what an agreed request will be answered with: runs the agreed plan over a file, asks the rules, and encrypts
 * what would leave. A colleague looks at exactly that and approves it. What the rules refuse is in both logs, and
 * nothing of the file is kept.
 */
export async function prepareRelease(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  requestKey: string,
  input: string,
  key: string | null,
  now: Instant,
  { ending, watch, k = null }: Preparing = {},
): Promise<{ ok: true; id: string; reference: string; refused: boolean } | Refusal> {
  const authority = caller.person && authorityOf(caller.person, mayPrepare);
  if (!caller.person || !authority) {
    const says = 'Your role cannot prepare a release. Ask a colleague who can.';
    return refuse('no-authority', 'release.prepare-no-authority', says);
  }
  const preparedBy = caller.person.id;
  const actor = actorOf(caller);
  const found = await instance.database.read(actor, async (db) => {
    const request = await findRequest(db, requestKey);
    const kept = request && (await findAgreementById(db, request.agreementId));
    if (!request || !kept || request.holderId !== caller.organisation.id) return null;
    const asked = await askedOf(db, request);
    const recipient = await findOrganisation(db, asked.recipient.slug);
    const last = await findLast(db, kept, request.dataSet);
    return { request, kept, asked, last, recipientKeys: recipient?.keys ?? null };
  });
  if (!found)
    return refuse(
      'not-found',
      'request.not-found',
      'There is no such request for your organisation to answer.',
    );
  const { request, kept, asked, last, recipientKeys } = found;
  if (!requestCan('release', request.state)) {
    const says = 'This request is not agreed, so nothing can be released for it. Look at its decision first.';
    return refuse('conflict', 'release.request-not-agreed', says);
  }
  return withStaging(instance, async (staging) => {
    const agreedK = dataSetOf(kept.agreement, request.dataSet)?.protection?.k;
    const curve = agreedK === undefined ? usualK : [...usualK, agreedK];
    const given = { input, staging, today: londonDay(now), last, curve, k };
    const report = await runPlan(instance, kept, asked, given, ending, watch);
    if (!report || !recipientKeys)
      throw new Error('An agreed request without terms or a recipient without keys');
    // Nobody has approved yet: the rule about that is asked when somebody does.
    const facts = factsOfRelease(report, null);
    const evaluation = await instance.database.read(actor, (db) =>
      judgeRequest(db, rulebook, request, now, facts),
    );
    const refused = evaluation.verdict !== 'share' || report.output === null;
    const { preview, ...keptReport } = report;
    const draft: Release = {
      ...newRelease(request, evaluation, now),
      preparedBy,
      preparedUnder: authority.under,
    };
    let encrypted: Encrypted | null = null;
    if (report.output && !refused) {
      const built = join(staging, 'package');
      encrypted = await encryptOutput(report.output, request.dataSet, recipientKeys, built);
      await placePackage(instance, built, draft.id);
    }
    try {
      ending?.throwIfAborted();
      const answer = await instance.database.write(actor, (tx) =>
        once(tx, key, ['release.prepare', request.id], async () => {
          const reference = await nextReference(tx, now);
          const release: Release = { ...draft, reference, state: refused ? 'refused' : 'prepared' };
          await saveRelease(tx, release);
          const workings = {
            report: keptReport,
            findings: evaluation.findings,
            preview: refused ? null : preview,
            encrypted,
          };
          await saveWorkings(tx, instance.sealer, release, workings);
          if (refused) await recordRefusal(tx, caller, mayPrepare, request, release, evaluation, now);
          else {
            const detail = {
              facts: release.factsHash,
              rulebook: release.rulebook,
              ...underOf(caller, mayPrepare),
            };
            await recordAct(tx, caller, 'release.prepared', release, detail, now);
          }
          return { ok: true, id: release.id, reference, refused } as const;
        }),
      );
      if (answer.id !== draft.id) await removePackage(instance, draft.id);
      return answer;
    } catch (error) {
      // Whether a commit that nobody answered was made, only the database knows: then the sweep decides.
      if (beneath(error) !== 'database-away') await removePackage(instance, draft.id);
      throw error;
    }
  });
}

/**
 * A refusal to release what a request was agreed for, in both parties' logs: it is about the request they share. `roles`
 * are those that let do what was refused.
 */
export async function recordRefusal(
  tx: Tx,
  caller: Caller,
  roles: readonly Role[],
  request: DataRequest,
  release: Release,
  evaluation: Evaluation,
  now: Instant,
): Promise<void> {
  await appendToLedger(tx, {
    act: 'release.refused',
    at: now,
    by: release.senderId,
    parties: partiesOfRequest(request),
    personId: caller.person?.id ?? null,
    subject: { type: 'request', id: request.id },
    detail: {
      facts: evaluation.factsHash,
      failing: failingRules(evaluation),
      reference: release.reference,
      ...underOf(caller, roles),
      rulebook: evaluation.rulebook,
      verdict: evaluation.verdict,
    },
    seals: sealsOf(release),
  });
}

function sealsOf({ id }: Release) {
  return [
    { of: sealedReleases, key: [id] },
    { of: sealedWorkings, key: [id] },
  ];
}
