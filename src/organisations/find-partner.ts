import type { Db } from '../platform/database.ts';
import type { Organisation } from './rules.ts';
import { findOrganisation, findOrganisationsNamed } from './store.ts';

/** Which partner a list is about, and what was found by what somebody typed. */
export type Partnered = {
  /** The body that the list is kept to, or null for all. */
  partner: Organisation | null;
  /** What was looked for, and the bodies with such a name; null where nothing was. */
  looked: { words: string; bodies: Organisation[] } | null;
};

/** Reads `with` (a short name) and `find` (words of a name) of a list's address. */
export async function findPartner(db: Db, query: Record<string, string>): Promise<Partnered> {
  const slug = query['with'] ?? '';
  const words = wordsIn(query);
  const found = /^[a-z][a-z0-9-]{1,62}$/.test(slug) ? await findOrganisation(db, slug) : null;
  const partner = found && { id: found.id, slug: found.slug, name: found.name };
  return {
    partner,
    looked: words === '' ? null : { words, bodies: await findOrganisationsNamed(db, words) },
  };
}

/** What somebody typed to find something, without spaces around it. */
export function wordsIn(query: Record<string, string>): string {
  return (query['find'] ?? '').trim().slice(0, 100);
}

/** The same, as the macro `finder` shows it; `href` is the address of the list kept to one body. */
export function finderOf({ partner, looked }: Partnered, href: (query: { with: string }) => string) {
  return {
    partner: partner?.name ?? null,
    looked: looked && {
      words: looked.words,
      bodies: looked.bodies.map(({ name, slug }) => ({ text: name, href: href({ with: slug }) })),
    },
  };
}
