import { password } from './cluster.ts';
import { secretOn, stepAt, totpCode } from './sign-in.ts';
import { aVisitor, formOn, type Visitor } from './visitor.ts';

/** The address of a page, at whichever server is to be asked. */
export type At = (path: string) => string;

const emails = {
  Amina: 'amina.yusuf@westmarch-opcc.example',
  Tom: 'tom.reyes@westmarch-police.example',
  Dan: 'dan.okafor@westmarch-police.example',
};

/** Somebody of a cluster, signed in. */
export async function signIn(at: At, name: keyof typeof emails): Promise<Visitor> {
  const visitor = aVisitor();
  const form = formOn(await visitor.get(at('/sign-in')), '/sign-in');
  const answer = await visitor.post(at('/sign-in'), { ...form, email: emails[name], password });
  if (answer.location === '/sign-in/second-factor') {
    const app = await visitor.get(at(answer.location));
    const code = totpCode(secretOn(app), stepAt());
    const set = await visitor.post(at(answer.location), { ...formOn(app, answer.location), code });
    if (set.body.includes('Keep your recovery codes')) return visitor;
  }
  throw new Error(`${name} did not sign in:\n${answer.body}`);
}

/** Amina asks for stop and searches; the path of the request. */
export async function ask(at: At, amina: Visitor): Promise<string> {
  const asked = {
    offer: 'ISA-2026-001 stop-and-search',
    purpose: 'complaint-reviews',
    need: 'To review one.',
  };
  const form = formOn(await amina.get(at('/requests/new')), '/requests/check');
  const checked = await amina.post(at('/requests/check'), { ...form, ...asked });
  const sent = await amina.post(at('/requests'), { ...formOn(checked, '/requests'), ...asked });
  if (!sent.location?.startsWith('/requests/REQ-')) throw new Error(`It was not asked:\n${sent.body}`);
  return sent.location;
}

/** Tom agrees to a request. */
export async function agree(at: At, tom: Visitor, request: string): Promise<void> {
  const form = formOn(await tom.get(at(`${request}/decision?decision=share`)), `${request}/decision`);
  const answer = { ...form, decision: 'share', reasons: 'It is needed for the review.' };
  const decided = await tom.post(at(`${request}/decision`), answer);
  if (decided.location !== request) throw new Error(`It was not agreed:\n${decided.body}`);
}
