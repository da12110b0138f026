import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { deviceIn, right, signingIn } from '../support/signing-in.ts';

// Guessing at passwords and codes is slowed, and the person it is aimed at still gets in.

const { app, codeNow, half, post, sql, wrongCode } = signingIn();

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
    const entered = await post('/sign-in/code', { code: codeNow() }, await half());
    const device = { '__Host-chirograph-device': deviceIn(entered) };
    for (let n = 0; n < 6; n++) await guess();
    expect((await guess()).status).toBe(429);
    expect(await half(device)).not.toBeNull();
    // Nor from the second step, where somebody who has the password guesses at codes.
    await sql('delete from attempts');
    const theirs = await half();
    for (let n = 0; n < 6; n++) await post('/sign-in/code', { code: wrongCode() }, theirs);
    const code = codeNow(1);
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
    const entered = await post('/sign-in/code', { code: codeNow() }, await half());
    const device = { '__Host-chirograph-device': deviceIn(entered) };
    for (let n = 0; n < 5; n++) expect((await guess(device)).status).toBe(422);
    expect((await guess(device)).status).toBe(429);
  });

  test('codes are slowed across all halves of a sign-in, and a right password forgives none of them', async () => {
    for (let n = 0; n < 5; n++) {
      expect((await post('/sign-in/code', { code: wrongCode() }, await half())).status).toBe(422);
    }
    const code = codeNow();
    expect((await post('/sign-in/code', { code }, await half())).status).toBe(429);
    expect((await post('/sign-in/code', { code: app.codes[3] ?? '' }, await half())).status).toBe(429);
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
