import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { accountRoutes } from './account-pages.ts';
import { delegationRoutes } from './delegation-pages.ts';
import { keyRoutes } from './key-pages.ts';
import { linkRoutes } from './link-pages.ts';
import { peopleRoutes } from './people-pages.ts';
import { resetRoutes } from './reset-sign-in-pages.ts';
import { secondStepRoutes } from './second-step-pages.ts';
import { setUpRoutes } from './set-up-pages.ts';
import { signInRoutes } from './sign-in-pages.ts';

export { untilSetUp } from './set-up-pages.ts';

/** Signing in and out, setting up, the people of a body, one-time links, and the public keys. */
export function organisationRoutes(instance: Instance): Route[] {
  return [
    ...signInRoutes(instance),
    ...secondStepRoutes(instance),
    ...setUpRoutes(instance),
    ...peopleRoutes(instance),
    ...delegationRoutes(instance),
    ...linkRoutes(instance),
    ...resetRoutes(instance),
    ...accountRoutes(instance),
    ...keyRoutes(instance),
  ];
}
