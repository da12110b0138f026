import type { Source } from '../platform/http/index.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { isPassword, newPasswordHash } from './passwords.ts';
import { savePassword } from './people-store.ts';
import { deleteSessionOf, deleteSessionsOf } from './session-store.ts';
import { type SessionOf, type SignedIn, type SignInAt, startSession } from './sign-in.ts';
import { findCredentials } from './store.ts';
import { attempt } from './throttle.ts';

/**
 * Changes somebody's own password. It needs the old one, so that a screen left open is not enough, and ends every session
 * they had: the one they are in goes on under a new token.
 */
export async function changePassword(
  at: SignInAt,
  session: SessionOf,
  given: { old: string; password: string },
  from: Source,
  now: Instant,
): Promise<SignedIn | Refusal> {
  const { personId } = session;
  const known = await at.database.read(session, (db) => findCredentials(db, personId));
  const about = {
    what: 'old-password',
    whose: session.tokenHash.toString('hex'),
    personId: null,
    from,
  } as const;
  const old = await attempt(at, about, now, async () =>
    (await isPassword(given.old, known.passwordHash)) ? { ok: true } : wrongPassword,
  );
  if (!old.ok) return old;
  const chosen = await newPasswordHash(given.password, known);
  if (!chosen.ok) return chosen;
  return at.database.write(session, async (tx) => {
    await savePassword(tx, personId, chosen.passwordHash);
    return startSession(tx, session, from, now, now);
  });
}

const wrongPassword = refuse('invalid', 'account.wrong-password', 'That is not your password now', 'old');

/** Ends one of somebody's own sessions. */
export async function endSession(
  { database }: Pick<SignInAt, 'database'>,
  session: SessionOf,
  id: string,
): Promise<{ ok: true } | Refusal> {
  const ended = await database.write(session, (tx) => deleteSessionOf(tx, session.personId, id));
  const says = 'That session is over already, or was never yours.';
  return ended ? { ok: true } : refuse('not-found', 'account.no-session', says);
}

/** Ends all of somebody's sessions but this one; how many that were. */
export function endOtherSessions(
  { database }: Pick<SignInAt, 'database'>,
  session: SessionOf,
): Promise<number> {
  return database.write(session, (tx) => deleteSessionsOf(tx, session.personId, session.tokenHash));
}
