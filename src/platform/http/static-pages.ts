import { paths } from '../../paths.ts';
import type { Route } from './contract.ts';

/** The pages that are the same for everybody: help, cookies, accessibility. */
export const staticRoutes: readonly Route[] = [
  staticPage(paths.help(), 'static/help.njk'),
  staticPage(paths.cookies(), 'static/cookies.njk'),
  staticPage(paths.accessibility(), 'static/accessibility.njk'),
];

function staticPage(path: string, page: string): Route {
  return { method: 'GET', path, who: 'anyone', handle: async () => ({ page, model: {} }) };
}
