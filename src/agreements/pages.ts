import { findPublicOrganisations, signingFingerprint } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf, PublicKeys } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Db } from '../platform/database.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';
import { agreementPage, agreementsPage, type Reader, type SignatureProof } from './agreement-page.ts';
import { readLaw } from './law.ts';
import { registerOf, registerPage } from './register-page.ts';
import { signAgreement } from './sign-agreement.ts';
import { findAgreement, findAgreements, findRegister, type KeptAgreement } from './store.ts';
import { exportAgreement, provedSigners } from './verify-agreement.ts';

/** The agreements of an organisation, to read, sign and take away; and the public register. */
export function agreementRoutes({ database, sealer }: Instance): Route[] {
  const law = readLaw();
  const notFound = {
    refused: refuse('not-found', 'agreement.not-found', 'Your organisation has no such agreement.'),
  };

  const page = (
    caller: Caller,
    reference: string,
    now: Instant,
  ): Promise<(Answer & { page: string }) | null> =>
    database.read(actorOf(caller), async (db) => {
      const kept = await findAgreement(db, reference);
      if (!kept) return null;
      const proofs = await proofsOf(db, kept);
      const model = agreementPage(kept, proofs, readerOf(caller), law, londonDay(now));
      return { page: 'agreement.njk', model };
    });

  const show = async ({ visitor, params, now }: Exchange): Promise<Answer> =>
    (await page(callerOf(visitor), params['reference'] ?? '', now)) ?? notFound;

  const register = async (now: Instant) =>
    registerOf(await database.read(null, findRegister), law, londonDay(now));

  return [
    {
      method: 'GET',
      path: paths.agreements(),
      who: 'signed-in',
      handle: async ({ visitor, now }) => {
        const caller = callerOf(visitor);
        const all = await database.read(actorOf(caller), findAgreements);
        return { page: 'agreements.njk', model: agreementsPage(all, readerOf(caller), londonDay(now)) };
      },
    },
    {
      method: 'GET',
      path: paths.agreement(':reference'),
      who: 'signed-in',
      handle: show,
    },
    {
      method: 'GET',
      path: paths.signedAgreement(':reference'),
      who: 'signed-in',
      handle: async ({ visitor, params }) => {
        const reference = params['reference'] ?? '';
        const kept = await database.read(actorOf(callerOf(visitor)), (db) => findAgreement(db, reference));
        if (!kept || kept.signatures.length === 0) return notFound;
        const file = Buffer.from(exportAgreement(kept));
        return { file, name: `${reference}.json`, type: 'application/json' };
      },
    },
    {
      method: 'POST',
      path: paths.signAgreement(':reference'),
      who: 'signed-in',
      proveFirst: show,
      handle: async ({ visitor, params, now }) => {
        const caller = callerOf(visitor);
        const reference = params['reference'] ?? '';
        const kept = await database.read(actorOf(caller), (db) => findAgreement(db, reference));
        if (!kept) return notFound;
        const signed = await signAgreement(database, sealer, caller, kept.id, now);
        if (!signed.ok) return { refused: signed, ...(await page(caller, reference, now)) };
        const notice =
          signed.signed === 'by-all'
            ? `You have signed ${reference}. Every party has now signed it.`
            : `You have signed ${reference}. It waits for the other parties.`;
        return { goTo: paths.agreement(reference), notice };
      },
    },
    {
      method: 'GET',
      path: paths.register(),
      who: 'anyone',
      handle: async ({ now }) => ({ page: 'register.njk', model: registerPage(await register(now)) }),
    },
    {
      method: 'GET',
      path: paths.registerJson(),
      who: 'anyone',
      handle: async ({ now }) => ({ json: await register(now) }),
    },
  ];
}

function readerOf({ organisation, person }: Caller): Reader {
  return { organisation, roles: person?.roles ?? [] };
}

/** Each signature, proved again by the key that its organisation publishes now. */
async function proofsOf(db: Db, kept: KeptAgreement): Promise<SignatureProof[]> {
  const bodies = await findPublicOrganisations(db);
  const keys = new Map(bodies.flatMap((one) => (one.keys ? [[one.slug, one.keys.signing] as const] : [])));
  const proved = await provedSigners(kept, keys);
  const of = kept.signatures.map(async ({ organisationId, publicKey }) => {
    const organisation = bodies.find((one) => one.id === organisationId)?.slug ?? '';
    const fingerprint = await signingFingerprint(PublicKeys.shape.signing.parse(JSON.parse(publicKey)));
    return { organisationId, organisation, fingerprint, proved: proved.includes(organisation) };
  });
  return Promise.all(of);
}
