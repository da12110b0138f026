import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, localOr, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { enterCode, offeredSecret, secondFactorOf, setUpSecondFactor } from './second-factor.ts';
import { findCredentials } from './store.ts';
import { qrPath, showSecret, totpAddress } from './totp.ts';
import { sessionOf } from './visitors.ts';

/** What an authenticator app needs to know, as a picture and as text. */
export function offerPage(secret: string, where: string, whose: string) {
  return { qr: qrPath(totpAddress(secret, where, whose)), secret: showSecret(secret) };
}

/** Recovery codes, shown this once, and where one goes from there. */
export function codesPage(codes: readonly string[], next: string) {
  return { codes, next };
}

/** The second step of signing in to a live instance: a code, or first setting up the app that shows codes. */
export function secondStepRoutes(instance: Instance): Route[] {
  const { database } = instance;

  const hasFactor = async ({ visitor }: Exchange) =>
    database.read(sessionOf(visitor), async (db) => secondFactorOf(db, sessionOf(visitor).personId));

  const nextOf = (said: string | undefined) => localOr(said, paths.today());

  const askCode = (next: string) => ({ page: 'sign-in-code.njk', model: { next } });

  const offer = async ({ visitor }: Exchange, next: string) => {
    const session = sessionOf(visitor);
    const secret = await offeredSecret(instance, session);
    const { email } = await database.read(session, (db) => findCredentials(db, session.personId));
    const model = { ...offerPage(secret, visitor?.organisation.slug ?? '', email), next };
    return { page: 'sign-in-second-factor.njk', model };
  };

  const enter = async (exchange: Exchange): Promise<Answer> => {
    const { form, visitor, from, now } = exchange;
    const next = nextOf(fieldOf(form, 'next'));
    const entered = await enterCode(instance, sessionOf(visitor), fieldOf(form, 'code'), from, now);
    if (!entered.ok) return { refused: entered, ...askCode(next) };
    const { token: session, device, codesLeft } = entered;
    const notice = codesLeft === null ? {} : { notice: codeUsed(codesLeft) };
    return { goTo: next, session, device, ...notice };
  };

  const setUp = async (exchange: Exchange): Promise<Answer> => {
    const { form, visitor, from, now } = exchange;
    const next = nextOf(fieldOf(form, 'next'));
    const page = await offer(exchange, next);
    const done = await setUpSecondFactor(instance, sessionOf(visitor), fieldOf(form, 'code'), from, now);
    if (!done.ok) return { refused: done, ...page };
    const { token: session, device, codes } = done;
    return { page: 'recovery-codes.njk', model: codesPage(codes, next), session, device };
  };

  return [
    {
      method: 'GET',
      path: paths.signInCode(),
      who: 'signing-in',
      handle: async (exchange) => {
        const next = nextOf(exchange.query['next']);
        return (await hasFactor(exchange)) ? askCode(next) : { goTo: paths.signInSecondFactor(next) };
      },
    },
    { method: 'POST', path: paths.signInCode(), who: 'signing-in', handle: enter },
    {
      method: 'GET',
      path: paths.signInSecondFactor(),
      who: 'signing-in',
      handle: async (exchange) => {
        const next = nextOf(exchange.query['next']);
        return (await hasFactor(exchange)) ? { goTo: paths.signInCode(next) } : offer(exchange, next);
      },
    },
    { method: 'POST', path: paths.signInSecondFactor(), who: 'signing-in', handle: setUp },
  ];
}

/** What somebody is told who signed in with a recovery code. */
function codeUsed(left: number): string {
  const said = left === 0 ? 'You have none left' : `You have ${left} left`;
  return `You used a recovery code. ${said}: make new ones under “Your sign-in”.`;
}
