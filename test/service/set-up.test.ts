import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setUpCode } from '../../src/organisations/index.ts';
import { type Answered, aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';

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
const sessionOf = (answer: Answered) =>
  answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph='))?.split('=')[1] ?? null;
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

  test('is set up once: its first person is signed in as administrator, and the page is gone for ever', async () => {
    const done = await post('/setup', form());
    expect([done.status, done.location]).toEqual([303, '/']);
    expect(await organisations()).toEqual(['westmarch-police']);
    const { rows } = await world.superuser.query('select name, roles from people');
    expect(rows).toEqual([{ name: 'Priya Shah', roles: ['administrator'] }]);
    expect((await get('/', sessionOf(done))).body).toContain('Priya Shah, administrator');
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

describe('signing in to a live instance', () => {
  const right = { email: 'priya.shah@westmarch-police.example', password: 'correct horse battery' };
  let first: string | null;

  beforeAll(async () => {
    await start();
    first = sessionOf(await post('/setup', form()));
  });
  afterAll(end);

  test('takes the address however it is written, and goes where one was going', async () => {
    const email = right.email.toUpperCase();
    const answer = await post('/sign-in', { ...right, email, next: '/ledger' });
    expect([answer.status, answer.location]).toEqual([303, '/ledger']);
    expect(sessionOf(answer)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '',
  ])('does not lead to another site: %j', async (next) => {
    expect((await post('/sign-in', { ...right, next })).location).toBe('/');
    expect((await get(`/sign-in?next=${encodeURIComponent(next)}`)).body).not.toContain('evil');
  });

  test('does not say whether the address or the password was wrong, and keeps the address only', async () => {
    const wrongPassword = await post('/sign-in', { ...right, password: 'wrong password' });
    const nobody = await post('/sign-in', { ...right, email: 'nobody@westmarch-police.example' });
    for (const answer of [wrongPassword, nobody]) {
      expect(answer.status).toBe(422);
      expect(answer.body).toContain(
        'The email address or the password is not right. Check both and try again.',
      );
      expect(sessionOf(answer)).toBeNull();
    }
    expect(wrongPassword.body).toContain(`value="${right.email}"`);
    expect(wrongPassword.body).not.toContain('wrong password');
  });

  test('asks for what is missing', async () => {
    const { body } = await post('/sign-in', {});
    expect(body).toContain('Enter your email address');
    expect(body).toContain('Enter your password');
  });

  test('starts a new session each time, and ends the one before', async () => {
    const second = sessionOf(await post('/sign-in', right, first));
    expect(second).not.toBe(first);
    expect((await get('/ledger', first)).location).toBe('/sign-in?next=%2Fledger');
    expect((await get('/ledger', second)).status).toBe(200);
    const out = await post('/sign-out', {}, second);
    expect(out.location).toBe('/sign-in');
    expect((await get('/ledger', second)).location).toBe('/sign-in?next=%2Fledger');
  });

  test('is not done by one click, as in the example', async () => {
    const { rows } = await world.superuser.query<{ id: string }>('select id from people');
    const answer = await post('/sign-in', { person: rows[0]?.id ?? '' });
    expect(answer.status).toBe(422);
    expect(sessionOf(answer)).toBeNull();
  });

  test('only the hash of a session’s token is kept', async () => {
    const token = sessionOf(await post('/sign-in', right));
    const { rows } = await world.superuser.query<{ all: string }>(
      "select string_agg(s::text, '') as all from sessions s",
    );
    expect(rows[0]?.all).not.toContain(token);
    expect(rows[0]?.all).not.toContain(Buffer.from(token ?? '', 'base64url').toString('hex'));
  });
});
