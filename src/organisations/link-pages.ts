import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Refusal, refuseForm } from '../platform/refusal.ts';
import { choosePassword } from './choose-password.ts';
import { findLink } from './links.ts';
import { ChoosePassword, type LinkHolder, linkOver } from './people-rules.ts';
import { signOut } from './sign-in.ts';
import { attempt } from './throttle.ts';
import { sessionOf } from './visitors.ts';

/** The page of a one-time link, as its holder sees it. `token` stands in the form's address only. */
function linkPage(holder: LinkHolder, token: string) {
  const first = holder.purpose === 'invitation';
  return {
    title: first ? `Join ${holder.organisation.name}` : 'Choose a new password',
    says: first
      ? `${holder.name}, ${holder.organisation.name} has let you in to share data with other public bodies, and to prove it.`
      : `${holder.name}, an administrator of ${holder.organisation.name} made this link for you. You are signed out everywhere once you use it.`,
    email: holder.email,
    action: paths.link(token),
  };
}

/**
 * One-time links. Looking changes nothing, since mail scanners follow links; only choosing a password uses one up. A link
 * that is used, over, replaced or made up is answered the same.
 */
export function linkRoutes(instance: Instance): Route[] {
  const { database } = instance;
  const over: Answer = { refused: linkOver, page: 'link-over.njk', model: {} };
  const find = ({ params, from, now }: Exchange) =>
    attempt(instance, { what: 'link', whose: null, personId: null, from }, now, async () => {
      const holder = await database.read(null, (db) => findLink(db, params['token'] ?? '', now));
      return holder ? { ok: true, holder } : linkOver;
    });
  const none = (refused: Refusal): Answer => (refused.kind === 'wait' ? { refused } : over);

  const show = async (exchange: Exchange): Promise<Answer> => {
    const found = await find(exchange);
    if (!found.ok) return none(found);
    return { page: 'choose-password.njk', model: linkPage(found.holder, exchange.params['token'] ?? '') };
  };

  const choose = async (exchange: Exchange): Promise<Answer> => {
    const { params, form, visitor, now } = exchange;
    const token = params['token'] ?? '';
    const found = await find(exchange);
    if (!found.ok) return none(found);
    const { holder } = found;
    const read = ChoosePassword.safeParse({ password: form['password'] ?? '' });
    if (!read.success) {
      const refused = refuseForm('link', read.error.issues);
      return { refused, page: 'choose-password.njk', model: linkPage(holder, token) };
    }
    const chosen = await choosePassword(database, token, read.data.password, now);
    if (!chosen.ok && chosen.field === 'password') {
      return { refused: chosen, page: 'choose-password.njk', model: linkPage(holder, token) };
    }
    if (!chosen.ok) return over;
    // Whoever sat here before is signed out: the next thing is to sign in as the holder.
    if (visitor !== null) {
      await signOut(database, sessionOf(visitor));
    }
    return { goTo: paths.signIn(), endSession: true, notice: 'Your password is set. Sign in with it.' };
  };

  const path = paths.link(':token');
  return [
    { method: 'GET', path, who: 'anyone', secretAddress: true, handle: show },
    { method: 'POST', path, who: 'anyone', secretAddress: true, handle: choose },
  ];
}
