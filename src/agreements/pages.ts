import { findPartner, wordsIn } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { readPlace, writePlace } from '../platform/keyset.ts';
import { askedOf, nextOf } from '../platform/list-page.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';
import { agreementPage, agreementsPage, type Reader } from './agreement-page.ts';
import { compareRoutes } from './compare-pages.ts';
import { fileRoutes } from './file-pages.ts';
import { readLaw } from './law.ts';
import { readLintLaw } from './lint/lint-law.ts';
import { lintRoutes } from './lint-pages.ts';
import { agreementLists, agreementOrder, countAgreements, findAgreementList } from './lists.ts';
import { proofsOf } from './proofs.ts';
import { proposeRoutes } from './propose-pages.ts';
import { registerOf, registerPage } from './register-page.ts';
import { signAgreement } from './sign-agreement.ts';
import { startRoutes } from './start-pages.ts';
import { findAgreement, findRegister, registerOrder } from './store.ts';
import { surveyRoutes } from './survey-pages.ts';

/** The agreements of an organisation, to read, sign and take away; and the public register. */
export function agreementRoutes(instance: Instance): Route[] {
  const { database, sealer } = instance;
  const law = readLaw();
  const lintLaw = readLintLaw();
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

  const list = async ({ visitor, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const today = londonDay(now);
    const asked = askedOf(agreementOrder, query);
    return database.read(actorOf(caller), async (db): Promise<Answer> => {
      const found = wordsIn(query) === '' ? null : await findAgreement(db, wordsIn(query).toUpperCase());
      if (found) return { goTo: paths.agreement(found.agreement.reference) };
      const partnered = await findPartner(db, query);
      const partner = partnered.partner?.id ?? null;
      const counts = await countAgreements(db, today, partner);
      const lists = [];
      for (const one of asked.list === null ? agreementLists : [asked.list]) {
        const listed = await findAgreementList(db, one, { ...asked, today, partner });
        lists.push({ list: one, listed, count: counts[one] });
      }
      const model = agreementsPage({ asked, lists, partnered }, readerOf(caller), today);
      return { page: 'agreements.njk', model, next: nextOf(asked, model.sections) };
    });
  };

  // A page of the register, of everybody or of one body, with the address of the next.
  const register = async ({ query, now }: Exchange, size: number) => {
    const today = londonDay(now);
    const after = readPlace(query['after'], registerOrder);
    const body = bodyIn(query);
    const found = await database.read(null, (db) => findRegister(db, { today, body, after, size }));
    const next = found.next && { ...(body && { with: body }), after: writePlace(found.next) };
    return { register: registerOf(found.rows, law, today), next, start: after === null, body };
  };

  return [
    ...fileRoutes(database),
    ...startRoutes(database, law),
    ...proposeRoutes(database, law),
    ...lintRoutes(instance, lintLaw, law),
    ...surveyRoutes(instance, lintLaw),
    ...compareRoutes(database),
    {
      method: 'GET',
      path: paths.agreements(),
      who: 'signed-in',
      handle: list,
    },
    {
      method: 'GET',
      path: paths.agreement(':reference'),
      who: 'signed-in',
      handle: show,
    },
    {
      method: 'POST',
      path: paths.signAgreement(':reference'),
      who: 'signed-in',
      proveFirst: show,
      handle: async ({ visitor, params, idempotencyKey, now }) => {
        const caller = callerOf(visitor);
        const reference = params['reference'] ?? '';
        const kept = await database.read(actorOf(caller), (db) => findAgreement(db, reference));
        if (!kept) return notFound;
        const signed = await signAgreement(database, sealer, caller, kept.id, idempotencyKey, now);
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
      handle: async (exchange) => {
        const shown = await register(exchange, entriesOnAPage);
        const bodies = await database.read(null, (db) => findPartner(db, exchange.query));
        const next = shown.next && paths.register(shown.next);
        return { page: 'register.njk', model: registerPage({ ...shown, next }, bodies), next };
      },
    },
    {
      method: 'GET',
      path: paths.registerJson(),
      who: 'anyone',
      handle: async (exchange) => {
        const shown = await register(exchange, entriesInJson);
        return { json: shown.register, next: shown.next && paths.registerJson(shown.next) };
      },
    },
  ];
}

/** How many agreements a page of the register has, and how many its JSON. */
const entriesOnAPage = 20;
const entriesInJson = 100;

function bodyIn(query: Record<string, string>): string | null {
  const slug = query['with'] ?? '';
  return /^[a-z][a-z0-9-]{1,62}$/.test(slug) ? slug : null;
}

function readerOf({ organisation, person }: Caller): Reader {
  return { organisation, roles: person?.roles ?? [] };
}
