import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';
import { paths } from '../../paths.ts';
import type { Visitor } from './contract.ts';

/** One line of an error summary; with a field it is a link to it. */
export type PageError = { says: string; field?: string };

/**
 * Whether a session's proof of who it is stands: `recent`; `ask` again in forms that need it; or `not-asked`, in the
 * example, whose people prove nothing.
 */
export type Standing = 'recent' | 'ask' | 'not-asked';

/** What every template has, as `page`, besides its own model. */
export type Page = {
  visitor: Visitor;
  banner: string | null;
  proof: Standing;
  assets: string;
  nonce: string;
  notice: string | null;
  errors: PageError[];
  /** What is wrong with a field, as GOV.UK components take it, or false. */
  errorOf(field: string): { text: string } | false;
  /** The hidden token of a form. */
  csrf(): string;
  /** A new idempotency key: one for each form. */
  key(): string;
};

/** Renders a template with a model. */
export type Render = (template: string, model: object, page: Page) => string;

/**
 * Nunjucks over the layout and macros here, GOV.UK Frontend's, and `templates` (folders). Everything is escaped, and a
 * value that a template prints but the model lacks is a fault, not a gap in the page.
 */
export function createRenderer(templates: readonly string[]): Render {
  const views = fileURLToPath(new URL('views', import.meta.url));
  const govuk = join(dirname(fileURLToPath(import.meta.resolve('govuk-frontend/package.json'))), 'dist');
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader([views, ...templates, govuk]), {
    autoescape: true,
    throwOnUndefined: true,
  });
  environment.addGlobal('paths', paths);
  return (template, model, page) => environment.render(template, { ...model, page });
}

/** What is wrong with a field among a page's errors, or false. */
export function errorOf(errors: readonly PageError[], field: string): { text: string } | false {
  const error = errors.find((one) => one.field === field);
  return error === undefined ? false : { text: error.says };
}
