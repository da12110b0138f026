import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setUpCode } from '../../src/organisations/index.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { type Answered, aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { secretOn, sessionIn, setUpApp, stepAt, totpCode } from '../support/sign-in.ts';

// Signing in to a live instance, as its people do it and as somebody does who should not get in.

let world: TestInstance;
let service: Awaited<ReturnType<typeof aService>>;
let secret: string;
let first: { session: string | null; codes: string[] };

const right = { email: 'priya.shah@westmarch-police.example', password: 'correct horse battery' };
const person = { organisation: 'Westmarch Police', slug: '', name: 'Priya Shah', ...right };
const wrongCode = () => [1, 2, 3, 4, 5].map((n) => `00000${n}`).find((code) => !codesNear().includes(code));
const codesNear = () => [-2, -1, 0, 1, 2].map((by) => totpCode(secret, stepAt() + by));

const get = (url: string, session: string | null = null, more: Record<string, string> = {}) =>
  service.visit({ method: 'GET', url, session, more });
const post = (
  url: string,
  form: Record<string, string>,
  session: string | null = null,
  more: Record<string, string> = {},
) => service.visit({ method: 'POST', url, session, form, more });
const deviceIn = (answer: Answered) =>
  answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph-device='))?.split('=')[1] ?? '';
const half = async (more: Record<string, string> = {}) => {
  const answer = await post('/sign-in', right, null, more);
  return sessionIn(answer);
};
const sql = (text: string) => world.superuser.query(text);

beforeAll(async () => {
  world = await anInstance('live');
  service = await aService(world.instance);
  const begun = await post('/setup', { ...person, code: setUpCode(world.instance.sealer) });
  const made = await setUpApp(service, sessionIn(begun));
  ({ secret } = made);
  first = made;
});
afterAll(async () => {
  await service?.close();
  await world?.close();
});
// Codes can be used again, and nobody has to wait: each test starts with a clean count.
beforeEach(async () => {
  await sql('update second_factors set last_step = 0');
  await sql('delete from attempts');
});

describe('the password', () => {
  test('alone is half a sign-in: no page but the second step knows who it is', async () => {
    const email = right.email.toUpperCase();
    const answer = await post('/sign-in', { ...right, email, next: '/ledger' });
    expect([answer.status, answer.location]).toEqual([303, '/sign-in/code?next=%2Fledger']);
    const session = sessionIn(answer);
    expect(session).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const url of ['/ledger', '/agreements', '/requests/new']) {
      expect((await get(url, session)).location, url).toBe(`/sign-in?next=${encodeURIComponent(url)}`);
    }
    expect((await get('/', session)).location).toBe('/sign-in');
    expect((await post('/agreements/X/sign', {}, session)).status).toBe(403);
    expect((await get('/sign-in/code', session)).body).not.toContain('Priya');
    expect(deviceIn(answer)).toBe('');
  });

  test('wrong, or of nobody: the same words, the same kind of answer, the address kept and the password not', async () => {
    const wrongPassword = await post('/sign-in', { ...right, password: 'wrong password' });
    const nobody = await post('/sign-in', { ...right, email: 'nobody@westmarch-police.example' });
    for (const answer of [wrongPassword, nobody]) {
      expect(answer.status).toBe(422);
      expect(answer.body).toContain(
        'The email address or the password is not right. Check both and try again.',
      );
      expect(sessionIn(answer)).toBeNull();
    }
    const shape = ({ body }: Answered) =>
      body.replace(/value="[^"]*"|nonce="[^"]*"/g, '').replace(/nonce-\S+/g, '');
    expect(shape(wrongPassword)).toBe(shape(nobody));
    expect(wrongPassword.body).toContain(`value="${right.email}"`);
    expect(wrongPassword.body).not.toContain('wrong password');
  });

  test('missing is asked for', async () => {
    const { body } = await post('/sign-in', {});
    expect(body).toContain('Enter your email address');
    expect(body).toContain('Enter your password');
  });

  test('is not by-passed by one click, as in the example', async () => {
    const { rows } = await world.superuser.query<{ id: string }>('select id from people');
    const answer = await post('/sign-in', { person: rows[0]?.id ?? '' });
    expect([answer.status, sessionIn(answer)]).toEqual([422, null]);
  });
});

describe('the code', () => {
  test('makes it whole, with a new token, and leads where one was going', async () => {
    const before = await half();
    const answer = await post('/sign-in/code', { code: totpCode(secret, stepAt()), next: '/ledger' }, before);
    expect([answer.status, answer.location]).toEqual([303, '/ledger']);
    const session = sessionIn(answer);
    expect(session).not.toBe(before);
    expect((await get('/ledger', session)).status).toBe(200);
    expect((await get('/sign-in/code', before)).location).toBe('/sign-in');
    expect((await get('/sign-in', session)).location).toBe('/');
    expect((await get('/sign-in/code', session)).location).toBe('/sign-in');
  });

  test.each([-1, 1])('of the step %i is taken too, typed with a space in it', async (by) => {
    const code = totpCode(secret, stepAt() + by).replace(/^.../, '$& ');
    expect((await post('/sign-in/code', { code }, await half())).location).toBe('/');
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '',
  ])('does not lead to another site: %j', async (next) => {
    const begun = await post('/sign-in', { ...right, next });
    expect(begun.location).toBe('/sign-in/code');
    const session = sessionIn(begun);
    expect((await get(`/sign-in?next=${encodeURIComponent(next)}`)).body).not.toContain('evil');
    expect((await get(`/sign-in/code?next=${encodeURIComponent(next)}`, session)).body).not.toContain('evil');
    const code = totpCode(secret, stepAt());
    expect((await post('/sign-in/code', { code, next }, session)).location).toBe('/');
  });

  test('works once, and so does none before it', async () => {
    const step = stepAt();
    expect((await post('/sign-in/code', { code: totpCode(secret, step) }, await half())).status).toBe(303);
    for (const used of [step, step - 1]) {
      const again = await post('/sign-in/code', { code: totpCode(secret, used) }, await half());
      expect([again.status, sessionIn(again)]).toEqual([422, null]);
      expect(again.body).toContain('used already');
    }
  });

  test('sent twenty times at once gives one session, from one half and from several', async () => {
    const one = await half();
    const halves = [one, one, one, one, one, ...(await Promise.all([1, 2, 3, 4, 5].map(() => half())))];
    await sql('delete from attempts');
    const code = totpCode(secret, stepAt());
    const answers = await Promise.all(
      [...halves, ...halves].map((session) => post('/sign-in/code', { code }, session)),
    );
    expect(answers.filter((answer) => sessionIn(answer) !== null)).toHaveLength(1);
  });

  test.each(['', '000', '1234567', 'abcdef', '１２３４５６', '000000 or 1=1', 'x'.repeat(5000)])(
    'that is none is refused: %j',
    async (code) => {
      const answer = await post('/sign-in/code', { code }, await half());
      expect([answer.status, sessionIn(answer)]).toEqual([422, null]);
    },
  );

  test('is of no use to another half of a sign-in than its person’s, nor to nobody', async () => {
    const code = totpCode(secret, stepAt());
    const answer = await post('/sign-in/code', { code });
    expect([answer.status, sessionIn(answer)]).toEqual([403, null]);
    const made = await post('/sign-in/code', { code }, 'B'.repeat(43));
    expect([made.status, sessionIn(made)]).toEqual([403, null]);
  });

  test('is refused without the form’s token, and from another site', async () => {
    const session = await half();
    const code = totpCode(secret, stepAt());
    for (const url of ['/sign-in/code', '/sign-in/second-factor']) {
      expect((await post(url, { code, _csrf: 'forged' }, session)).status, url).toBe(403);
    }
    expect((await post('/sign-in/code', { code }, session)).status).toBe(303);
  });

  test('must come within a quarter of an hour', async () => {
    const session = await half();
    await sql(`update sessions set ends_at = now() - interval '1 second' where proved_at is null`);
    const late = await post('/sign-in/code', { code: totpCode(secret, stepAt()) }, session);
    expect([late.status, sessionIn(late)]).toEqual([403, null]);
  });
});

describe('setting up an app', () => {
  test('shows the same key until it is taken; the picture says it too', async () => {
    await sql('delete from second_factors');
    const session = await half();
    const page = await get('/sign-in/second-factor', session);
    expect(secretOn(page)).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(secretOn(await get('/sign-in/second-factor', session))).toBe(secretOn(page));
    expect(secretOn(await get('/sign-in/second-factor', await half()))).not.toBe(secretOn(page));
    expect((await get('/sign-in/code', session)).location).toBe('/sign-in/second-factor?next=%2F');
    const { rows } = await sql(`select string_agg(s::text, '') as all from sessions s`);
    const key = secretOn(page).replaceAll(' ', '');
    expect(rows[0].all).not.toContain(key);
    expect(rows[0].all).not.toContain(Buffer.from(key).toString('hex'));
  });

  test('needs a right code, and gives ten recovery codes once', async () => {
    const session = await half();
    const key = secretOn(await get('/sign-in/second-factor', session));
    const wrong = await post('/sign-in/second-factor', { code: '12345' }, session);
    expect([wrong.status, sessionIn(wrong), secretOn(wrong)]).toEqual([422, null, key]);
    const made = await setUpApp(service, session);
    expect(made.codes).toHaveLength(10);
    expect(new Set(made.codes).size).toBe(10);
    expect((await get('/ledger', made.session)).status).toBe(200);
    ({ secret } = made);
    first = made;
  });

  test('a second browser with the password cannot put its own app in place of the first', async () => {
    await sql('delete from second_factors');
    const [mine, theirs] = [await half(), await half()];
    const key = secretOn(await get('/sign-in/second-factor', theirs));
    const made = await setUpApp(service, mine);
    const late = await post('/sign-in/second-factor', { code: totpCode(key, stepAt()) }, theirs);
    expect([late.status, sessionIn(late)]).toEqual([409, null]);
    expect((await get('/sign-in/second-factor', theirs)).location).toBe('/sign-in/code?next=%2F');
    ({ secret } = made);
    first = made;
  });
});

describe('recovery codes', () => {
  test('each signs in once, however it is typed, and says how many are left', async () => {
    const [code = ''] = first.codes;
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    const answer = await post('/sign-in/code', { code: typed }, await half());
    expect(answer.status).toBe(303);
    const notice = answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph-notice='));
    expect(Buffer.from(notice?.split('=')[1] ?? '', 'base64url').toString()).toContain('You have 9 left');
    const again = await post('/sign-in/code', { code }, await half());
    expect([again.status, sessionIn(again)]).toEqual([422, null]);
  });

  test('one sent ten times at once gives one session', async () => {
    const halves = await Promise.all(first.codes.map(() => half()));
    await sql('delete from attempts');
    const code = first.codes[1] ?? '';
    const answers = await Promise.all(halves.map((session) => post('/sign-in/code', { code }, session)));
    expect(answers.filter((answer) => sessionIn(answer) !== null)).toHaveLength(1);
  });

  test('are kept as keyed hashes: whoever has the database alone cannot check a guess', async () => {
    const { rows } = await world.superuser.query<{ person_id: string; code_hash: Buffer }>(
      'select person_id, code_hash from recovery_codes',
    );
    expect(rows).toHaveLength(8);
    const plain = (first.codes[2] ?? '').replaceAll('-', '');
    const id = rows[0]?.person_id ?? '';
    const guesses = [plain, `${id}${plain}`, JSON.stringify([id, plain])].flatMap((text) => [
      sha256(text),
      createHmac('sha256', id).update(text).digest(),
    ]);
    for (const guess of guesses) expect(rows.some((row) => row.code_hash.equals(guess))).toBe(false);
  });
});

describe('guessing', () => {
  const guess = (more: Record<string, string> = {}, email = right.email) =>
    post('/sign-in', { email, password: 'not this one either' }, null, more);

  test('is slowed after five wrong passwords, with a time to try again; the right one waits as well', async () => {
    for (let n = 0; n < 5; n++) expect((await guess()).status).toBe(422);
    const sixth = await guess();
    expect(sixth.status).toBe(429);
    const [, words] =
      /There were too many wrong attempts\. Try again in (1[0-5]) seconds\./.exec(sixth.body) ?? [];
    expect(words, 'the words and the header agree').toBe(sixth.headers['retry-after']);
    expect(await half()).toBeNull();
  });

  test('waits twice as long each time, and a quarter of an hour at most', async () => {
    const waits: number[] = [];
    for (let n = 0; n < 14; n++) {
      await sql('update attempts set not_before = null');
      await guess();
      const { rows } = await sql(
        'select coalesce(max(extract(epoch from not_before - at)::int), 0) as wait from attempts',
      );
      waits.push(rows[0].wait);
    }
    expect(waits).toEqual([0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
  });

  test('a long wait is said in minutes, with the time it ends, and in seconds to machines', async () => {
    for (let n = 0; n < 5; n++) await guess();
    await sql(`update attempts set not_before = now() + interval '10 minutes'`);
    const long = await guess();
    expect(long.body).toMatch(/Try again in (10|11) minutes, at \d{1,2}:\d\d(am|pm)\./);
    expect(Number(long.headers['retry-after'])).toBeGreaterThan(590);
    expect(Number(long.headers['retry-after'])).toBeLessThanOrEqual(600);
  });

  test('an address that nobody has is slowed in the same way', async () => {
    const email = 'nobody@westmarch-police.example';
    for (let n = 0; n < 5; n++) expect((await guess({}, email)).status).toBe(422);
    expect((await guess({}, email)).status).toBe(429);
  });

  test('however the address is written, it is one address', async () => {
    for (const email of [
      right.email,
      right.email.toUpperCase(),
      ` ${right.email}`,
      right.email.replace('i', 'İ'),
      right.email.replace('k', 'K'),
    ]) {
      await guess({}, email);
    }
    expect((await guess()).status).toBe(429);
  });

  test('a hundred at once are a hundred: no more than five are looked at', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess()));
    expect(answers.filter((answer) => answer.status === 422)).toHaveLength(5);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(35);
  });

  test('does not keep out the person it is aimed at: their browser has a count of its own', async () => {
    const entered = await post('/sign-in/code', { code: totpCode(secret, stepAt()) }, await half());
    const device = { '__Host-chirograph-device': deviceIn(entered) };
    for (let n = 0; n < 6; n++) await guess();
    expect((await guess()).status).toBe(429);
    expect(await half(device)).not.toBeNull();
    // Nor from the second step, where somebody who has the password guesses at codes.
    await sql('delete from attempts');
    const theirs = await half();
    for (let n = 0; n < 6; n++) await post('/sign-in/code', { code: wrongCode() ?? '' }, theirs);
    const code = totpCode(secret, stepAt() + 1);
    expect((await post('/sign-in/code', { code }, theirs)).status).toBe(429);
    expect((await post('/sign-in/code', { code }, await half(device), device)).status).toBe(303);
  });

  test('a device cookie that is made up, or somebody else’s, gives no count of its own', async () => {
    for (let n = 0; n < 6; n++) await guess();
    const entered = await post('/sign-in', right, null, {
      '__Host-chirograph-device': `${'A'.repeat(22)}.${'B'.repeat(22)}`,
    });
    expect(entered.status).toBe(429);
  });

  test('a known browser is slowed too', async () => {
    const entered = await post('/sign-in/code', { code: totpCode(secret, stepAt()) }, await half());
    const device = { '__Host-chirograph-device': deviceIn(entered) };
    for (let n = 0; n < 5; n++) expect((await guess(device)).status).toBe(422);
    expect((await guess(device)).status).toBe(429);
  });

  test('codes are slowed across all halves of a sign-in, and a right password forgives none of them', async () => {
    for (let n = 0; n < 5; n++) {
      expect((await post('/sign-in/code', { code: wrongCode() ?? '' }, await half())).status).toBe(422);
    }
    const code = totpCode(secret, stepAt());
    expect((await post('/sign-in/code', { code }, await half())).status).toBe(429);
    expect((await post('/sign-in/code', { code: first.codes[3] ?? '' }, await half())).status).toBe(429);
  });

  test('one network that tries many addresses is slowed; a right one is given back', async () => {
    await half(); // what is left is the network's bucket
    await sql('update attempts set failures = 98');
    for (let n = 0; n < 3; n++) expect(await half()).not.toBeNull();
    expect((await sql('select failures from attempts')).rows).toEqual([{ failures: 98 }]);
    expect((await guess({}, 'one@westmarch-police.example')).status).toBe(422);
    expect((await guess({}, 'two@westmarch-police.example')).status).toBe(422);
    expect((await guess({}, 'three@westmarch-police.example')).status).toBe(429);
    expect(await half()).toBeNull();
  });

  test('the count holds no personal data, and what is a day old is swept', async () => {
    await guess();
    const { rows } = await sql(`select string_agg(a::text, ' ') as all from attempts a`);
    for (const text of [right.email, '127.0.0.1', sha256(right.email).toString('hex')]) {
      expect(rows[0].all).not.toContain(text);
    }
    await sql(`update attempts set at = at - interval '2 days', not_before = not_before - interval '2 days'`);
    await guess({}, 'somebody.else@westmarch-police.example');
    expect((await sql('select count(*)::int as n from attempts')).rows[0].n).toBe(2);
  });
});

describe('a session', () => {
  test('is a new one each time, ends the one before in that browser, and ends when told to', async () => {
    const code = () => totpCode(secret, stepAt());
    const one = sessionIn(await post('/sign-in/code', { code: code() }, await half()));
    const begun = sessionIn(await post('/sign-in', right, one));
    expect((await get('/ledger', one)).location).toBe('/sign-in?next=%2Fledger');
    await sql('update second_factors set last_step = 0');
    const two = sessionIn(await post('/sign-in/code', { code: code() }, begun));
    expect((await get('/ledger', two)).status).toBe(200);
    expect((await post('/sign-out', {}, two)).location).toBe('/sign-in');
    expect((await get('/ledger', two)).location).toBe('/sign-in?next=%2Fledger');
  });

  test('ends after an hour without use, and after twelve hours of it', async () => {
    const session = sessionIn(
      await post('/sign-in/code', { code: totpCode(secret, stepAt()) }, await half()),
    );
    const hash = `token_hash = '\\x${sha256(session ?? '').toString('hex')}'`;
    const ends = async () =>
      (await sql(`select extract(epoch from ends_at - now())::int as s from sessions where ${hash}`)).rows[0]
        ?.s;
    expect(await ends()).toBeGreaterThan(59 * 60);
    await sql(
      `update sessions set seen_at = now() - interval '30 minutes', ends_at = now() + interval '30 minutes' where ${hash}`,
    );
    expect((await get('/ledger', session)).status).toBe(200);
    expect(await ends()).toBeGreaterThan(59 * 60);
    await sql(
      `update sessions set started_at = now() - interval '719 minutes', seen_at = now() - interval '2 minutes',
         ends_at = now() + interval '1 minute', expires_at = now() + interval '1 minute' where ${hash}`,
    );
    expect((await get('/ledger', session)).status).toBe(200);
    expect(await ends()).toBeLessThanOrEqual(60);
    await sql(`update sessions set ends_at = now() - interval '1 second' where ${hash}`);
    expect((await get('/ledger', session)).location).toBe('/sign-in?next=%2Fledger');
  });

  test('keeps the hash of its token and its browser in words, and no address', async () => {
    const session = sessionIn(
      await post('/sign-in/code', { code: totpCode(secret, stepAt()) }, await half()),
    );
    const { rows } = await sql(`select string_agg(s::text, '') as all from sessions s`);
    expect(rows[0].all).not.toContain(session);
    expect(rows[0].all).not.toContain(Buffer.from(session ?? '', 'base64url').toString('hex'));
    expect(rows[0].all).not.toContain('127.0.0.1');
    expect(rows[0].all).toContain('A browser we do not know');
  });
});
