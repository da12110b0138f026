import { z } from 'zod';
import { type DetachedSignature, proveSignature, signingFingerprint } from '../organisations/index.ts';
import { PublicKeys, type TrustedKeys } from '../organisations/rules.ts';
import { canonicalJson, parseCanonicalJson } from '../platform/pure/canonical-json.ts';
import { allHold, type Check } from '../platform/pure/check.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { type Agreement, parseAgreement } from './document.ts';
import { agreementSignatureType } from './sign-agreement.ts';
import type { KeptAgreement } from './store.ts';

/**
 * A signed agreement as a file: a JWS in general JSON serialisation (RFC 7515 s.7.2.1), one signature a party, each
 * with the public key that made it in its unprotected header.
 */
const SignedAgreement = z.strictObject({
  payload: z.string(),
  signatures: z
    .array(
      z.strictObject({
        header: z.strictObject({ jwk: PublicKeys.shape.signing }),
        protected: z.string(),
        signature: z.string(),
      }),
    )
    .min(1),
});
type SignedAgreement = z.infer<typeof SignedAgreement>;

/** The text of an agreement and its signatures, for anyone to verify. */
export function exportAgreement(kept: KeptAgreement): string {
  const signatures = kept.signatures.map((one) => ({
    header: { jwk: JSON.parse(one.publicKey) },
    protected: one.protected,
    signature: one.signature,
  }));
  return textOf({ payload: Buffer.from(kept.document).toString('base64url'), signatures });
}

// One spelling only: canonical JSON, with the signatures in the order of their headers.
function textOf({ payload, signatures }: SignedAgreement): string {
  const inOrder = [...signatures].sort((one, other) => (one.protected < other.protected ? -1 : 1));
  return canonicalJson({ payload, signatures: inOrder });
}

/**
 * The parties whose signature over these exact words is proved, by their own key (`keys`, by short name), made in a
 * role the agreement lets sign. This is what the rules call signed.
 */
export async function provedSigners(
  kept: Pick<KeptAgreement, 'document' | 'agreement' | 'signatures'>,
  keys: Map<string, PublicKeys['signing']>,
): Promise<string[]> {
  const bytes = Buffer.from(kept.document);
  const proved = await Promise.all(
    [...keys].flatMap(([organisation, key]) =>
      kept.signatures.map(async (one) =>
        (await signerOf(one, bytes, kept.agreement, key)) === organisation ? organisation : null,
      ),
    ),
  );
  return [...new Set(proved.filter((organisation) => organisation !== null))].sort();
}

/** The party that a signature by this key is of; null where it proves nothing, or its role may not sign. */
async function signerOf(
  signature: DetachedSignature,
  bytes: Uint8Array,
  agreement: Agreement,
  key: PublicKeys['signing'],
): Promise<string | null> {
  const { protected: encoded, signature: mark } = signature;
  const detached = { protected: encoded, signature: mark };
  const header = await proveSignature(detached, agreementSignatureType, bytes, key);
  const party = agreement.parties.find((one) => one.organisation === header?.['organisation']);
  return party?.maySign.some((allowed) => allowed === header?.['role']) ? party.organisation : null;
}

/** Checks a signed agreement, offline: its words, and that every party and nobody else has signed them. */
export async function verifyAgreement(bytes: Buffer, trusted: TrustedKeys | null): Promise<Check[]> {
  const file = readSignedAgreement(bytes);
  if (!file) {
    const detail = 'This is not a signed agreement as Chirograph exports it, to the byte.';
    return [{ name: 'agreement-file', ok: false, detail }];
  }
  const { agreement, document, signatures } = file;
  const signers = await Promise.all(
    signatures.map((one) => signerOf(one, document, agreement, one.header.jwk)),
  );
  const unsigned = agreement.parties.filter(({ organisation }) => !signers.includes(organisation));
  const held = new Map(trusted?.organisations.map((one) => [one.organisation, canonicalJson(one.signing)]));
  const strangers = signatures.filter(
    (one, at) => held.get(signers[at] ?? '') !== canonicalJson(one.header.jwk),
  );
  const prints = await Promise.all(signatures.map((one) => signingFingerprint(one.header.jwk)));
  const right = signers.filter((signer) => signer !== null);
  return [
    {
      name: 'agreement-file',
      ok: true,
      detail: `${agreement.reference} version ${agreement.version}, sha256:${sha256Hex(document)}`,
    },
    {
      name: 'signatures',
      ok: right.length === signatures.length && new Set(right).size === right.length,
      detail: `${right.length} of ${signatures.length} signatures are right, each by a role that may sign`,
    },
    {
      name: 'all-parties-signed',
      ok: unsigned.length === 0,
      detail:
        unsigned.length === 0
          ? right.join(', ')
          : `not signed by ${unsigned.map((one) => one.organisation).join(', ')}`,
    },
    {
      name: 'keys-trusted',
      ok: trusted !== null && strangers.length === 0,
      ...(trusted === null ? { advisory: true } : {}),
      detail: signers.map((one, at) => `${one ?? 'unknown'} ${prints[at]}`).join(', '),
    },
  ];
}

/** The keys that signed an agreement, for checking other things by; null unless every party has signed it rightly. */
export async function keysOfAgreement(bytes: Buffer): Promise<TrustedKeys | null> {
  const file = readSignedAgreement(bytes);
  const checks = await verifyAgreement(bytes, null);
  if (!file || !allHold(checks)) return null;
  const { agreement, document, signatures } = file;
  const organisations = await Promise.all(
    signatures.map(async (one) => ({
      organisation: (await signerOf(one, document, agreement, one.header.jwk)) ?? '',
      signing: one.header.jwk,
      log: null,
    })),
  );
  return { organisations };
}

/** Reads a signed agreement; null unless every byte is as we would write it. */
function readSignedAgreement(bytes: Buffer) {
  try {
    const text = bytes.toString('utf8');
    if (!Buffer.from(text).equals(bytes)) return null;
    const file = SignedAgreement.parse(JSON.parse(text));
    if (textOf(file) !== text) return null;
    const { payload, signatures } = file;
    const document = Buffer.from(payload, 'base64url');
    if (document.toString('base64url') !== payload) return null;
    parseCanonicalJson(document.toString('utf8'));
    const parsed = parseAgreement(document.toString('utf8'));
    return parsed.ok ? { agreement: parsed.agreement, document, signatures } : null;
  } catch {
    return null;
  }
}
