/**
 * Every address of the service. Pure; anyone may import it, and templates have it as `paths`. The same table gives the
 * routes their patterns: `paths.release(':id')` is `/releases/:id`.
 */
export const paths = {
  today: () => '/',

  signIn: (next?: string) =>
    next === undefined ? '/sign-in' : `/sign-in?${new URLSearchParams({ next }).toString()}`,
  signOut: () => '/sign-out',

  requests: () => '/requests',
  agreements: () => '/agreements',
  releases: () => '/releases',
  ledger: () => '/ledger',

  register: () => '/register',
  keys: () => '/keys',

  help: () => '/help',
  cookies: () => '/cookies',
  accessibility: () => '/accessibility',
} as const;
