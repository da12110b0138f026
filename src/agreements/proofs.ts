import { findOrganisations, signingFingerprint } from '../organisations/index.ts';
import { PublicKeys } from '../organisations/rules.ts';
import type { Db } from '../platform/database.ts';
import type { SignatureProof } from './agreement-page.ts';
import type { KeptAgreement } from './store.ts';
import { provedSigners } from './verify-agreement.ts';

/** Each signature, proved again by the key that its organisation publishes now. */
export async function proofsOf(db: Db, kept: KeptAgreement): Promise<SignatureProof[]> {
  const bodies = await findOrganisations(
    db,
    kept.agreement.parties.map((party) => party.organisation),
  );
  const keys = new Map(bodies.flatMap((one) => (one.keys ? [[one.slug, one.keys.signing] as const] : [])));
  const proved = await provedSigners(kept, keys);
  const of = kept.signatures.map(async ({ organisationId, publicKey }) => {
    const organisation = bodies.find((one) => one.id === organisationId)?.slug ?? '';
    const fingerprint = await signingFingerprint(PublicKeys.shape.signing.parse(JSON.parse(publicKey)));
    return { organisationId, organisation, fingerprint, proved: proved.includes(organisation) };
  });
  return Promise.all(of);
}
