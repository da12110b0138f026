import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Database } from '../platform/database.ts';
import { type Instant, instantOf } from '../platform/pure/dates.ts';
import { sha256 } from '../platform/pure/hash.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { sessionHours } from './rules.ts';
import { deleteSession, findExamplePeople, findSignIn, saveSession } from './store.ts';

// Argon2id (2), at OWASP's first choice of cost: 19 MiB, two passes, one lane.
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash of a password, argon2id with its own salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

// Checked when nobody has the address, so that a wrong address takes as long as a wrong password.
let nobodys: Promise<string> | undefined;
function nobodysHash(): Promise<string> {
  nobodys ??= hashPassword(randomBytes(16).toString('hex'));
  return nobodys;
}

/** A new session's token: for the cookie only, the database keeps its hash. */
export type SignedIn = { ok: true; token: string };

/** Signs in with an email address and a password. The refusal does not tell which of the two was wrong. */
export async function signIn(
  database: Database,
  given: { email: string; password: string },
  now: Instant,
): Promise<SignedIn | Refusal> {
  const found = await database.read(null, (db) => findSignIn(db, given.email));
  const right = await verify(found?.passwordHash ?? (await nobodysHash()), given.password).catch(() => false);
  if (!found?.passwordHash || !right) {
    return refuse(
      'invalid',
      'sign-in.no-match',
      'The email address or the password is not right. Check both and try again.',
      'email',
    );
  }
  return startSession(database, found.organisationId, found.personId, now);
}

/** Signs in as one of the example's people, without a password. A live instance refuses. */
export async function signInToExample(
  database: Database,
  personId: string,
  now: Instant,
): Promise<SignedIn | Refusal> {
  const people = await database.read(null, findExamplePeople);
  const person = people.find((one) => one.personId === personId);
  if (!person) {
    return refuse('not-found', 'sign-in.no-such-person', 'Choose one of the people on the sign-in page.');
  }
  return startSession(database, person.organisationId, person.personId, now);
}

async function startSession(
  database: Database,
  organisationId: string,
  personId: string,
  now: Instant,
): Promise<SignedIn> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = instantOf(new Date(Date.parse(now) + sessionHours * 3_600_000));
  await database.write({ organisationId, personId }, (tx) =>
    saveSession(tx, { tokenHash: sha256(token), personId, organisationId, startedAt: now, expiresAt }),
  );
  return { ok: true, token };
}

/** Ends a person's session. */
export async function signOut(
  database: Database,
  session: { organisationId: string; personId: string; tokenHash: Buffer },
): Promise<void> {
  await database.write(session, (tx) => deleteSession(tx, session.tokenHash));
}
