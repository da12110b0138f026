import { paths } from '../paths.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { refuse } from '../platform/refusal.ts';
import { signingFingerprint } from './keys.ts';
import { keyPage, type OtherKeys, type PublicKeys } from './rules.ts';
import { findOrganisation, findPublicOrganisations } from './store.ts';

/** The page of public keys: each body's, with the fingerprint that people compare. */
export function keysPage(bodies: readonly (OtherKeys & { keys: PublicKeys; fingerprint: string })[]) {
  return {
    bodies: bodies.map(({ keys, fingerprint, earlierLogs, witness }) => ({
      name: keys.name,
      slug: keys.organisation,
      fingerprint,
      log: keys.log,
      receiving: keys.receiving,
      earlierLogs,
      witness,
      download: { href: paths.keyPage(keys.organisation), name: `${keys.organisation}-keys.json` },
    })),
  };
}

/** The public keys of every body here: anyone may know them, and a partner needs them to verify. */
export function keyRoutes({ database }: Instance): Route[] {
  return [
    {
      method: 'GET',
      path: paths.keys(),
      who: 'anyone',
      handle: async () => {
        const known = await database.read(null, findPublicOrganisations);
        const bodies = known.flatMap(({ keys, ...one }) => (keys ? [{ ...one, keys }] : []));
        const shown = bodies.map(async ({ keys, earlierLogs, witness }) => ({
          keys,
          earlierLogs,
          witness,
          fingerprint: await signingFingerprint(keys.signing),
        }));
        return { page: 'keys.njk', model: keysPage(await Promise.all(shown)) };
      },
    },
    {
      method: 'GET',
      path: paths.keyPage(':slug'),
      who: 'anyone',
      handle: async ({ params }) => {
        const found = await database.read(null, (db) => findOrganisation(db, params['slug'] ?? ''));
        if (found?.keys) return { json: keyPage(found.keys, found) };
        return { refused: refuse('not-found', 'keys.none', 'There is no such organisation here.') };
      },
    },
  ];
}
