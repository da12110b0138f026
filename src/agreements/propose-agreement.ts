import { appendToLedger } from '../ledger/index.ts';
import { findOrganisations } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import type { Database, Db } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Problem } from '../platform/pure/read-document.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Agreement, agreementDigest } from './document.ts';
import { mayPropose } from './rules.ts';
import { sealedAgreements } from './sealed.ts';
import { findAgreement, saveAgreement } from './store.ts';

/**
 * Puts an agreement before its parties as a draft to sign: all of them are here, and the caller's organisation is one. A
 * reference stands for one agreement in the whole instance. `key` makes sending it twice the same as once.
 */
export async function proposeAgreement(
  database: Database,
  caller: Caller,
  id: string,
  agreement: Agreement,
  now: Instant,
  key: string | null = null,
): Promise<{ ok: true; id: string; digest: string } | Refusal> {
  if (!holdsRole(caller, mayPropose)) return notYoursToPropose;
  const digest = agreementDigest(agreement);
  return database.write(actorOf(caller), (tx) =>
    once(tx, key, ['agreement.propose', digest], async () => {
      const [problem] = await problemsHere(tx, caller, agreement);
      if (problem) return refuse('invalid', 'agreement.not-for-here', problem.says);
      const parties = agreement.parties.map((party) => party.organisation);
      const partyIds = (await findOrganisations(tx, parties)).map((one) => one.id);
      const kept = { id, digest, document: canonicalJson(agreement), agreement, partyIds: partyIds.sort() };
      if (!(await saveAgreement(tx, kept, now))) return taken(agreement);
      await appendToLedger(tx, {
        act: 'agreement.proposed',
        at: now,
        by: caller.organisation.id,
        parties: partyIds,
        personId: caller.person?.id ?? null,
        subject: { type: 'agreement', id },
        detail: {
          digest,
          reference: agreement.reference,
          version: agreement.version,
          ...underOf(caller, mayPropose),
        },
        seals: [{ of: sealedAgreements, key: [id] }],
      });
      return { ok: true, id, digest } as const;
    }),
  );
}

/** What keeps a whole agreement from being proposed here, by this caller: parties that are not here, or not among them. */
export async function problemsHere(db: Db, caller: Caller, agreement: Agreement): Promise<Problem[]> {
  const parties = agreement.parties.map((party) => party.organisation);
  const known = (await findOrganisations(db, parties)).map((one) => one.slug);
  const strangers = parties.flatMap((slug, at) =>
    known.includes(slug)
      ? []
      : [
          {
            path: `parties[${at}].organisation`,
            says: `There is no organisation ${slug} here. Check the spelling, or ask whoever runs this service to add it.`,
          },
        ],
  );
  const { slug, name } = caller.organisation;
  return [
    ...strangers,
    ...(parties.includes(slug)
      ? []
      : [{ path: 'parties', says: `${name} (${slug}) is not a party, so it cannot propose this.` }]),
    ...((await findAgreement(db, agreement.reference))
      ? [{ path: 'reference', says: taken(agreement).says }]
      : []),
  ];
}

function taken({ reference }: Agreement): Refusal {
  return refuse(
    'conflict',
    'agreement.exists',
    `There is an agreement ${reference} already. Give another reference.`,
  );
}

/** Whoever may not propose. */
export const notYoursToPropose = refuse(
  'no-authority',
  'agreement.propose-no-authority',
  'Your role cannot propose an agreement. The single point of contact, the data protection officer or the information asset owner can.',
);
