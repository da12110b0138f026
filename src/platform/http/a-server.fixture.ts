import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../pure/hash.ts';
import { refuse } from '../refusal.ts';
import { createHttp, type LogLine, type Route, staticRoutes, type Visitor } from './index.ts';

/** A session's token that the server knows, and the cookie it comes in. */
export const token = 'S'.repeat(43);
export const signedIn = { cookie: `__Host-chirograph=${token}` };

/** What somebody may call themselves or write. */
export const nasty = `"><script>alert('x')</script>`;

export const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

/** What a handler was given. */
type Handled = { form: object; key: string | null; file: string | null };

const visitor: Visitor = {
  organisation: { id: 'o1', slug: 'westmarch-police', name: `Westmarch ${nasty}` },
  person: { id: 'p1', name: `Dan ${nasty}`, roles: ['practitioner'] },
  sessionId: 's1',
  provedAt: '2026-11-22T10:00:00.000Z',
};

const routesGiving = (handled: Handled[]): Route[] => [
  {
    method: 'GET',
    path: '/inside',
    who: 'signed-in',
    handle: async () => ({ page: 'static/help.njk', model: {} }),
  },
  {
    method: 'POST',
    path: '/act',
    who: 'signed-in',
    handle: async ({ form, idempotencyKey }) => {
      handled.push({ form, key: idempotencyKey, file: null });
      return { goTo: '/inside', notice: `Done for ${nasty}` };
    },
  },
  {
    method: 'GET',
    path: '/watching',
    who: 'signed-in',
    fetches: true,
    handle: async () => ({ page: 'static/help.njk', model: {} }),
  },
  {
    method: 'POST',
    path: '/later',
    who: 'signed-in',
    handle: async ({ form, afterwards }) => {
      afterwards(
        sleep(300).then(() => {
          handled.push({ form, key: null, file: null });
          throw new RangeError('a name or a key');
        }),
      );
      return { goTo: '/inside' };
    },
  },
  {
    method: 'POST',
    path: '/enter',
    who: 'anyone',
    handle: async () => ({ goTo: '/inside', session: token }),
  },
  {
    method: 'POST',
    path: '/leave',
    who: 'signed-in',
    handle: async () => ({ goTo: '/help', endSession: true }),
  },
  { method: 'GET', path: '/form', who: 'anyone', handle: async () => ({ page: 'form.njk', model: {} }) },
  {
    method: 'GET',
    path: '/elsewhere',
    who: 'anyone',
    handle: async ({ query }) => ({ goTo: query['to'] ?? '/' }),
  },
  {
    method: 'GET',
    path: '/things/:id',
    who: 'anyone',
    handle: async () => ({ refused: refuse('not-found', 'thing.not-found', 'There is no such thing.') }),
  },
  {
    method: 'POST',
    path: '/refused',
    who: 'signed-in',
    handle: async () => ({
      refused: [
        refuse('invalid', 'thing.no-name', 'Give a name', 'name'),
        refuse('invalid', 'thing.no-day', 'Give a day', 'day'),
      ],
      page: 'static/help.njk',
    }),
  },
  {
    method: 'GET',
    path: '/broken',
    who: 'anyone',
    handle: async () => {
      throw new Error('duplicate key value: (name)=(Dan Okafor)');
    },
  },
  {
    method: 'GET',
    path: '/file',
    who: 'signed-in',
    handle: async () => ({ file: Buffer.from('a,b'), name: 'stop "and" search £.csv', type: 'text/csv' }),
  },
  {
    method: 'GET',
    path: '/healthz',
    who: 'anyone',
    handle: async () => ({ json: { status: 'down' }, status: 'unavailable' }),
  },
  {
    method: 'POST',
    path: '/upload',
    who: 'signed-in',
    upload: { maxBytes: 1000 },
    handle: async ({ form, upload, idempotencyKey }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of upload?.stream ?? []) chunks.push(chunk as Buffer);
      handled.push({
        form,
        key: idempotencyKey,
        file: upload && `${upload.name}: ${Buffer.concat(chunks).toString()}`,
      });
      return { goTo: '/inside' };
    },
  },
  {
    method: 'POST',
    path: '/uploads',
    who: 'signed-in',
    upload: { maxBytes: 1000, files: 2 },
    handle: async ({ upload }) => {
      const files: string[] = [];
      for (let one = upload; one !== null; one = await one.next()) {
        const chunks: Buffer[] = [];
        for await (const chunk of one.stream) chunks.push(chunk as Buffer);
        files.push(`${one.field}, ${one.name}: ${Buffer.concat(chunks).toString()}`);
      }
      return { json: files };
    },
  },
];

/** A server with these routes, its log, what its handlers were given, and two ways to ask it. */
export async function aServer() {
  const log: LogLine[] = [];
  const handled: Handled[] = [];
  const http = await createHttp({
    routes: [...routesGiving(handled), ...staticRoutes],
    templates: [fileURLToPath(new URL('../../../test/support/pages', import.meta.url))],
    findVisitor: async (hash) => (hash.equals(sha256(token)) ? visitor : null),
    standing: () => 'recent',
    prove: async () => ({ ok: true }),
    proxies: [],
    banner: 'Made-up organisations',
    log: (line) => log.push(line),
  });
  /** The hidden fields of a form that is shown to a browser, and the cookies it is given. */
  const hiddenFields = async (headers: Record<string, string>) => {
    const shown = await http.inject({ url: '/form', headers });
    const value = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(shown.body)?.[1] ?? '';
    const cookie = shown.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
    return { csrf: value('_csrf'), key: value('_key'), cookie };
  };
  const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = signedIn) => {
    const payload = new URLSearchParams(fields).toString();
    return http.inject({ method: 'POST', url, headers: { ...urlencoded, ...headers }, payload });
  };
  return { http, log, handled, hiddenFields, post };
}
