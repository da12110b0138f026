import { composeRoutes, templateFolders } from '../../src/main/compose.ts';
import { visitorsOf } from '../../src/organisations/index.ts';
import { formToken } from '../../src/platform/http/csrf.ts';
import { createHttp } from '../../src/platform/http/index.ts';
import type { Instance } from '../../src/platform/instance.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';

type Sent = { name: string; text: string | Buffer; field?: string };

/** One visit: `session` is the token of somebody who signed in, or null. A POST is sent as our own forms are. */
export type Visit = {
  method: 'GET' | 'POST';
  url: string;
  session: string | null;
  form?: Record<string, string | string[]>;
  /** A file, or several, each in the field that it names; `file` where it names none. */
  file?: Sent | Sent[];
  /** More cookies. */
  more?: Record<string, string>;
};

/** What came back; `next` is the next page of a list, as the `Link` header gives it. */
export type Answered = {
  status: number;
  location: string | null;
  next: string | null;
  body: string;
  cookies: string[];
  headers: Record<string, unknown>;
};

/** Where the service of the tests listens: on this machine, with a database of its own. */
export const setting = { host: 'localhost', proxies: [], databaseUrl: null };

/** The real service over an instance, asked without a network. */
export async function aService(instance: Instance) {
  const routes = composeRoutes(instance, loadRulebook(shippedRules), setting);
  const app = await createHttp({
    routes,
    templates: templateFolders,
    ...visitorsOf(instance),
    proxies: [],
    banner: null,
    log: () => {},
  });
  const before = 'A'.repeat(43);
  const isSignedIn = async (token: string) =>
    !!(await visitorsOf(instance).findVisitor(sha256(token), instantOf(new Date())))?.provedAt;
  const visit = async ({ method, url, session, form = {}, file, more = {} }: Visit): Promise<Answered> => {
    // Half a sign-in is nobody to the form's token, so a browser in the middle of it holds both cookies.
    const cookies = { '__Host-chirograph-form': before, '__Host-chirograph': session ?? '', ...more };
    const isWhole = session !== null && (await isSignedIn(session));
    const sent =
      method === 'POST' ? bodyOf({ _csrf: formToken(isWhole ? session : before), ...form }, file) : {};
    const answer = await app.inject({ method, url, cookies, ...sent });
    return {
      status: answer.statusCode,
      location: answer.headers.location?.toString() ?? null,
      next: /^<(.*)>; rel="next"$/.exec(answer.headers.link?.toString() ?? '')?.[1] ?? null,
      body: answer.body,
      headers: answer.headers,
      cookies: answer.cookies.map((cookie) => `${cookie.name}=${cookie.value}`),
    };
  };
  return { routes, visit, close: () => app.close() };
}

function bodyOf(form: NonNullable<Visit['form']>, file: Visit['file']) {
  const fields = Object.entries(form).flatMap(([name, sent]) =>
    [sent].flat().map((value): [string, string] => [name, value]),
  );
  if (!file) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { headers, payload: new URLSearchParams(fields).toString() };
  }
  const edge = 'edge-of-a-part';
  const parts = fields.map(
    ([name, value]) => `--${edge}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const files = [file]
    .flat()
    .flatMap(({ name, text, field = 'file' }) => [
      Buffer.from(
        `--${edge}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n`,
      ),
      Buffer.from(text as string),
      Buffer.from('\r\n'),
    ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${edge}` },
    payload: Buffer.concat([Buffer.from(parts.join('')), ...files, Buffer.from(`--${edge}--\r\n`)]),
  };
}
