import { appendToLedger } from '../ledger/index.ts';
import { findOrganisations } from '../organisations/index.ts';
import { actorOf, type Caller } from '../organisations/rules.ts';
import type { Database } from '../platform/database.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { type Agreement, agreementDigest } from './document.ts';
import { sealedAgreements } from './sealed.ts';
import { findAgreement, saveAgreement } from './store.ts';

/** Puts an agreement before its parties as a draft to sign. The caller's organisation must be one of them. */
export async function proposeAgreement(
  database: Database,
  caller: Caller,
  id: string,
  agreement: Agreement,
  now: Instant,
): Promise<{ ok: true; id: string; digest: string } | Refusal> {
  return database.write(actorOf(caller), async (tx) => {
    const known = await findOrganisations(
      tx,
      agreement.parties.map((party) => party.organisation),
    );
    const parties = agreement.parties.map(({ organisation }) =>
      known.find(({ slug }) => slug === organisation),
    );
    const missing = agreement.parties.filter((_, at) => !parties[at]).map((party) => party.organisation);
    if (missing.length > 0) {
      return refuse(
        'invalid',
        'agreement.unknown-party',
        `These parties are not known here: ${missing.join(', ')}. Check the spelling, or add the organisation first.`,
      );
    }
    if (await findAgreement(tx, agreement.reference)) {
      return refuse('conflict', 'agreement.exists', `There is an agreement ${agreement.reference} already.`);
    }
    const partyIds = parties.flatMap((party) => (party ? [party.id] : [])).sort();
    const digest = agreementDigest(agreement);
    await saveAgreement(tx, { id, digest, document: canonicalJson(agreement), agreement, partyIds }, now);
    await appendToLedger(tx, {
      act: 'agreement.proposed',
      at: now,
      by: caller.organisation.id,
      parties: partyIds,
      personId: caller.person?.id ?? null,
      subject: { type: 'agreement', id },
      detail: { digest, reference: agreement.reference, version: agreement.version },
      seals: [{ of: sealedAgreements, key: [id] }],
    });
    return { ok: true, id, digest } as const;
  });
}
