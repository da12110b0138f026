import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { secretOn, sessionIn, stepAt, totpCode } from '../support/sign-in.ts';
import { signingIn } from '../support/signing-in.ts';

// The second step of signing in: an authenticator app, and recovery codes for when it is lost.

const { app, get, half, post, setUp, sql } = signingIn();

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
    const made = await setUp(session);
    expect(made.codes).toHaveLength(10);
    expect(new Set(made.codes).size).toBe(10);
    expect((await get('/ledger', made.session)).status).toBe(200);
  });

  test('a second browser with the password cannot put its own app in place of the first', async () => {
    await sql('delete from second_factors');
    const [mine, theirs] = [await half(), await half()];
    const key = secretOn(await get('/sign-in/second-factor', theirs));
    await setUp(mine);
    const late = await post('/sign-in/second-factor', { code: totpCode(key, stepAt()) }, theirs);
    expect([late.status, sessionIn(late)]).toEqual([409, null]);
    expect((await get('/sign-in/second-factor', theirs)).location).toBe('/sign-in/code?next=%2F');
  });
});

describe('recovery codes', () => {
  test('each signs in once, however it is typed, and says how many are left', async () => {
    const [code = ''] = app.codes;
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    const answer = await post('/sign-in/code', { code: typed }, await half());
    expect(answer.status).toBe(303);
    const notice = answer.cookies.find((cookie) => cookie.startsWith('__Host-chirograph-notice='));
    expect(Buffer.from(notice?.split('=')[1] ?? '', 'base64url').toString()).toContain('You have 9 left');
    const again = await post('/sign-in/code', { code }, await half());
    expect([again.status, sessionIn(again)]).toEqual([422, null]);
  });

  test('one sent ten times at once gives one session', async () => {
    const halves = await Promise.all(app.codes.map(() => half()));
    await sql('delete from attempts');
    const code = app.codes[1] ?? '';
    const answers = await Promise.all(halves.map((session) => post('/sign-in/code', { code }, session)));
    expect(answers.filter((answer) => sessionIn(answer) !== null)).toHaveLength(1);
  });

  test('are kept as keyed hashes: whoever has the database alone cannot check a guess', async () => {
    const { rows } = await sql('select person_id, code_hash from recovery_codes');
    expect(rows).toHaveLength(8);
    const plain = (app.codes[2] ?? '').replaceAll('-', '');
    const id = rows[0]?.person_id ?? '';
    const guesses = [plain, `${id}${plain}`, JSON.stringify([id, plain])].flatMap((text) => [
      sha256(text),
      createHmac('sha256', id).update(text).digest(),
    ]);
    for (const guess of guesses) expect(rows.some((row) => row.code_hash.equals(guess))).toBe(false);
  });
});
