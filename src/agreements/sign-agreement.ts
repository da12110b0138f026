import { appendToLedger } from '../ledger/index.ts';
import { findKey, signAs } from '../organisations/index.ts';
import { actorOf, type Caller, roles, underOf } from '../organisations/rules.ts';
import type { Database } from '../platform/database.ts';
import { once } from '../platform/once.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { agreementCan, signingRole } from './rules.ts';
import { sealedAgreements, sealedSignatures } from './sealed.ts';
import { findAgreementById, type KeptAgreement, lockAgreement, saveSignature, setState } from './store.ts';

/** The media type in the header of an agreement's signature. */
export const agreementSignatureType = 'chirograph-agreement+jws';

/**
 * Signs an agreement for a party: over the bytes of its canonical JSON, with the organisation's key, naming the role
 * that signed. Only a role the agreement names may (R17). When the last party has signed, it is signed.
 */
export async function signAgreement(
  database: Database,
  sealer: Sealer,
  caller: Caller,
  agreementId: string,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; signed: 'by-all' | 'in-part' } | Refusal> {
  const { organisation, person } = caller;
  if (person === null) {
    return refuse(
      'no-authority',
      'agreement.sign-needs-person',
      'A person signs an agreement, not the command line.',
    );
  }
  return database.write(actorOf(caller), (tx) =>
    once(tx, key, ['agreement.sign', agreementId], async () => {
      // Two parties that sign at once would each see the other's place empty, and neither be the last.
      await lockAgreement(tx, agreementId);
      const kept = await findAgreementById(tx, agreementId);
      const party = kept?.agreement.parties.find((one) => one.organisation === organisation.slug);
      if (!kept || !party) return refuse('not-found', 'agreement.not-found', 'There is no such agreement.');
      if (!agreementCan('sign', kept.state) || hasSigned(kept, organisation.id)) {
        return refuse(
          'conflict',
          'agreement.signed-already',
          'Your organisation has signed this agreement already.',
        );
      }
      const role = signingRole(person.roles, party.maySign);
      if (role === null) {
        return refuse(
          'no-authority',
          'agreement.sign-no-authority',
          `The agreement says who may sign for ${party.legalName}: ${party.maySign.map((one) => roles[one].toLowerCase()).join(' or ')}. Ask one of them.`,
        );
      }
      const bytes = Buffer.from(kept.document);
      const header = { typ: agreementSignatureType, organisation: organisation.slug, role, signedAt: now };
      const signature = await signAs(tx, sealer, organisation.id, header, bytes);
      const { publicKey } = await findKey(tx, organisation.id, 'signing');
      await saveSignature(tx, kept, {
        ...signature,
        organisationId: organisation.id,
        personId: person.id,
        role,
        publicKey,
        signedAt: now,
      });
      const last = kept.signatures.length + 1 === kept.partyIds.length;
      if (last) await setState(tx, kept.id, 'signed');
      await appendToLedger(tx, {
        act: 'agreement.signed',
        at: now,
        by: organisation.id,
        parties: kept.partyIds,
        personId: person.id,
        subject: { type: 'agreement', id: kept.id },
        detail: {
          digest: kept.digest,
          reference: kept.agreement.reference,
          role,
          signature: signature.signature,
          ...underOf(caller, [role]),
        },
        seals: [
          { of: sealedAgreements, key: [kept.id] },
          { of: sealedSignatures, key: [kept.id, organisation.id] },
        ],
      });
      return { ok: true, signed: last ? 'by-all' : 'in-part' } as const;
    }),
  );
}

function hasSigned(kept: KeptAgreement, organisationId: string): boolean {
  return kept.signatures.some((signature) => signature.organisationId === organisationId);
}
