import { z } from 'zod';
import { type Instant, instantOf, showTime } from '../platform/pure/dates.ts';
import { Password } from './rules.ts';

/** Signing in, the first step. */
export const SignIn = z.object({
  email: z
    .string()
    .trim()
    .min(1, 'Enter your email address')
    .max(254, 'That is not an email address: it is too long'),
  password: z.string().min(1, 'Enter your password').max(1000, 'A password here has at most 200 characters'),
});

const minute = 60_000;
const later = (at: Instant, ms: number) => instantOf(new Date(Date.parse(at) + ms));

/** A session ends twelve hours after it starts, used or not: a working day, and no longer. */
const sessionHours = 12;

/**
 * And an hour after it was last used: long enough to read an agreement, short for a screen that somebody left. (NIST
 * SP 800-63B-4 s.2.2.3 has 24 hours and one for its level 2.) What cannot be taken back asks again anyway.
 */
const idleMinutes = 60;

/** Between the password and the second step: long enough to install an app and set it up. */
const secondStepMinutes = 15;

/** For so long a proof of who it is holds for signing, approving and changing how one signs in. */
const proofMinutes = 10;

/** When a session ends that starts now: half a sign-in soon. */
export function expiryOf(startedAt: Instant, provedAt: Instant | null): Instant {
  return later(startedAt, provedAt === null ? secondStepMinutes * minute : sessionHours * 60 * minute);
}

/** When a session used at a moment ends unless it is used again. */
export function idleEnd(seenAt: Instant, expiresAt: Instant): Instant {
  const idle = later(seenAt, idleMinutes * minute);
  return idle < expiresAt ? idle : expiresAt;
}

/** Whether something happened at all: what a clock that was wrong dated ahead has not, and a minute is nobody's fault. */
export function hasHappened(at: Instant, now: Instant): boolean {
  return Date.parse(now) - Date.parse(at) >= -minute;
}

/** Whether a proof of who it is still holds. One from the future is of a clock that was wrong, and holds for nothing. */
export function isRecent(provedAt: Instant, now: Instant): boolean {
  return hasHappened(provedAt, now) && Date.parse(now) - Date.parse(provedAt) < proofMinutes * minute;
}

/** How many wrong attempts a bucket takes before each waits longer than the one before, and the longest such wait. */
type Patience = { free: number; longest: string };
const password: Patience = { free: 5, longest: '15 minutes' };
// Six digits are guessed at with one chance in 300,000 a time: 24 a day are few enough.
const code: Patience = { free: 5, longest: '1 hour' };

/** By what is tried. A network is many people's, so it takes more and never waits long. */
export const patience = {
  password,
  'old-password': password,
  code,
  again: code,
  'set-up': password,
  link: password,
  network: { free: 100, longest: '1 minute' },
} as const satisfies Record<string, Patience>;

/** The whole seconds of a wait, at least one. */
export function waitSeconds(now: Instant, until: Instant): number {
  return Math.max(1, Math.ceil((Date.parse(until) - Date.parse(now)) / 1000));
}

/** Too many wrong attempts, and when to try again. */
export function waitWords(now: Instant, until: Instant): string {
  const seconds = waitSeconds(now, until);
  const minutes = Math.ceil(seconds / 60);
  const when =
    seconds <= 90
      ? `in ${seconds} second${seconds === 1 ? '' : 's'}`
      : `in ${minutes} minutes, at ${showTime(later(now, minutes * minute))}`;
  return `There were too many wrong attempts. Try again ${when}.`;
}

/**
 * What is wrong with a password that somebody chooses, or null. Length is what counts (NCSC, NIST SP 800-63B): no rules
 * about digits and signs, only that it is not what everybody would try first.
 */
export function faultOfPassword(
  given: string,
  whose: { name: string; email: string },
  commonest: ReadonlySet<string>,
): string | null {
  const [wrong] = Password.safeParse(given).error?.issues ?? [];
  if (wrong) return wrong.message;
  const typed = given.normalize('NFKC');
  const letters = squeeze(typed);
  const isEasy =
    commonest.has(typed.toLowerCase()) ||
    commonest.has(letters) ||
    new Set(typed.toLowerCase()).size < 5 ||
    isRepeated(letters) ||
    isRun(letters);
  if (isEasy) return 'That password is one of the first that anybody would try. Three random words are good';
  const [local = ''] = whose.email.split('@');
  const own = [whose.name, local, whose.email].map(squeeze).filter((one) => one.length >= 4);
  if (own.some((one) => letters.includes(one))) {
    return 'Choose a password without your name or your email address in it';
  }
  return null;
}

/** Whether letters are a piece of up to six, again and again, and at most two letters more. */
function isRepeated(letters: string): boolean {
  return [1, 2, 3, 4, 5, 6].some((size) => {
    const piece = letters.slice(0, size);
    let end = size;
    while (letters.startsWith(piece, end) && end < letters.length) end += size;
    return end > size && letters.length - end <= 2;
  });
}

function squeeze(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

// 123456789012, abcdefghijkl, and back again.
function isRun(letters: string): boolean {
  if (letters === '') return false;
  const line = '01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm';
  return line.includes(letters) || [...line].reverse().join('').includes(letters);
}

const browsers: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
];

/** A browser in words, from what it calls itself: all that is kept of it. */
export function browserOf(userAgent: string): string {
  const nameIn = (list: [RegExp, string][]) => list.find(([is]) => is.test(userAgent))?.[1];
  const [browser, system] = [nameIn(browsers), nameIn(systems)];
  if (!browser) return system ? `A browser on ${system}` : 'A browser we do not know';
  return system ? `${browser} on ${system}` : browser;
}
