import type { Entry } from '../ledger/index.ts';
import { paths } from '../paths.ts';
import { inOneLine } from '../platform/pure/words.ts';

/** What an act is called, and what happened in a sentence. `{by}` did it; `{others}` are the other parties. */
type ActWords = { title: string; says: string };

/** Every act of the ledger in plain words. This is the only place that has them. */
export const acts: Record<string, ActWords> = {
  'organisation.created': {
    title: 'Organisation set up',
    says: '{by} was set up here, with its keys and this ledger.',
  },
  'ledger.continued': {
    title: 'Ledger started anew',
    says: '{by} gave up its ledger before this one, whose later entries were lost. What was held and what had been signed is on record here.',
  },
  'keys.exported': {
    title: 'Private key taken out',
    says: '{by} took out the key that opens files sent to it.',
  },
  'person.added': {
    title: 'Somebody let in',
    says: '{by} let somebody in, and made them a link to join with.',
  },
  'person.link-made': {
    title: 'One-time link made',
    says: '{by} made somebody a new link to choose a password with.',
  },
  'person.sign-in-reset': {
    title: 'Sign-in reset',
    says: '{by} took away how somebody signed in, and made them a link to start anew.',
  },
  'person.password-chosen': {
    title: 'Password chosen',
    says: 'Somebody of {by} used a one-time link and chose a password.',
  },
  'person.roles-changed': {
    title: 'Roles changed',
    says: '{by} changed what somebody may do.',
  },
  'role.delegated': {
    title: 'Role delegated',
    says: 'Somebody of {by} handed a role to a colleague for some days.',
  },
  'role.delegation-ended': {
    title: 'Delegation ended',
    says: '{by} ended a delegation before its last day.',
  },
  'person.erased': {
    title: 'A person’s details erased',
    says: '{by} erased somebody’s details. What they did stays on record, without them.',
  },
  'agreement.proposed': { title: 'Agreement proposed', says: '{by} put an agreement before {others}.' },
  'agreement.signed': { title: 'Agreement signed', says: '{by} signed an agreement with {others}.' },
  'request.made': { title: 'Request made', says: '{by} raised a request for data with {others}.' },
  'request.agreed': { title: 'Request agreed', says: '{by} agreed to share with {others}.' },
  'request.refused': { title: 'Request refused', says: '{by} refused to share with {others}.' },
  'release.prepared': { title: 'Release prepared', says: '{by} prepared a file. Nothing has left.' },
  'release.refused': {
    title: 'Release refused',
    says: 'The rules stopped a release from {by} to {others}. Nothing left.',
  },
  'release.withdrawn': {
    title: 'Release withdrawn',
    says: '{by} withdrew a file that it had prepared. Nothing left.',
  },
  'release.rebuilt': {
    title: 'Release made again',
    says: '{by} made again what it had sent, from its own file. Nothing left.',
  },
  'release.sent': { title: 'Data sent', says: '{by} sent data to {others}.' },
  'release.collected': { title: 'Data collected', says: '{by} collected what {others} sent.' },
  'release.destroyed': {
    title: 'Data destroyed',
    says: '{by} certified that what {others} sent is destroyed.',
  },
};

/** An entry in plain words, with a link to what it is about where there is a page. */
export type EntryShown = {
  act: string;
  title: string;
  says: string;
  reference: string | null;
  link: { text: string; href: string } | null;
};

/** Puts an entry into words. `nameOf` gives an organisation's name by its id. */
export function showEntry(entry: Entry, nameOf: (id: string) => string): EntryShown {
  const words = acts[entry.act] ?? {
    title: entry.act,
    says: '{by} recorded an act that this version has no words for.',
  };
  const others = entry.parties.filter((party) => party !== entry.by).map(nameOf);
  const sentence = words.says
    .replace('{by}', nameOf(entry.by))
    .replace('{others}', inOneLine(others) || 'nobody else');
  const { reference } = entry.detail;
  const known = typeof reference === 'string' ? reference : null;
  return {
    act: entry.id,
    title: words.title,
    says: sentence + because(entry),
    reference: known,
    link: linkOf(entry, known),
  };
}

// A refusal says how many rules failed; an agreement that approves in advance is named as what decided.
function because({ detail }: Entry): string {
  const under = detail['under'] === undefined ? '' : ' In a role that a colleague delegated.';
  const failing = Array.isArray(detail['failing']) ? detail['failing'].length : 0;
  if (failing > 0) return ` ${failing} ${failing === 1 ? 'check' : 'checks'} failed.${under}`;
  return detail['decidedBy'] === 'agreement' ? ' The agreement approves it in advance.' : under;
}

function linkOf({ act, subject }: Entry, reference: string | null): EntryShown['link'] {
  if (reference === null) return null;
  if (subject.type === 'agreement') return { text: reference, href: paths.agreement(reference) };
  // A refused release is its sender's own: what both parties can look at is the request.
  if (subject.type === 'request') return { text: reference, href: paths.request(subject.id) };
  return subject.type === 'release' || act === 'release.rebuilt'
    ? { text: reference, href: paths.release(reference) }
    : null;
}
