import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Source } from '../../src/platform/http/index.ts';
import type { Answered, aService } from './http.ts';

/** A visit of which nothing is known. */
export const nowhere: Source = { address: '192.0.2.1', browser: '', device: null };

/**
 * The code of RFC 6238 for a step of 30 seconds (HMAC-SHA-1, six digits), made without the library that checks it.
 * `secret` is base 32, spaces and all.
 */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const start = (mac[19] ?? 0) & 0x0f;
  const number = mac.readUInt32BE(start) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** The step of 30 seconds that a moment lies in; now, unless it is said. */
export function stepAt(moment: Date = new Date()): number {
  return Math.floor(moment.getTime() / 30_000);
}

/** The step before this one, whose code is still taken; with time left to send it, or else the next one is waited for. */
export async function stepBefore(): Promise<number> {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 5_000) await setTimeout(left);
  return stepAt() - 1;
}

function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text.replace(/\s/g, '')].map((letter) =>
    alphabet.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

type Service = Awaited<ReturnType<typeof aService>>;

/** The session's token that an answer gives, or null. */
export function sessionIn(answer: Answered): string | null {
  return answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph='))?.split('=')[1] || null;
}

/** The key that a page offers to an authenticator app. */
export function secretOn(page: { body: string }): string {
  return /id="secret">([A-Z2-7 ]+)</.exec(page.body)?.[1] ?? '';
}

/** The recovery codes that a page shows. */
export function codesOn(page: { body: string }): string[] {
  return page.body.match(/(?<=<li>)([0-9A-Z]{4}-){3}[0-9A-Z]{4}(?=<)/g) ?? [];
}

/**
 * Sets up an authenticator app from half a sign-in, as a person does, by the code of the step before this one: those of
 * now and of the next are still to be used.
 */
export async function setUpApp(service: Service, half: string | null) {
  const url = '/sign-in/second-factor';
  const secret = secretOn(await service.visit({ method: 'GET', url, session: half }));
  const form = { code: totpCode(secret, await stepBefore()) };
  const answer = await service.visit({ method: 'POST', url, session: half, form });
  return { secret, answer, session: sessionIn(answer), codes: codesOn(answer) };
}
