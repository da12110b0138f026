import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { refuse, refuseForm } from '../platform/refusal.ts';
import { changePassword, endOtherSessions, endSession } from './account.ts';
import { ChangePassword } from './rules.ts';
import { offeredSecret, renewRecoveryCodes, replaceSecondFactor, secondFactorOf } from './second-factor.ts';
import { codesPage, offerPage } from './second-step-pages.ts';
import { findSessions } from './session-store.ts';
import { findCredentials } from './store.ts';
import { sessionOf } from './visitors.ts';

type Session = Awaited<ReturnType<typeof findSessions>>[number];

/** How somebody signs in, and where they are signed in now. `factor` is null in the example. */
function accountPage(
  sessions: readonly Session[],
  factor: { setUpAt: Instant; codesLeft: number } | null,
  tokenHash: Buffer,
) {
  return {
    sessions: sessions.map((one) => ({
      id: one.id,
      browser: one.browser,
      started: showInstant(one.startedAt),
      seen: showInstant(one.seenAt),
      current: one.tokenHash.equals(tokenHash),
    })),
    others: sessions.filter((one) => !one.tokenHash.equals(tokenHash)).length,
    factor: factor && {
      since: showInstant(factor.setUpAt),
      left: factor.codesLeft,
      few: factor.codesLeft < 4,
    },
  };
}

/** “Your sign-in”: sessions listed and ended, password, authenticator app and recovery codes. */
export function accountRoutes(instance: Instance): Route[] {
  const { database, mode } = instance;

  const show = async ({ visitor, now }: Exchange): Promise<Answer> => {
    const session = sessionOf(visitor);
    return database.read(session, async (db) => {
      const sessions = await findSessions(db, session.personId, now);
      const factor = await secondFactorOf(db, session.personId);
      return { page: 'account.njk', model: accountPage(sessions, factor, session.tokenHash) };
    });
  };

  const end = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const id = params['id'] ?? '';
    const ended = await endSession(instance, sessionOf(visitor), isId(id) ? id : nobodysSession);
    if (!ended.ok) return { refused: ended };
    return { goTo: paths.account(), notice: 'That session is over. Whoever was in it is signed out.' };
  };

  const endOthers = async ({ visitor }: Exchange): Promise<Answer> => {
    const ended = await endOtherSessions(instance, sessionOf(visitor));
    const notice = ended === 0 ? 'You were signed in nowhere else.' : 'You are signed out everywhere else.';
    return { goTo: paths.account(), notice };
  };

  const askPassword = async (): Promise<Answer & { page: string; model: object }> => ({
    page: 'change-password.njk',
    model: {},
  });

  const change = async ({ visitor, form, from, now }: Exchange): Promise<Answer> => {
    const read = ChangePassword.safeParse({ old: form['old'] ?? '', password: form['password'] ?? '' });
    if (!read.success) return { refused: refuseForm('account', read.error.issues), ...(await askPassword()) };
    const changed = await changePassword(instance, sessionOf(visitor), read.data, from, now);
    if (!changed.ok) return { refused: changed, ...(await askPassword()) };
    const notice = 'Your password is changed, and you are signed out everywhere else.';
    return { goTo: paths.account(), session: changed.token, notice };
  };

  const offer = async ({ visitor }: Exchange) => {
    const session = sessionOf(visitor);
    const secret = await offeredSecret(instance, session);
    const { email } = await database.read(session, (db) => findCredentials(db, session.personId));
    const model = offerPage(secret, visitor?.organisation.slug ?? '', email);
    return { page: 'account-second-factor.njk', model };
  };

  const replace = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, form, now } = exchange;
    const page = await offer(exchange);
    const done = await replaceSecondFactor(instance, sessionOf(visitor), fieldOf(form, 'code'), now);
    if (!done.ok) return { refused: done, ...page };
    return { page: 'recovery-codes.njk', model: codesPage(done.codes, paths.account()) };
  };

  const renew = async ({ visitor }: Exchange): Promise<Answer> => {
    const codes = await renewRecoveryCodes(instance, sessionOf(visitor));
    return { page: 'recovery-codes.njk', model: codesPage(codes, paths.account()) };
  };

  const live = (handle: Route['handle']): Route['handle'] =>
    mode === 'live' ? handle : async () => ({ refused: notInExample });
  const route = (method: Route['method'], path: string, handle: Route['handle']): Route => ({
    method,
    path,
    who: 'signed-in',
    handle,
  });
  const proved = (path: string, proveFirst: Route['handle'], handle: Route['handle']): Route => ({
    ...route('POST', path, live(handle)),
    proveFirst,
  });
  return [
    route('GET', paths.account(), show),
    route('POST', paths.endOtherSessions(), endOthers),
    route('POST', paths.endSession(':id'), end),
    route('GET', paths.accountPassword(), live(askPassword)),
    proved(paths.accountPassword(), askPassword, change),
    route('GET', paths.accountSecondFactor(), live(offer)),
    proved(paths.accountSecondFactor(), offer, replace),
    proved(paths.accountCodes(), show, renew),
  ];
}

const nobodysSession = '00000000-0000-0000-0000-000000000000';

const notInExample = refuse(
  'conflict',
  'account.example',
  'People of the example sign in by one click: they have no password and no authenticator app. A real instance has both.',
);
