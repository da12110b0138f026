import { oldestPending } from '../ledger/index.ts';
import { type Route, staticRoutes } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import type { Rulebook } from '../rulebook/index.ts';

/** Every page and action of the service: there are no others. */
export function composeRoutes(instance: Instance, _rulebook: Rulebook): Route[] {
  return [...staticRoutes, health(instance)];
}

/** The folders that templates are found in. */
export const templateFolders = ['organisations', 'agreements', 'requests', 'releases', 'overview'].map(
  (folder) => new URL(`../${folder}`, import.meta.url).pathname,
);

const longestPending = 10; // seconds; the integrator signs within one

// 200 while the database answers and the log keeps up; anything that watches the service asks here.
function health({ database }: Instance): Route {
  return {
    method: 'GET',
    path: '/healthz',
    who: 'anyone',
    handle: async () => {
      const waited = await database.work(oldestPending).catch(() => Number.POSITIVE_INFINITY);
      return waited <= longestPending
        ? { json: { status: 'ok' } }
        : { json: { status: 'unavailable' }, status: 'unavailable' };
    },
  };
}
