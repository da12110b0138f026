import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/platform/pure/hash.ts';
import type { Answered } from '../support/http.ts';
import { sessionIn, stepAt, totpCode } from '../support/sign-in.ts';
import { deviceIn, right, signingIn } from '../support/signing-in.ts';

// Signing in to a live instance, as its people do it and as somebody does who should not get in.

const { app, codeNow, get, half, post, sql } = signingIn();

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
    const { rows } = await sql('select id from people');
    const answer = await post('/sign-in', { person: rows[0]?.id ?? '' });
    expect([answer.status, sessionIn(answer)]).toEqual([422, null]);
  });
});

describe('the code', () => {
  test('makes it whole, with a new token, and leads where one was going', async () => {
    const before = await half();
    const answer = await post('/sign-in/code', { code: codeNow(), next: '/ledger' }, before);
    expect([answer.status, answer.location]).toEqual([303, '/ledger']);
    const session = sessionIn(answer);
    expect(session).not.toBe(before);
    expect((await get('/ledger', session)).status).toBe(200);
    expect((await get('/sign-in/code', before)).location).toBe('/sign-in');
    expect((await get('/sign-in', session)).location).toBe('/');
    expect((await get('/sign-in/code', session)).location).toBe('/sign-in');
  });

  test.each([-1, 1])('of the step %i is taken too, typed with a space in it', async (by) => {
    const code = codeNow(by).replace(/^.../, '$& ');
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
    const code = codeNow();
    expect((await post('/sign-in/code', { code, next }, session)).location).toBe('/');
  });

  test('works once, and so does none before it', async () => {
    const step = stepAt();
    expect((await post('/sign-in/code', { code: totpCode(app.secret, step) }, await half())).status).toBe(
      303,
    );
    for (const used of [step, step - 1]) {
      const again = await post('/sign-in/code', { code: totpCode(app.secret, used) }, await half());
      expect([again.status, sessionIn(again)]).toEqual([422, null]);
      expect(again.body).toContain('used already');
    }
  });

  test('sent twenty times at once gives one session, from one half and from several', async () => {
    const one = await half();
    const halves = [one, one, one, one, one, ...(await Promise.all([1, 2, 3, 4, 5].map(() => half())))];
    await sql('delete from attempts');
    const code = codeNow();
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
    const code = codeNow();
    const answer = await post('/sign-in/code', { code });
    expect([answer.status, sessionIn(answer)]).toEqual([403, null]);
    const made = await post('/sign-in/code', { code }, 'B'.repeat(43));
    expect([made.status, sessionIn(made)]).toEqual([403, null]);
  });

  test('is refused without the form’s token, and from another site', async () => {
    const session = await half();
    const code = codeNow();
    for (const url of ['/sign-in/code', '/sign-in/second-factor']) {
      expect((await post(url, { code, _csrf: 'forged' }, session)).status, url).toBe(403);
    }
    expect((await post('/sign-in/code', { code }, session)).status).toBe(303);
  });

  test('must come within a quarter of an hour', async () => {
    const session = await half();
    await sql(`update sessions set ends_at = now() - interval '1 second' where proved_at is null`);
    const late = await post('/sign-in/code', { code: codeNow() }, session);
    expect([late.status, sessionIn(late)]).toEqual([403, null]);
  });
});

describe('a session', () => {
  test('is a new one each time, ends the one before in that browser, and ends when told to', async () => {
    const code = () => codeNow();
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
    const session = sessionIn(await post('/sign-in/code', { code: codeNow() }, await half()));
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
    const session = sessionIn(await post('/sign-in/code', { code: codeNow() }, await half()));
    const { rows } = await sql(`select string_agg(s::text, '') as all from sessions s`);
    expect(rows[0].all).not.toContain(session);
    expect(rows[0].all).not.toContain(Buffer.from(session ?? '', 'base64url').toString('hex'));
    expect(rows[0].all).not.toContain('127.0.0.1');
    expect(rows[0].all).toContain('A browser we do not know');
  });
});
