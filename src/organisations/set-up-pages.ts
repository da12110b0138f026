import { paths } from '../paths.ts';
import { type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { refuse, refuseForm } from '../platform/refusal.ts';
import { SetUpOrganisation, slugFrom } from './rules.ts';
import { setUp } from './set-up.ts';
import { secondStepOf } from './sign-in-pages.ts';
import { needsSetup } from './store.ts';

const fields = ['code', 'organisation', 'slug', 'name', 'email'] as const;

/** The set-up page, with what was typed but never the password. */
export function setUpPage(typed: Partial<Record<(typeof fields)[number], string>>) {
  return { typed: Object.fromEntries(fields.map((field) => [field, typed[field] ?? ''])) };
}

/** What was typed, with the short name made from the name where it was left empty. */
export function readSetUp(form: Exchange['form']) {
  const organisation = fieldOf(form, 'organisation');
  return {
    code: fieldOf(form, 'code'),
    organisation,
    slug: fieldOf(form, 'slug') || slugFrom(organisation),
    name: fieldOf(form, 'name'),
    email: fieldOf(form, 'email'),
    password: form['password'] ?? '',
  };
}

// Without a name there is no short name to make from it: one thing is wrong, not two.
function withoutEcho<Issue extends { path: readonly PropertyKey[] }>(
  issues: readonly Issue[],
  { organisation, slug }: { organisation: string; slug: string },
): Issue[] {
  return issues.filter((issue) => issue.path[0] !== 'slug' || organisation !== '' || slug !== '');
}

/** Setting up an empty live instance. Once there is an organisation these pages do not exist. */
export function setUpRoutes(instance: Instance): Route[] {
  const gone = {
    refused: refuse('not-found', 'set-up.done', 'This service has been set up already. Sign in.'),
  };
  const isOpen = () => instance.database.read(null, needsSetup);
  return [
    {
      method: 'GET',
      path: paths.setUp(),
      who: 'anyone',
      handle: async () => ((await isOpen()) ? { page: 'set-up.njk', model: setUpPage({}) } : gone),
    },
    {
      method: 'POST',
      path: paths.setUp(),
      who: 'anyone',
      handle: async ({ form, from, now }) => {
        if (!(await isOpen())) return gone;
        const typed = readSetUp(form);
        const page = { page: 'set-up.njk', model: setUpPage({ ...typed }) };
        const read = SetUpOrganisation.safeParse(typed);
        if (!read.success) {
          return { refused: refuseForm('set-up', withoutEcho(read.error.issues, typed)), ...page };
        }
        const done = await setUp(instance, read.data, from, now);
        if (!done.ok) return { refused: done, ...page };
        const notice = `${read.data.organisation} is set up, and you are its administrator.`;
        return { goTo: secondStepOf(done, paths.today()), session: done.token, notice };
      },
    },
  ];
}

/**
 * The same pages for an instance that may be empty: until it is set up, each of them leads to the set-up page. Only a
 * live instance is ever empty, and one that was set up once is never asked again.
 */
export function untilSetUp(instance: Instance, routes: Route[]): Route[] {
  if (instance.mode === 'example') return routes;
  let isSetUp = false;
  const mustSetUp = async () => {
    isSetUp ||= !(await instance.database.read(null, needsSetup));
    return !isSetUp;
  };
  return routes.map((route) => ({
    ...route,
    handle: async (exchange) =>
      route.path !== paths.setUp() && (await mustSetUp()) ? { goTo: paths.setUp() } : route.handle(exchange),
  }));
}
