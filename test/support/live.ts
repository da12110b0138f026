import { setUpCode } from '../../src/organisations/index.ts';
import type { Route } from '../../src/platform/http/index.ts';
import { type Answered, aService, type Visit } from './http.ts';
import { anInstance, type TestInstance } from './instance.ts';
import { setUpApp } from './sign-in.ts';

/** The password that everybody of a live instance chooses here. */
export const password = 'correct horse battery';

/** A live instance that has been set up as Westmarch Police, and what tests do with it. */
export type Live = TestInstance & {
  routes: readonly Route[];
  visit(visit: Visit): Promise<Answered>;
  get(url: string, session: string | null): Promise<Answered>;
  post(url: string, session: string | null, form?: Visit['form']): Promise<Answered>;
  /** The session of the first administrator, Sam Lee. */
  administrator: string;
  /** Lets somebody in, as their administrator does by page: their id, and the token of their link. */
  letIn(name: string, roles: string[], by?: string): Promise<{ id: string; token: string }>;
  /** The same, and they choose their password and sign in. */
  join(name: string, roles: string[], by?: string): Promise<{ id: string; session: string }>;
  signIn(email: string, secret?: string): Promise<string>;
};

/** The address of somebody, made from their name. */
export function emailOf(name: string): string {
  return `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@westmarch.example`;
}

/** The session that an answer starts; null where it starts none. */
export function sessionOf(answer: Answered): string | null {
  return answer.cookies.find((one) => /^__Host-chirograph=.{43}$/.test(one))?.split('=')[1] ?? null;
}

/** The token of the link that a page shows; throws where it shows none. */
export function linkIn({ body }: Answered): string {
  const [, token] = /\/link\/([A-Za-z0-9_-]{43})/.exec(body) ?? [];
  if (!token) throw new Error('The page shows no link');
  return token;
}

/** Sets one up. */
export async function aLiveInstance(): Promise<Live> {
  const made = await anInstance('live');
  const service = await aService(made.instance);
  const { visit } = service;
  const get: Live['get'] = (url, session) => visit({ method: 'GET', url, session });
  const post: Live['post'] = (url, session, form = {}) => visit({ method: 'POST', url, session, form });
  const setUp = await post('/setup', null, {
    code: setUpCode(made.instance.sealer),
    organisation: 'Westmarch Police',
    slug: '',
    name: 'Sam Lee',
    email: emailOf('Sam Lee'),
    password,
  });
  const { session: administrator } = await setUpApp(service, sessionOf(setUp));
  if (administrator === null) throw new Error(`It was not set up: ${setUp.status}`);
  const signIn: Live['signIn'] = async (email, secret = password) => {
    const half = await post('/sign-in', null, { email, password: secret });
    if (sessionOf(half) === null) throw new Error(`${email} cannot sign in`);
    // Everybody signs in as for the first time: no test waits half a minute for the next code of an app.
    await made.superuser.query(
      'delete from second_factors where person_id = (select id from people where email = $1)',
      [email],
    );
    const { session } = await setUpApp(service, sessionOf(half));
    if (session === null) throw new Error(`${email} cannot set up an app`);
    return session;
  };
  const letIn: Live['letIn'] = async (name, roles, by = administrator) => {
    const shown = await post('/people', by, { name, email: emailOf(name), roles });
    const { rows } = await made.superuser.query<{ id: string }>('select id from people where email = $1', [
      emailOf(name),
    ]);
    return { id: rows[0]?.id ?? '', token: linkIn(shown) };
  };
  return {
    ...made,
    routes: service.routes,
    visit,
    get,
    post,
    administrator,
    signIn,
    letIn,
    async join(name, roles, by) {
      const { id, token } = await letIn(name, roles, by);
      await post(`/link/${token}`, null, { password });
      return { id, session: await signIn(emailOf(name)) };
    },
    async close() {
      await service.close();
      await made.close();
    },
  };
}
