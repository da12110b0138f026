import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/argon2';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { faultOfPassword } from './sign-in-rules.ts';

// Argon2id (2), at OWASP's first choice of cost: 19 MiB, two passes, one lane.
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash of a password, argon2id with its own salt. The same letters typed on different keyboards are the same (NFKC). */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), cost);
}

/** Whether a password is the one hashed. With no hash it is not, and takes as long to say so. */
export async function isPassword(given: string, passwordHash: string | null): Promise<boolean> {
  const right = await verify(passwordHash ?? (await nobodysHash()), given.normalize('NFKC')).catch(
    () => false,
  );
  return right && passwordHash !== null;
}

/** The hash of a password that somebody chooses, or what is wrong with it, as a fault of the form's field. */
export async function newPasswordHash(
  password: string,
  whose: { name: string; email: string },
  field = 'password',
): Promise<{ ok: true; passwordHash: string } | Refusal> {
  const says = faultOfPassword(password, whose, commonest());
  if (says !== null) return refuse('invalid', 'password.too-easy', says, field);
  return { ok: true, passwordHash: await hashPassword(password) };
}

// Checked when nobody has the address, so that a wrong address takes as long as a wrong password.
let nobodys: Promise<string> | undefined;
function nobodysHash(): Promise<string> {
  nobodys ??= hashPassword(randomBytes(16).toString('hex'));
  return nobodys;
}

let common: Set<string> | undefined;
function commonest(): Set<string> {
  const path = new URL('common-passwords.txt', import.meta.url);
  const lines = () => readFileSync(path, 'utf8').split('\n');
  common ??= new Set(lines().filter((line) => line !== '' && !line.startsWith('#')));
  return common;
}
