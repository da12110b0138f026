import { fileURLToPath } from 'node:url';
import { createHttp, type Route, staticRoutes, type Visitor } from '../../../src/platform/http/index.ts';
import { refuse } from '../../../src/platform/refusal.ts';
import { models } from './models.ts';

const priya: Visitor = {
  organisation: { id: 'o', slug: 'westmarch-police', name: 'Westmarch Police' },
  person: { id: 'p', name: 'Priya Shah', roles: ['dpo'] },
  sessionId: 's',
};

const pages: Route[] = (['decide', 'leaves', 'today'] as const).map((name) => ({
  method: 'GET',
  path: `/gallery/${name}`,
  who: 'signed-in',
  handle: async () => ({ page: `${name}.njk`, model: models[name] }),
}));

const actions: Route[] = [
  {
    method: 'GET',
    path: '/gallery/sign-in',
    who: 'anyone',
    handle: async () => ({ goTo: '/gallery/today', session: 'A'.repeat(43) }),
  },
  {
    method: 'POST',
    path: '/gallery/decide',
    who: 'signed-in',
    handle: async () => ({
      refused: [
        refuse('invalid', 'decide.choose', 'Choose what you want to do', 'decision'),
        refuse('invalid', 'decide.reasons', 'Give your reasons', 'reasons'),
      ],
      page: 'decide.njk',
      model: models.decide,
    }),
  },
  {
    method: 'POST',
    path: '/gallery/leaves',
    who: 'signed-in',
    handle: async () => ({ goTo: '/gallery/today', notice: 'REL-2026-0001 is sent' }),
  },
  {
    method: 'GET',
    path: '/gallery/fault',
    who: 'anyone',
    handle: async () => {
      throw new Error('broken');
    },
  },
];

/** Our macros with the example's figures, to look at: no page of the product. */
export function createGallery() {
  return createHttp({
    routes: [...pages, ...actions, ...staticRoutes],
    templates: [fileURLToPath(new URL('.', import.meta.url))],
    findVisitor: async () => priya,
    banner: 'Made-up organisations and real open data. Do not put real personal data in it.',
    log: ({ fault }) => fault && process.stderr.write(`${JSON.stringify(fault)}\n`),
  });
}
