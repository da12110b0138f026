import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '../platform/database.ts';
import type { Source } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { sha256 } from '../platform/pure/hash.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { isPassword } from './passwords.ts';
import { deleteSession, findSecondFactor, saveSession } from './session-store.ts';
import { browserOf, expiryOf } from './sign-in-rules.ts';
import { findExamplePeople, findSignIn } from './store.ts';
import { attempt } from './throttle.ts';

/** Signing in stands on the database and the master key. */
export type SignInAt = Pick<Instance, 'database' | 'sealer'>;

/** A new session's token: for the cookie only, the database keeps its hash. */
export type SignedIn = { ok: true; token: string };

/** Half a sign-in, and what its second step is: a code, or setting up what gives codes. */
export type HalfSignedIn = SignedIn & { next: 'code' | 'second-factor' };

/**
 * The first step: an email address and a password. What it gives is half a session, good for the second step only. The
 * refusal does not tell which of the two was wrong.
 */
export async function signIn(
  { database, sealer }: SignInAt,
  given: { email: string; password: string },
  from: Source,
  now: Instant,
): Promise<HalfSignedIn | Refusal> {
  const found = await database.read(null, (db) => findSignIn(db, given.email));
  // Whose it is, however it was spelt: a letter that the database takes for another must not open a bucket of its own.
  const whose = found?.personId ?? given.email.normalize('NFKC').toLowerCase();
  const about = { what: 'password', whose, personId: found?.personId ?? nobodysId, from } as const;
  return attempt({ database, sealer }, about, now, async () => {
    const right = await isPassword(given.password, found?.passwordHash ?? null);
    if (found && right) return database.write(found, (tx) => startHalf(tx, found, from, now));
    const says = 'The email address or the password is not right. Check both and try again.';
    return refuse('invalid', 'sign-in.no-match', says, 'email');
  });
}

/** Half a sign-in of a person, after a right password or by a one-time link, in a transaction of theirs. */
export async function startHalf(
  tx: Tx,
  person: { organisationId: string; personId: string },
  from: Source,
  now: Instant,
): Promise<HalfSignedIn> {
  const started = await startSession(tx, person, from, null, now);
  return { ...started, next: (await findSecondFactor(tx, person.personId)) ? 'code' : 'second-factor' };
}

// A device cookie is looked at for nobody's address too.
const nobodysId = '00000000-0000-0000-0000-000000000000';

/** Signs in as one of the example's people, without a password or a second step. A live instance refuses. */
export async function signInToExample(
  database: Database,
  personId: string,
  from: Source,
  now: Instant,
): Promise<SignedIn | Refusal> {
  const people = await database.read(null, findExamplePeople);
  const person = people.find((one) => one.personId === personId);
  if (!person) {
    return refuse('not-found', 'sign-in.no-such-person', 'Choose one of the people on the sign-in page.');
  }
  return database.write(person, (tx) => startSession(tx, person, from, now, now));
}

/**
 * A new session of a person, in a transaction of theirs: half a sign-in where `provedAt` is null (a right password, or a
 * one-time link), whole where they have just proved who they are by a second factor.
 */
export async function startSession(
  tx: Tx,
  { organisationId, personId }: { organisationId: string; personId: string },
  from: Source,
  provedAt: Instant | null,
  now: Instant,
): Promise<SignedIn> {
  const token = randomBytes(32).toString('base64url');
  await saveSession(tx, {
    tokenHash: sha256(token),
    id: newId(),
    personId,
    organisationId,
    browser: browserOf(from.browser),
    startedAt: now,
    expiresAt: expiryOf(now, provedAt),
    provedAt,
  });
  return { ok: true, token };
}

/** A session as its visitor knows it. */
export type SessionOf = { organisationId: string; personId: string; tokenHash: Buffer };

/** Ends a person's session. */
export async function signOut(database: Database, session: SessionOf): Promise<void> {
  await database.write(session, (tx) => deleteSession(tx, session.tokenHash));
}
