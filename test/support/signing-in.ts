import { afterAll, beforeAll, beforeEach } from 'vitest';
import { setUpCode } from '../../src/organisations/index.ts';
import { type Answered, aService } from './http.ts';
import { anInstance, type TestInstance } from './instance.ts';
import { sessionIn, setUpApp, stepAt, totpCode } from './sign-in.ts';

/** The one person of the live instance, Priya Shah. */
export const right = { email: 'priya.shah@westmarch-police.example', password: 'correct horse battery' };

/** The cookie that says of a browser that somebody signed in with it; empty where the answer gives none. */
export function deviceIn(answer: Answered): string {
  return answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph-device='))?.split('=')[1] ?? '';
}

/** A live instance for the tests of a file, and what somebody who signs in to it does. Each test starts with a clean count. */
export function signingIn() {
  let world: TestInstance;
  let service: Awaited<ReturnType<typeof aService>>;
  /** Her authenticator app, and her recovery codes. */
  const app = { secret: '', codes: [] as string[] };

  const get = (url: string, session: string | null = null) => service.visit({ method: 'GET', url, session });
  const post = (
    url: string,
    form: Record<string, string>,
    session: string | null = null,
    more: Record<string, string> = {},
  ) => service.visit({ method: 'POST', url, session, form, more });
  const sql = (text: string) => world.superuser.query(text);
  /** Takes up an app from half a sign-in, as hers from now on. */
  const setUp = async (half: string | null) => {
    const made = await setUpApp(service, half);
    Object.assign(app, { secret: made.secret, codes: made.codes });
    return made;
  };
  /** The code of the app, so many steps of 30 seconds from now. */
  const codeNow = (by = 0) => totpCode(app.secret, stepAt() + by);

  beforeAll(async () => {
    world = await anInstance('live');
    service = await aService(world.instance);
    const body = { organisation: 'Westmarch Police', slug: '', name: 'Priya Shah' };
    await setUp(
      sessionIn(await post('/setup', { ...body, ...right, code: setUpCode(world.instance.sealer) })),
    );
  });
  afterAll(async () => {
    await service?.close();
    await world?.close();
  });
  // Codes can be used again, and nobody has to wait.
  beforeEach(async () => {
    await sql('update second_factors set last_step = 0');
    await sql('delete from attempts');
  });

  return {
    app,
    get,
    post,
    sql,
    setUp,
    codeNow,
    /** A code that is none of now, nor of the steps about it. */
    wrongCode: () =>
      [1, 2, 3, 4, 5, 6]
        .map((n) => `00000${n}`)
        .find((one) => ![-2, -1, 0, 1, 2].map((by) => codeNow(by)).includes(one)) ?? '',
    /** Half a sign-in: the session that the right password gives. */
    half: async (more: Record<string, string> = {}) => sessionIn(await post('/sign-in', right, null, more)),
  };
}
