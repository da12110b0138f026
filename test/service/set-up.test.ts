import { beforeEach, describe, expect, test } from 'vitest';
import { setUpCode } from '../../src/organisations/index.ts';
import { aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { sessionIn, setUpApp } from '../support/sign-in.ts';

let world: TestInstance;
let service: Awaited<ReturnType<typeof aService>>;

const start = async () => {
  world = await anInstance('live');
  service = await aService(world.instance);
};
const end = async () => {
  await service.close();
  await world.close();
};

const form = () => ({
  code: setUpCode(world.instance.sealer),
  organisation: 'Westmarch Police',
  slug: '',
  name: 'Priya Shah',
  email: 'priya.shah@westmarch-police.example',
  password: 'correct horse battery',
});
const get = (url: string, session: string | null = null) => service.visit({ method: 'GET', url, session });
const post = (url: string, sent: Record<string, string>, session: string | null = null) =>
  service.visit({ method: 'POST', url, session, form: sent });
const organisations = async () =>
  (await world.superuser.query<{ slug: string }>('select slug from organisations')).rows.map(
    (row) => row.slug,
  );

describe('an empty live instance', () => {
  beforeEach(async () => {
    await start();
    return end;
  });

  test('leads to its set-up page, wherever one starts', async () => {
    for (const url of ['/', '/sign-in', '/keys', '/register']) {
      expect((await get(url)).location, url).toBe('/setup');
    }
    expect((await get('/agreements')).location).toBe('/sign-in?next=%2Fagreements');
    expect((await get('/setup')).status).toBe(200);
    for (const url of ['/healthz', '/help', '/accessibility']) expect((await get(url)).status, url).toBe(200);
  });

  test('is not set up by a stranger who has not read the console', async () => {
    for (const code of ['', 'AAAA-BBBB-CCCC-DDDD']) {
      const refused = await post('/setup', { ...form(), code });
      expect(refused.status).toBe(422);
      expect(refused.body).toContain('console');
    }
    expect(await organisations()).toEqual([]);
  });

  test('says what is wrong with each field, and keeps what was typed but the password', async () => {
    const typed = { ...form(), name: '', email: 'priya', password: 'too short' };
    const { status, body } = await post('/setup', typed);
    expect(status).toBe(422);
    expect(body).toContain('Give your name');
    expect(body).toContain('Give an email address');
    expect(body).toContain('at least 12 characters');
    expect(body).toContain('value="Westmarch Police"');
    expect(body).not.toContain('too short');
  });

  test('is set up once: its first person sets up an app and is administrator; the page is gone for ever', async () => {
    const done = await post('/setup', form());
    expect([done.status, done.location]).toEqual([303, '/sign-in/second-factor']);
    expect(await organisations()).toEqual(['westmarch-police']);
    const { rows } = await world.superuser.query('select name, roles from people');
    expect(rows).toEqual([{ name: 'Priya Shah', roles: ['administrator'] }]);
    expect((await get('/', sessionIn(done))).location).toBe('/sign-in');
    const { session } = await setUpApp(service, sessionIn(done));
    expect((await get('/', session)).body).toContain('Priya Shah, administrator');
    expect((await get('/setup')).status).toBe(404);
    expect((await post('/setup', { ...form(), organisation: 'Another' })).status).toBe(404);
    expect(await organisations()).toEqual(['westmarch-police']);
  });

  test('the code may be typed with small letters and without hyphens', async () => {
    const code = form().code.toLowerCase().replaceAll('-', ' ');
    expect((await post('/setup', { ...form(), code })).status).toBe(303);
  });

  test('of two people at the same moment one is first, and the other is told', async () => {
    const names = ['Westmarch Police', 'Avonbury Council'];
    const answers = await Promise.all(
      names.map((organisation) =>
        post('/setup', { ...form(), organisation, email: `a@${organisation.length}.example` }),
      ),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([303, 404]);
    expect(await organisations()).toHaveLength(1);
  });
});
