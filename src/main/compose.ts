import { agreementRoutes } from '../agreements/pages.ts';
import { findLogHolders, findTrouble, oldestPending } from '../ledger/index.ts';
import { organisationRoutes, untilSetUp } from '../organisations/pages.ts';
import { overviewRoutes, unlessStopped } from '../overview/pages.ts';
import { type Route, staticRoutes } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { findReleases } from '../releases/index.ts';
import { releaseRoutes } from '../releases/pages.ts';
import { mayPrepare } from '../releases/rules.ts';
import { requestRoutes } from '../requests/pages.ts';
import type { Rulebook } from '../rulebook/index.ts';

/** Every page and action of the service: there are no others. */
export function composeRoutes(instance: Instance, rulebook: Rulebook): Route[] {
  const pages = [
    ...overviewRoutes(instance),
    ...organisationRoutes(instance),
    ...agreementRoutes(instance),
    ...requestRoutes(instance, rulebook, { mayPrepare, findReleases: (db) => findReleases(db, 500) }),
    ...releaseRoutes(instance, rulebook),
  ];
  return [...untilSetUp(instance, unlessStopped(instance, pages)), ...staticRoutes, health(instance)];
}

/** The folders that templates are found in. */
export const templateFolders = ['organisations', 'agreements', 'requests', 'releases', 'overview'].map(
  (folder) => new URL(`../${folder}`, import.meta.url).pathname,
);

const longestPending = 10; // seconds; the integrator signs within one

// 200 while the database answers and every log keeps up; anything that watches the service asks here.
function health(instance: Instance): Route {
  return {
    method: 'GET',
    path: '/healthz',
    who: 'anyone',
    handle: async () => {
      const well = await isWell(instance).catch(() => false);
      return well ? { json: { status: 'ok' } } : { json: { status: 'unavailable' }, status: 'unavailable' };
    },
  };
}

async function isWell(instance: Instance): Promise<boolean> {
  if ((await instance.database.work(oldestPending)) > longestPending) return false;
  for (const organisationId of await instance.database.work(findLogHolders)) {
    if (await findTrouble(instance, organisationId)) return false;
  }
  return true;
}
