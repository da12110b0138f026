import { londonDay } from '../../src/platform/pure/dates.ts';
import { packageFiles, recipientFiles } from '../../src/releases/rules.ts';
import type { Visit } from './http.ts';

// Every route, and whose it is. Whoever adds one says so here: outsiders.test.ts fails on one that is not in the table, and
// tries each as everybody who has no business with it.

/** What a route may be about. */
export type Kind = 'agreement' | 'request' | 'release' | 'run' | 'act' | 'person' | 'delegation';
type Sent = Pick<Visit, 'form' | 'file'>;

/** Whose a route is. */
export type Cover =
  /** Anybody's, and why. */
  | { anybody: string }
  /** Shows each body its own, and no more. `roles` are needed. */
  | { own: true; roles?: true }
  /** Does something in the visitor's own body, and in no other. `roles` are needed. */
  | { inside: true; roles: true; sent: Sent }
  /** About how the visitor signs in, and nobody else does: see account.test.ts. */
  | { themselves: true }
  /** About one thing. `side`: only this body acts on it; `roles`: and only those of it who may. */
  | { of: Kind; side?: 'the police' | 'the commissioner'; roles?: true; names?: string[]; sent?: Sent }
  /** Asks something of another body, by what is sent. */
  | { sent: Sent; roles: true };

const ask = {
  offer: 'ISA-2026-001 stop-and-search',
  purpose: 'complaint-reviews',
  need: 'To look at what is not for us.',
};
const decision = { decision: 'refuse', reasons: 'Because we are not the ones to decide.' };
const destruction = { method: 'Deleted from every drive', certain: 'yes' };
const [year = '', month = '', day = ''] = londonDay(new Date().toISOString()).split('-');
const handingOn = {
  role: 'siro',
  to: '019b0000-0000-7000-8000-000000000011', // Dan Okafor of the example
  ...{ 'from-day': day, 'from-month': month, 'from-year': year },
  ...{ 'until-day': day, 'until-month': month, 'until-year': year },
};
const somebody = { name: 'Mallory', email: 'mallory@example.test', roles: 'administrator' };

/** The files of a release that hold its data. */
export const dataFiles = ['stop-and-search.csv', 'stop-and-search.csv.age'];
const proofs = [...Object.values(packageFiles), ...Object.values(recipientFiles)];

/** Every route there is, by method and path, and whose it is. */
export const covers: Record<string, Cover> = {
  'GET /healthz': { anybody: 'watched from outside; says one word' },
  'GET /readyz': { anybody: 'the same, for a balancer; one word more when it is not ready' },
  'GET /openapi.json': { anybody: 'describes the service, and nobody’s data' },
  'GET /help': { anybody: 'the same for everybody' },
  'GET /cookies': { anybody: 'the same for everybody' },
  'GET /accessibility': { anybody: 'the same for everybody' },
  'GET /register': { anybody: 'the public register, without contacts: see agreements/pages.test.ts' },
  'GET /register.json': { anybody: 'the same, for machines' },
  'GET /verify': { anybody: 'checks what the visitor already has, in their own browser' },
  'GET /keys': { anybody: 'public keys: partners need them before they trust us' },
  'GET /keys/:slug.json': { anybody: 'the same, for --keys' },
  'GET /sign-in': { anybody: 'nobody is anybody before it' },
  'POST /sign-in': { anybody: 'the same' },
  'GET /sign-in/code': { anybody: 'only from half a sign-in: see sign-in.test.ts' },
  'POST /sign-in/code': { anybody: 'the same' },
  'GET /sign-in/second-factor': { anybody: 'the same' },
  'POST /sign-in/second-factor': { anybody: 'the same' },
  'POST /sign-out': { anybody: 'ends the visitor’s own session, if there is one' },
  'GET /setup': { anybody: 'only while an instance is empty, with the code: see set-up.test.ts' },
  'POST /setup': { anybody: 'the same' },

  'GET /link/:token': { anybody: 'whoever holds it: see people.test.ts' },
  'POST /link/:token': { anybody: 'the same' },

  'GET /': { own: true },
  'GET /agreements': { own: true },
  'GET /requests': { own: true },
  'GET /releases': { own: true },
  'GET /ledger': { own: true },
  'GET /ledger/check': { own: true },
  'GET /safety': { own: true, roles: true },
  'GET /account': { own: true },
  'POST /account/sessions/end': { themselves: true },
  'POST /account/sessions/:id/end': { themselves: true },
  'GET /account/password': { themselves: true },
  'POST /account/password': { themselves: true },
  'GET /account/second-factor': { themselves: true },
  'POST /account/second-factor': { themselves: true },
  'POST /account/recovery-codes': { themselves: true },

  'GET /people/:id/reset-sign-in': { of: 'person', side: 'the police', roles: true },
  'POST /people/:id/reset-sign-in': { of: 'person', side: 'the police', roles: true },
  'GET /delegations': { own: true },
  'POST /delegations': { inside: true, roles: true, sent: { form: handingOn } },
  'POST /delegations/:id/end': { of: 'delegation', side: 'the police', roles: true },
  'GET /agreements/start': { own: true, roles: true },
  'POST /agreements/start': {
    inside: true,
    roles: true,
    sent: { form: { template: 'isa', with: 'westmarch-opcc' } },
  },
  'GET /agreements/propose': { own: true, roles: true },
  'POST /agreements/propose': { inside: true, roles: true, sent: { file: { name: 'a.yaml', text: 'a: 1' } } },
  'GET /people': { own: true },
  'GET /people/new': { own: true, roles: true },
  'POST /people': { inside: true, roles: true, sent: { form: somebody } },
  'GET /people/:id': { of: 'person', side: 'the police', roles: true },
  'POST /people/:id/roles': {
    of: 'person',
    side: 'the police',
    roles: true,
    sent: { form: { roles: 'auditor' } },
  },
  'POST /people/:id/link': { of: 'person', side: 'the police', roles: true },
  'GET /people/:id/erase': { of: 'person', side: 'the police', roles: true },
  'POST /people/:id/erase': { of: 'person', side: 'the police', roles: true },
  'GET /requests/new': { own: true, roles: true },
  'POST /requests/new': { own: true, roles: true },

  'POST /requests/check': { sent: { form: ask }, roles: true },
  'POST /requests': { sent: { form: ask }, roles: true },

  'GET /agreements/survey': { own: true, roles: true },
  'POST /agreements/survey': {
    inside: true,
    roles: true,
    sent: { file: { name: 'a.zip', text: 'PK' } },
  },
  'GET /agreements/read': { own: true, roles: true },
  'POST /agreements/read': {
    inside: true,
    roles: true,
    sent: { file: { name: 'a.txt', text: 'Agreement' } },
  },
  'POST /agreements/read/confirm': { inside: true, roles: true, sent: { form: { read: '{}' } } },
  'GET /agreements/compare': { own: true, roles: true },
  'POST /agreements/compare': {
    inside: true,
    roles: true,
    sent: { file: { name: 'a.yaml', text: 'a: 1' } },
  },
  'POST /agreements/compare/word': { inside: true, roles: true, sent: { file: { name: '', text: '' } } },
  'GET /agreements/:reference': { of: 'agreement' },
  'GET /agreements/:reference.json': { of: 'agreement' },
  'GET /agreements/:reference.docx': { of: 'agreement' },
  'GET /agreements/:reference.pdf': { of: 'agreement' },
  'GET /agreements/:reference.yaml': { of: 'agreement' },
  'POST /agreements/:reference/sign': { of: 'agreement', roles: true },
  'GET /ledger/:act.tlog-proof': { of: 'act' },

  'GET /requests/:id': { of: 'request' },
  'GET /requests/:id/decision': { of: 'request', side: 'the police', roles: true },
  'POST /requests/:id/decision': { of: 'request', side: 'the police', roles: true, sent: { form: decision } },
  'GET /requests/:id/prepare': { of: 'request', side: 'the police', roles: true },
  'POST /requests/:id/prepare': {
    of: 'request',
    side: 'the police',
    roles: true,
    sent: { file: { name: 'searches.csv', text: 'Type,Date\n' } },
  },

  'POST /requests/:id/runs': {
    of: 'request',
    side: 'the police',
    roles: true,
    sent: { file: { name: 'searches.csv', text: 'Type,Date\n' } },
  },
  'GET /runs/:id': { of: 'run', side: 'the police', roles: true },
  'GET /runs/:id.json': { of: 'run', side: 'the police', roles: true },
  'POST /runs/:id/cancel': { of: 'run', side: 'the police', roles: true },

  'GET /releases/:id': { of: 'release' },
  'GET /releases/:id/quality': { of: 'release', side: 'the police' },
  'GET /releases/:id/files/:name': { of: 'release', names: [...dataFiles, ...proofs] },
  'POST /releases/:id/approve': { of: 'release', side: 'the police', roles: true },
  'POST /releases/:id/withdraw': { of: 'release', side: 'the police', roles: true },
  'POST /releases/:id/collect': { of: 'release', side: 'the commissioner', roles: true },
  'GET /releases/:id/destroy': { of: 'release', side: 'the commissioner', roles: true },
  'POST /releases/:id/destroy': {
    of: 'release',
    side: 'the commissioner',
    roles: true,
    sent: { form: destruction },
  },
};
