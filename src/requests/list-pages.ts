import { findBriefs } from '../agreements/index.ts';
import { findNames, findPartner, wordsIn } from '../organisations/index.ts';
import { actorOf, callerOf } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Answer, Exchange, Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { askedOf, nextOf } from '../platform/list-page.ts';
import { countRequests, findRequestList, requestLists, requestOrder } from './lists.ts';
import type { FindReleases } from './page-known.ts';
import { listPage } from './page-list.ts';
import { findRequest } from './store.ts';

/** The lists of requests: the start of each on one page, or one of them page by page. */
export function listRoutes({ database }: Instance, { ofRequests }: FindReleases): Route[] {
  const list = async ({ visitor, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const asked = askedOf(requestOrder, query);
    return database.read(actorOf(caller), async (db): Promise<Answer> => {
      const found = wordsIn(query) === '' ? null : await findRequest(db, wordsIn(query).toUpperCase());
      if (found) return { goTo: paths.request(found.reference) };
      const partnered = await findPartner(db, query);
      const partner = partnered.partner?.id ?? null;
      const counts = await countRequests(db, partner);
      const lists = [];
      for (const one of asked.list === null ? requestLists : [asked.list]) {
        const listed = await findRequestList(db, one, { ...asked, partner });
        lists.push({ list: one, listed, count: counts[one] });
      }
      const requests = lists.flatMap(({ listed }) => listed.rows);
      const bodies = requests.flatMap((one) => [one.holderId, one.recipientId]);
      const releases = await ofRequests(
        db,
        requests.map((one) => one.id),
        1,
      );
      const known = {
        asked,
        lists,
        partnered,
        organisations: await findNames(db, bodies),
        agreements: await findBriefs(
          db,
          requests.map((one) => one.agreementId),
        ),
        releases: new Map(releases.map((one) => [one.requestId, one])),
      };
      const model = listPage(known, caller, now);
      return { page: 'requests.njk', model, next: nextOf(asked, model.sections) };
    });
  };
  return [{ method: 'GET', path: paths.requests(), who: 'signed-in', handle: list }];
}
