import { agreementRoutes } from '../agreements/pages.ts';
import { organisationRoutes, untilSetUp } from '../organisations/pages.ts';
import { overviewRoutes, type Setting, unlessStopped } from '../overview/pages.ts';
import { type Route, staticRoutes } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { countOverdue, findReleasesBetween, findReleasesOf } from '../releases/index.ts';
import { releaseRoutes } from '../releases/pages.ts';
import { mayPrepare } from '../releases/rules.ts';
import { requestRoutes } from '../requests/pages.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { healthRoutes } from './health.ts';

/** Every page and action of the service: there are no others. */
export function composeRoutes(instance: Instance, rulebook: Rulebook, setting: Setting): Route[] {
  const pages = [
    ...overviewRoutes(instance, setting),
    ...organisationRoutes(instance),
    ...agreementRoutes(instance),
    ...requestRoutes(instance, rulebook, {
      mayPrepare,
      releases: { ofRequests: findReleasesOf, between: findReleasesBetween, overdue: countOverdue },
    }),
    ...releaseRoutes(instance, rulebook),
  ];
  return [
    ...untilSetUp(instance, unlessStopped(instance, pages)),
    ...staticRoutes,
    ...healthRoutes(instance),
  ];
}

/** The folders that templates are found in. */
export const templateFolders = ['organisations', 'agreements', 'requests', 'releases', 'overview'].map(
  (folder) => new URL(`../${folder}`, import.meta.url).pathname,
);
