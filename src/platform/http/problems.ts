import { NobodyAnyMore } from '../database.ts';
import { KeyUsedForAnother } from '../once.ts';
import type { RefusalKind } from '../refusal.ts';
import { beneath } from '../trouble.ts';

/** From a refusal's kind to its status, and what a page calls it. */
export const refusals: Record<RefusalKind, { status: number; title: string }> = {
  'no-authority': { status: 403, title: 'You cannot do this' },
  'not-found': { status: 404, title: 'Page not found' },
  conflict: { status: 409, title: 'This has changed since you looked' },
  invalid: { status: 422, title: 'There is a problem' },
  stopped: { status: 503, title: 'This cannot be done at the moment' },
  unverified: { status: 422, title: 'This does not verify' },
  wait: { status: 429, title: 'Try again later' },
  rules: { status: 422, title: 'The rules do not allow this' },
};

/** What goes wrong before a handler is asked, or inside one: what happened and what to do. */
export const problems = {
  unreadable: {
    status: 400,
    title: 'We could not read that',
    says: [
      'The address or the form is not in a form that we understand. Nothing was changed.',
      'Go back and try again.',
    ],
  },
  'form-not-ours': {
    status: 403,
    title: 'This form is out of date',
    says: [
      'We could not be sure that you sent this form from this site, so nothing was changed.',
      'Go back, load the page again and send it once more. Your browser must accept cookies from this site.',
    ],
  },
  'signed-out': {
    status: 403,
    title: 'You are signed out',
    says: ['Nothing was changed.', 'Sign in, then go back to the page and send it once more.'],
  },
  'sign-in-over': {
    status: 403,
    title: 'Start signing in again',
    says: [
      'This sign-in is finished, or it took too long. Nothing was changed.',
      'Start again from the sign-in page.',
    ],
  },
  'not-found': {
    status: 404,
    title: 'Page not found',
    says: [
      'If you typed the address, check that it is right. If you pasted it, check that you copied all of it.',
      'It may also be something that your organisation is not a party to: those look the same as things that do not exist.',
    ],
  },
  'not-that-way': {
    status: 405,
    title: 'You cannot do that here',
    says: [
      'This address does not take what was sent to it. Nothing was changed.',
      'Start again from the page you came from.',
    ],
  },
  'used-before': {
    status: 409,
    title: 'This form was already used',
    says: [
      'It was sent before for something else, so nothing was changed.',
      'Load the page again and send it once more.',
    ],
  },
  'too-large': {
    status: 413,
    title: 'That is too large',
    says: [
      'The file or the form is larger than this page takes. Nothing was kept.',
      'Send less: a shorter text, or a file of a shorter period or of fewer columns.',
    ],
  },
  'not-a-form': {
    status: 415,
    title: 'We could not read that',
    says: [
      'This page takes a form, and something else was sent. Nothing was changed.',
      'Go back and try again.',
    ],
  },
  'too-many': {
    status: 429,
    title: 'Too many pages at once',
    says: ['More was asked from your address in a minute than we answer.', 'Wait a minute and try again.'],
  },
  'database-away': {
    status: 503,
    title: 'Try again in a moment',
    says: [
      'Our database is starting again, which takes a few seconds. Nothing is lost: what you sent was done whole or not at all.',
      'Wait a moment, then load this page again. If you sent a form, send it again: the same form is never done twice.',
    ],
  },
  'disk-full': {
    status: 503,
    title: 'There is no space left',
    says: [
      'The disk that this service keeps its data on is full. Nothing is lost: what you sent was done whole or not at all.',
      'Tell whoever runs this service to free some space. Then send the form again: the same form is never done twice.',
    ],
  },
  stopping: {
    status: 503,
    title: 'The service is restarting',
    says: [
      'It was told to stop while it worked on this. What you were doing was not half done: it was done whole or not at all.',
      'Wait a minute, go back and send it once more. It is never done twice.',
    ],
  },
  fault: {
    status: 500,
    title: 'Sorry, there is a problem with the service',
    says: [
      'What you were doing was not half done: an action is done whole or not at all.',
      'Try again in a few minutes.',
    ],
  },
} as const satisfies Record<string, { status: number; title: string; says: readonly string[] }>;

export type Problem = keyof typeof problems;

/** Thrown where a visit stops short of its handler. */
export class TurnedAway extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem);
    this.problem = problem;
  }
}

/** Which problem an error is. Fastify's own errors carry a status; whatever we do not know is a fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof TurnedAway) return error.problem;
  if (error instanceof KeyUsedForAnother) return 'used-before';
  if (error instanceof NobodyAnyMore) return 'signed-out';
  const below = beneath(error);
  if (below !== null) return below;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return byStatus.get(status) ?? 'fault';
}

const byStatus = new Map<unknown, Problem>([
  [400, 'unreadable'],
  [413, 'too-large'],
  [414, 'not-found'], // no name or reference of ours is so long
  [415, 'not-a-form'],
  [429, 'too-many'],
]);

/** An error as the log keeps it: kind and place. The message stays out: it may quote a row, a name or a key. */
export type Fault = { name: string; code: string; at: string[] };

/** What the log keeps of whatever was thrown. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { name: typeof error, code: '', at: [] };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const stack = error.stack ?? '';
  const at = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, code, at: at.slice(0, 12).map((line) => line.trim()) };
}
