import { createHmac, randomBytes } from 'node:crypto';
import type { Db, Tx } from '../platform/database.ts';
import type { Source } from '../platform/http/index.ts';
import { codeOf, plainCode } from '../platform/pure/codes.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { rememberDevice } from './device.ts';
import {
  countRecoveryCodes,
  deleteSecondFactor,
  deleteSession,
  deleteSessionsOf,
  findOfferedSecret,
  findSecondFactor,
  forgetOfferedSecret,
  markProved,
  offerSecret,
  saveRecoveryCodes,
  saveSecondFactor,
  useRecoveryCode,
  useStep,
} from './session-store.ts';
import { type SessionOf, type SignedIn, type SignInAt, startSession } from './sign-in.ts';
import { attempt } from './throttle.ts';
import { newTotpSecret, stepOfCode } from './totp.ts';

const howMany = 10;

const signInOver = refuse(
  'conflict',
  'sign-in.over',
  'This sign-in is finished or has run out of time. Start again from the sign-in page.',
);

/** The secret that a session offers to an authenticator app: the same each time, until it is taken. */
export async function offeredSecret({ database, sealer }: SignInAt, session: SessionOf): Promise<string> {
  const fresh = sealer.seal(Buffer.from(newTotpSecret()), sealedAs(session.personId));
  return database.write(session, async (tx) => {
    await offerSecret(tx, session.tokenHash, fresh);
    const sealed = await findOfferedSecret(tx, session.tokenHash);
    if (!sealed) throw new Error('A session that has just been asked ended');
    return sealer.open(sealed, sealedAs(session.personId)).toString();
  });
}

/** Whether a person has an authenticator app, since when, and how many recovery codes are left; null for none. */
export async function secondFactorOf(
  db: Db,
  personId: string,
): Promise<{ setUpAt: Instant; codesLeft: number } | null> {
  const factor = await findSecondFactor(db, personId);
  return factor && { setUpAt: factor.setUpAt, codesLeft: await countRecoveryCodes(db, personId) };
}

/** Signed in whole, in a browser that is now known. */
export type Entered = SignedIn & { device: string };

/**
 * Ends a sign-in by setting up the authenticator app that this session offered: one right code shows that it works.
 * Gives ten recovery codes, this once. Refuses where the person has an app already: a second browser that waits with a
 * right password must not replace the first one's.
 */
export async function setUpSecondFactor(
  { database, sealer }: SignInAt,
  session: SessionOf,
  code: string,
  from: Source,
  now: Instant,
): Promise<(Entered & { codes: string[] }) | Refusal> {
  return database.write(session, async (tx) => {
    const taken = await takeOffered(tx, sealer, session, code, now);
    if (!taken.ok) return taken;
    await deleteSession(tx, session.tokenHash);
    const { token } = await startSession(tx, session, from, now, now);
    const device = rememberDevice(sealer, from.device, session.personId);
    return { ok: true, token, device, codes: taken.codes } as const;
  });
}

/** Replaces a person's authenticator app and recovery codes by those this session offered; their other sessions end. */
export async function replaceSecondFactor(
  { database, sealer }: SignInAt,
  session: SessionOf,
  code: string,
  now: Instant,
): Promise<{ ok: true; codes: string[] } | Refusal> {
  return database.write(session, async (tx) => {
    if (!(await isOffered(tx, sealer, session, code, now))) return notOffered;
    await deleteSecondFactor(tx, session.personId);
    const taken = await takeOffered(tx, sealer, session, code, now);
    if (!taken.ok) return taken;
    await deleteSessionsOf(tx, session.personId, session.tokenHash);
    return taken;
  });
}

/** Ten new recovery codes instead of those that are left. */
export async function renewRecoveryCodes(
  { database, sealer }: SignInAt,
  session: SessionOf,
): Promise<string[]> {
  return database.write(session, (tx) => newRecoveryCodes(tx, sealer, session));
}

/**
 * The second step of a sign-in: a code of the app, or a recovery code. `codesLeft` is how many are left where one was
 * used. Two who send one code at once get one session: the row of the code is the lock.
 */
export async function enterCode(
  at: SignInAt,
  session: SessionOf,
  code: string,
  from: Source,
  now: Instant,
): Promise<(Entered & { codesLeft: number | null }) | Refusal> {
  const { personId } = session;
  const about = { what: 'code', whose: personId, personId, from } as const;
  return attempt(at, about, now, () =>
    at.database.write(session, async (tx) => {
      const proved = await useCode(tx, at.sealer, personId, code, now, 'code');
      if (!proved.ok) return proved;
      // The half that is left behind opens nothing any more; whoever comes second with it starts again.
      if (!(await deleteSession(tx, session.tokenHash))) return signInOver;
      const { token } = await startSession(tx, session, from, now, now);
      const device = rememberDevice(at.sealer, from.device, personId);
      return { ok: true, token, device, codesLeft: proved.codesLeft } as const;
    }),
  );
}

/**
 * Proves again who a session is, by a code of the app or a recovery code: something that a screen left open and a stolen
 * cookie do not have. It holds for ten minutes, on every server.
 */
export async function proveAgain(
  at: SignInAt,
  session: SessionOf,
  code: string,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  if (code === '')
    return refuse('invalid', 'proof.missing', 'Enter the code from your authenticator app', '_proof');
  const whose = session.tokenHash.toString('hex');
  const nowhere = { address: '', browser: '', device: null };
  return attempt(at, { what: 'again', whose, personId: null, from: nowhere }, now, () =>
    at.database.write(session, async (tx) => {
      const proved = await useCode(tx, at.sealer, session.personId, code, now, '_proof');
      if (proved.ok) await markProved(tx, session.tokenHash, now);
      return proved;
    }),
  );
}

/** Uses up one code, whichever kind it is. */
async function useCode(
  tx: Tx,
  sealer: Sealer,
  personId: string,
  typed: string,
  now: Instant,
  field: string,
): Promise<{ ok: true; codesLeft: number | null } | Refusal> {
  const plain = plainCode(typed);
  if (plain.length === codeLength) {
    if (await useRecoveryCode(tx, personId, recoveryHash(sealer, personId, plain))) {
      return { ok: true, codesLeft: await countRecoveryCodes(tx, personId) };
    }
    const says = 'That is not one of your recovery codes, or it was used before: each works once.';
    return refuse('invalid', 'code.no-recovery-code', says, field);
  }
  const factor = await findSecondFactor(tx, personId);
  const secret = factor && sealer.open(factor.sealedSecret, sealedAs(personId)).toString();
  const step = secret && stepOfCode(secret, digitsOf(typed), now);
  if (!step) {
    const says = 'That code is not right. Enter the 6 digits that your app shows now for this service.';
    return refuse('invalid', 'code.wrong', says, field);
  }
  if (await useStep(tx, personId, step)) return { ok: true, codesLeft: null };
  const says = 'That code was used already. Wait until your app shows the next one, and enter that.';
  return refuse('invalid', 'code.used', says, field);
}

async function takeOffered(
  tx: Tx,
  sealer: Sealer,
  session: SessionOf,
  code: string,
  now: Instant,
): Promise<{ ok: true; codes: string[] } | Refusal> {
  const offered = await isOffered(tx, sealer, session, code, now);
  if (!offered) return notOffered;
  const { personId, organisationId } = session;
  const saved = await saveSecondFactor(tx, {
    personId,
    organisationId,
    sealedSecret: sealer.seal(Buffer.from(offered.secret), sealedAs(personId)),
    step: offered.step,
    at: now,
  });
  if (!saved) {
    const says =
      'You have set up an app already, in another browser. Sign in again, with a code from that one.';
    return refuse('conflict', 'second-factor.set-up-already', says);
  }
  await forgetOfferedSecret(tx, session.tokenHash);
  return { ok: true, codes: await newRecoveryCodes(tx, sealer, session) };
}

/** The secret that a session offers, and the step of this code of it; null where the code is of no step near. */
async function isOffered(
  tx: Tx,
  sealer: Sealer,
  session: SessionOf,
  code: string,
  now: Instant,
): Promise<{ secret: string; step: number } | null> {
  const sealed = await findOfferedSecret(tx, session.tokenHash);
  const secret = sealed && sealer.open(sealed, sealedAs(session.personId)).toString();
  const step = secret && stepOfCode(secret, digitsOf(code), now);
  return secret && step ? { secret, step } : null;
}

const notOffered = refuse(
  'invalid',
  'second-factor.wrong-code',
  'That code is not right. Enter the 6 digits that your app shows now. If it is still refused, check that the time of your phone is set by itself.',
  'code',
);

async function newRecoveryCodes(tx: Tx, sealer: Sealer, session: SessionOf): Promise<string[]> {
  const { personId, organisationId } = session;
  const codes = Array.from({ length: howMany }, () => codeOf(randomBytes(16)));
  const hashes = codes.map((code) => recoveryHash(sealer, personId, plainCode(code)));
  await saveRecoveryCodes(tx, { id: personId, organisationId }, hashes);
  return codes;
}

const codeLength = 16;

// 80 random bits need no slow hash; the key keeps whoever has the table alone from checking a guess.
function recoveryHash(sealer: Sealer, personId: string, plain: string): Buffer {
  const key = sealer.derive('recovery codes');
  return createHmac('sha256', key)
    .update(JSON.stringify([personId, plain]))
    .digest();
}

// Apps show the six digits with a space between them.
function digitsOf(typed: string): string {
  return typed.replace(/[\s-]/g, '');
}

const sealedAs = (personId: string) => `authenticator app of ${personId}`;
