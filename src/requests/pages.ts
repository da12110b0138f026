import { findAgreement, findAgreementList, findAgreementsById } from '../agreements/index.ts';
import { findOrganisations, findPartner } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf, holdsRole, type Role } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse, refuseForm } from '../platform/refusal.ts';
import type { Evaluation, Rulebook } from '../rulebook/index.ts';
import { decideRequest, judgeRequest } from './decide-request.ts';
import { listRoutes } from './list-pages.ts';
import { checkRequest, makeRequest } from './make-request.ts';
import {
  askPage,
  checkPage,
  choosingOf,
  messageOf,
  mostAgreements,
  type Typed,
  typedIn,
} from './page-ask.ts';
import { confirmPage, decidePage } from './page-decide.ts';
import { type FindReleases, findKnownRequest, isHolder, type KnownRequest } from './page-known.ts';
import { requestPage } from './page-request.ts';
import { DecideRequest, MakeRequest, mayAsk, mayDecide, requestCan } from './rules.ts';

/** What later folders own and these pages show: who may prepare a release, and how releases are found. */
export type Later = { mayPrepare: readonly Role[]; releases: FindReleases };

/** Asking for data, and deciding. */
export function requestRoutes(instance: Instance, rulebook: Rulebook, later: Later): Route[] {
  return [
    ...listRoutes(instance, later.releases),
    ...askRoutes(instance, rulebook),
    ...decideRoutes(instance, rulebook, later),
  ];
}

function askRoutes({ database }: Instance, rulebook: Rulebook): Route[] {
  // With many agreements the partner is chosen first; what was chosen before is always among the offers.
  const form = (caller: Caller, typed: Typed, { query, now }: Pick<Exchange, 'query' | 'now'>) =>
    database.read(actorOf(caller), async (db) => {
      const partnered = await findPartner(db, query);
      const partner = partnered.partner?.id ?? null;
      const about = { today: londonDay(now), partner, after: null, size: mostAgreements };
      const { rows, next } = await findAgreementList(db, 'current', about);
      const [reference = ''] = typed.offer.split(' ');
      const chosen = await findAgreement(db, reference);
      const ids = next === null || partner !== null ? rows.map((one) => one.id) : [];
      const offering = await findAgreementsById(db, [...new Set([...ids, ...(chosen ? [chosen.id] : [])])]);
      const slugs = offering.flatMap(({ agreement }) => agreement.parties.map((one) => one.organisation));
      const model = askPage(offering, await findOrganisations(db, slugs), caller, typed);
      return { page: 'ask.njk', model: { ...model, ...choosingOf(partnered, next !== null) } };
    });

  // The form again, with what was typed: also the way back from the answers.
  const ask = async ({ visitor, form: sent, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    return holdsRole(caller, mayAsk)
      ? form(caller, typedIn(sent), { query, now })
      : { refused: notYoursToAsk };
  };

  const check = async ({ visitor, form: sent, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const typed = typedIn(sent);
    if (!holdsRole(caller, mayAsk)) return { refused: notYoursToAsk };
    const read = MakeRequest.safeParse(messageOf(typed));
    if (!read.success) {
      return {
        refused: asOnTheForm(refuseForm('request', read.error.issues)),
        ...(await form(caller, typed, { query, now })),
      };
    }
    const checked = await checkRequest(database, rulebook, caller, read.data, now);
    if (!checked.ok)
      return { refused: asOnTheForm([checked]), ...(await form(caller, typed, { query, now })) };
    const { agreement, asked, evaluation } = checked;
    const model = checkPage(agreement, asked.sender, caller, read.data, evaluation, typed);
    return { page: 'check-request.njk', model };
  };

  const submit = async ({ visitor, form: sent, query, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const typed = typedIn(sent);
    const read = MakeRequest.safeParse(messageOf(typed));
    if (!read.success) {
      return {
        refused: asOnTheForm(refuseForm('request', read.error.issues)),
        ...(await form(caller, typed, { query, now })),
      };
    }
    const made = await makeRequest(database, caller, read.data, idempotencyKey, now);
    if (made.ok) {
      return {
        goTo: paths.request(made.reference),
        notice: `${made.reference} is sent. Both logs record it.`,
      };
    }
    return made.kind === 'no-authority'
      ? { refused: made }
      : { refused: asOnTheForm([made]), ...(await form(caller, typed, { query, now })) };
  };

  return [
    { method: 'GET', path: paths.newRequest(), who: 'signed-in', handle: ask },
    { method: 'POST', path: paths.newRequest(), who: 'signed-in', handle: ask },
    { method: 'POST', path: paths.checkRequest(), who: 'signed-in', handle: check },
    { method: 'POST', path: paths.requests(), who: 'signed-in', handle: submit },
  ];
}

function decideRoutes({ database }: Instance, rulebook: Rulebook, later: Later): Route[] {
  type Found = { known: KnownRequest; evaluation: Evaluation | null };

  const find = (caller: Caller, key: string, now: Exchange['now']): Promise<Found | null> =>
    database.read(actorOf(caller), async (db) => {
      const known = await findKnownRequest(db, later.releases, key, now);
      if (!known) return null;
      const { request } = known;
      const decides = isHolder(caller, request) && holdsRole(caller, mayDecide);
      const open = decides && requestCan('decide', request.state);
      return { known, evaluation: open ? await judgeRequest(db, rulebook, request, now) : null };
    });

  const show = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const found = await find(caller, params['id'] ?? '', now);
    if (!found) return { refused: noSuchRequest };
    const { known, evaluation } = found;
    return evaluation
      ? { page: 'decide.njk', model: decidePage(known, evaluation, caller, now) }
      : { page: 'request.njk', model: requestPage(known, caller, holdsRole(caller, later.mayPrepare), now) };
  };

  // The choice is in the address, so that reloading and going back keep it.
  const confirm = async ({ visitor, params, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const found = await find(caller, params['id'] ?? '', now);
    if (!found) return { refused: noSuchRequest };
    const { known, evaluation } = found;
    if (!evaluation) return { refused: whyNot(known, caller) };
    const chosen = DecideRequest.shape.decision.safeParse(query['decision']);
    if (chosen.success) {
      return { page: 'confirm-decision.njk', model: confirmPage(known, evaluation, chosen.data, null) };
    }
    const issues = chosen.error.issues.map((issue) => ({ ...issue, path: ['decision'] }));
    const model = decidePage(known, evaluation, caller, now);
    return { refused: refuseForm('request', issues), page: 'decide.njk', model };
  };

  const decide = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, params, form, idempotencyKey, now } = exchange;
    const caller = callerOf(visitor);
    const key = params['id'] ?? '';
    const given = { decision: fieldOf(form, 'decision'), reasons: fieldOf(form, 'reasons') };
    const read = DecideRequest.safeParse(given);
    if (read.success && fieldOf(form, 'do') !== 'show') {
      const decided = await decideRequest(database, rulebook, caller, key, read.data, idempotencyKey, now);
      if (decided.ok) {
        const what = decided.decision === 'share' ? 'agreed' : 'refused';
        return {
          goTo: paths.request(decided.reference),
          notice: `${decided.reference} is ${what}. Both logs record it.`,
        };
      }
      if (decided.kind !== 'rules') return { refused: decided };
      return again(caller, key, read.data, [decided], now);
    }
    const refused = read.success ? null : refuseForm('request', read.error.issues);
    return again(caller, key, given, refused, now);
  };

  /** The page that was sent, once more, with what was typed. */
  const again = async (
    caller: Caller,
    key: string,
    given: { decision: string; reasons: string },
    refused: readonly [Refusal, ...Refusal[]] | null,
    now: Exchange['now'],
  ): Promise<Answer> => {
    const found = await find(caller, key, now);
    if (!found) return { refused: noSuchRequest };
    const { known, evaluation } = found;
    if (!evaluation) return { refused: whyNot(known, caller) };
    const chosen = DecideRequest.shape.decision.safeParse(given.decision);
    const shown = chosen.success
      ? { page: 'confirm-decision.njk', model: confirmPage(known, evaluation, chosen.data, given.reasons) }
      : { page: 'decide.njk', model: decidePage(known, evaluation, caller, now) };
    return refused ? { refused, ...shown } : shown;
  };

  return [
    { method: 'GET', path: paths.request(':id'), who: 'signed-in', handle: show },
    { method: 'GET', path: paths.decideRequest(':id'), who: 'signed-in', handle: confirm },
    { method: 'POST', path: paths.decideRequest(':id'), who: 'signed-in', handle: decide },
  ];
}

const notYoursToAsk = refuse(
  'no-authority',
  'request.ask-no-authority',
  'Your role cannot ask for data. Ask a colleague who can.',
);

const noSuchRequest = refuse(
  'not-found',
  'request.not-found',
  'There is no such request that your organisation is a party to. Check the reference.',
);

function whyNot({ request }: KnownRequest, caller: Caller): Refusal {
  if (!isHolder(caller, request)) return noSuchRequest;
  return requestCan('decide', request.state)
    ? refuse(
        'no-authority',
        'request.decide-no-authority',
        'Your role cannot decide requests. The information asset owner or the single point of contact can.',
      )
    : refuse('conflict', 'request.decided-already', 'This request has been decided already.');
}

// The form has one field for the agreement and the data set, and its date starts with the day.
function asOnTheForm(refusals: readonly [Refusal, ...Refusal[]]): [Refusal, ...Refusal[]] {
  const renamed: Record<string, string> = { agreement: 'offer', dataSet: 'offer' };
  const [first, ...rest] = refusals
    .map((one) => (one.field === undefined ? one : { ...one, field: renamed[one.field] ?? one.field }))
    .filter((one, at, all) => all.findIndex((other) => other.field === one.field) === at);
  if (!first) throw new Error('A form was refused for nothing');
  return [first, ...rest];
}
