import { createRenderer, errorOf } from './render.ts';
import { readStylesheet } from './stylesheet.ts';

/**
 * A page that is a file by itself, with its look inside and nothing to fetch or run: a template that extends `standalone.njk`, found in
 * one of the folders, with its model.
 */
export async function standalonePage(
  templates: readonly string[],
  template: string,
  model: object,
  report: (line: string) => void,
): Promise<string> {
  const stylesheet = await readStylesheet(report);
  const page = {
    visitor: null,
    banner: null,
    proof: 'not-asked' as const,
    assets: '',
    nonce: '',
    notice: null,
    errors: [],
    errorOf: (field: string) => errorOf([], field),
    csrf: () => '',
    key: () => '',
  };
  return createRenderer(templates)(template, { ...model, stylesheet }, page);
}
