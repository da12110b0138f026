import { findBriefs } from '../agreements/index.ts';
import { findNames, findPartner, wordsIn } from '../organisations/index.ts';
import { actorOf, callerOf } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { askedOf, nextOf } from '../platform/list-page.ts';
import { countReleases, findReleaseList, releaseLists, releaseOrder } from './lists.ts';
import { listPage } from './page-list.ts';
import { findRelease } from './store.ts';

/** The lists of releases: the start of each on one page, or one of them page by page. */
export function listRoutes({ database }: Instance): Route[] {
  const list = async ({ visitor, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const asked = askedOf(releaseOrder, query);
    return database.read(actorOf(caller), async (db): Promise<Answer> => {
      const found = wordsIn(query) === '' ? null : await findRelease(db, wordsIn(query).toUpperCase());
      if (found) return { goTo: paths.release(found.reference) };
      const partnered = await findPartner(db, query);
      const partner = partnered.partner?.id ?? null;
      const counts = await countReleases(db, partner);
      const lists = [];
      for (const one of asked.list === null ? releaseLists : [asked.list]) {
        const listed = await findReleaseList(db, one, { ...asked, partner });
        lists.push({ list: one, listed, count: counts[one] });
      }
      const releases = lists.flatMap(({ listed }) => listed.rows);
      const known = {
        asked,
        lists,
        partnered,
        organisations: await findNames(
          db,
          releases.flatMap((one) => [one.senderId, one.recipientId]),
        ),
        agreements: await findBriefs(
          db,
          releases.map((one) => one.agreementId),
        ),
      };
      const model = listPage(known, caller, now);
      return { page: 'releases.njk', model, next: nextOf(asked, model.sections) };
    });
  };
  return [{ method: 'GET', path: paths.releases(), who: 'signed-in', handle: list }];
}
