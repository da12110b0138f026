import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { integratePending } from '../../src/ledger/index.ts';
import { isPassword } from '../../src/organisations/passwords.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { aLiveInstance, emailOf, type Live, linkIn, password, sessionOf } from '../support/live.ts';
import { codesOn, secretOn, stepAt, stepBefore, totpCode } from '../support/sign-in.ts';

// What somebody does with their own sign-in, what they are asked again before they do it, and what is done to it by
// whoever looks after them.

let live: Live;
let joined: { id: string; session: string };
let secret: string;

const email = emailOf('Ada Byron');
const account = '/account';

beforeAll(async () => {
  live = await aLiveInstance();
  joined = await live.join('Ada Byron', ['administrator', 'information-asset-owner', 'signatory']);
});
afterAll(() => live?.close());
beforeEach(async () => {
  await live.superuser.query('delete from attempts');
  const half = await live.post('/sign-in', null, { email, password });
  await live.superuser.query('delete from sessions where person_id = $1', [joined.id]);
  await live.superuser.query('delete from second_factors where person_id = $1', [joined.id]);
  expect(half.status).toBe(303);
  ({ session: joined.session, secret } = await enter());
});

/** A whole sign-in as Ada, who sets up her app where she has none, at a time of her own. */
async function enter(): Promise<{ session: string; secret: string }> {
  const half = sessionOf(await live.post('/sign-in', null, { email, password }));
  const url = '/sign-in/second-factor';
  const page = await live.get(url, half);
  if (page.status === 200) {
    const found = secretOn(page);
    const done = await live.post(url, half, { code: totpCode(found, await stepBefore()) });
    return { session: sessionOf(done) ?? '', secret: found };
  }
  await anyCode();
  const done = await live.post('/sign-in/code', half, { code: totpCode(secret, stepAt()) });
  return { session: sessionOf(done) ?? '', secret };
}

const anyCode = () => live.superuser.query('update second_factors set last_step = 0');
const proofIsOld = () =>
  live.superuser.query(`update sessions set proved_at = now() - interval '11 minutes' where person_id = $1`, [
    joined.id,
  ]);
const isSignedIn = async (session: string) => (await live.get(account, session)).status === 200;

describe('sessions', () => {
  test('are listed with their browser and when, this one marked, and ended one by one, at once', async () => {
    const other = await enter();
    const page = await live.get(account, joined.session);
    expect(page.body.match(/A browser we do not know/g)?.length).toBeGreaterThanOrEqual(2);
    expect(page.body.match(/This one/g)).toHaveLength(1);
    const [, action = ''] = /action="(\/account\/sessions\/[0-9a-f-]{36}\/end)"/.exec(page.body) ?? [];
    expect((await live.post(action, joined.session)).location).toBe(account);
    expect(await isSignedIn(other.session)).toBe(false);
    expect(await isSignedIn(joined.session)).toBe(true);
    expect((await live.post(action, joined.session)).status).toBe(404);
  });

  test('everywhere else are ended in one go', async () => {
    const others = [await enter(), await enter()];
    expect((await live.post('/account/sessions/end', joined.session)).location).toBe(account);
    for (const { session } of others) expect(await isSignedIn(session)).toBe(false);
    expect(await isSignedIn(joined.session)).toBe(true);
  });

  test('of somebody else are not listed and cannot be ended', async () => {
    const { rows } = await live.superuser.query<{ id: string }>(
      'select id from sessions where token_hash = $1',
      [sha256(live.administrator)],
    );
    const id = rows[0]?.id ?? '';
    expect((await live.get(account, joined.session)).body).not.toContain(id);
    for (const one of [id, 'x', `${id}' or true`]) {
      const answer = await live.post(`/account/sessions/${encodeURIComponent(one)}/end`, joined.session);
      expect(answer.status).toBe(404);
    }
    expect(await isSignedIn(live.administrator)).toBe(true);
  });
});

describe('after ten minutes', () => {
  test('it is asked again who it is, once: nothing is done without, and it holds for the next ten', async () => {
    await proofIsOld();
    const page = await live.get(account, joined.session);
    expect(page.body).toContain('name="_proof"');
    const asked = await live.post('/account/recovery-codes', joined.session);
    expect(asked.status).toBe(422);
    expect(asked.body).toContain('Enter the code from your authenticator app');
    expect(codesOn(asked)).toEqual([]);
    const wrong = await live.post('/account/recovery-codes', joined.session, { _proof: '000000' });
    expect([wrong.status, codesOn(wrong)]).toEqual([422, []]);
    await anyCode();
    const done = await live.post('/account/recovery-codes', joined.session, {
      _proof: totpCode(secret, stepAt()),
    });
    expect(codesOn(done)).toHaveLength(10);
    expect((await live.get(account, joined.session)).body).not.toContain('name="_proof"');
    expect(codesOn(await live.post('/account/recovery-codes', joined.session))).toHaveLength(10);
  });

  test('a code that signed somebody in does not prove it again; a recovery code does, once', async () => {
    const [code = ''] = codesOn(await live.post('/account/recovery-codes', joined.session));
    await proofIsOld();
    const used = { _proof: totpCode(secret, stepAt() - 1) };
    expect((await live.post('/people', joined.session, used)).body).toContain('used already');
    const page = await live.post('/people', joined.session, { name: 'Kept As Typed', _proof: code });
    expect(page.status).toBe(422); // proved, and now the form is looked at
    expect(page.body).not.toContain('name="_proof"');
    await proofIsOld();
    expect((await live.post('/people', joined.session, { _proof: code })).body).toContain('used before');
  });

  test('what was typed is kept, and the key of the form is not used up', async () => {
    await proofIsOld();
    const form = {
      name: 'Cleo Finn',
      email: emailOf('Cleo Finn'),
      roles: 'practitioner',
      _key: 'a-key-of-a-form',
    };
    const asked = await live.post('/people', joined.session, form);
    expect(asked.status).toBe(422);
    expect(asked.body).toContain('value="Cleo Finn"');
    await anyCode();
    const done = await live.post('/people', joined.session, { ...form, _proof: totpCode(secret, stepAt()) });
    expect(linkIn(done)).toMatch(/^.{43}$/);
  });

  test('guessing at it is slowed, and the right code waits as well', async () => {
    await proofIsOld();
    for (let n = 0; n < 5; n++) {
      expect((await live.post('/people', joined.session, { _proof: '0'.repeat(5 + n * 7) })).status).toBe(
        422,
      );
    }
    await anyCode();
    const right = { _proof: totpCode(secret, stepAt()) };
    expect((await live.post('/people', joined.session, right)).status).toBe(429);
    expect(await isSignedIn(joined.session)).toBe(true);
  });

  test('outsiders learn nothing by it: what is not theirs is not there', async () => {
    await proofIsOld();
    expect((await live.post('/releases/REL-2026-0001/approve', joined.session)).status).toBe(404);
    expect((await live.post('/agreements/ISA-1/sign', joined.session)).status).toBe(404);
  });
});

describe('a password', () => {
  const change = (old: string, next: string) =>
    live.post('/account/password', joined.session, { old, password: next });
  const keptHash = async () =>
    (await live.superuser.query('select password_hash from people where id = $1', [joined.id])).rows[0]
      .password_hash;

  test('is changed with the old one, under a new token, and every other session is over', async () => {
    const other = await enter();
    const next = 'another horse battery';
    const done = await change(password, next);
    const session = sessionOf(done) ?? '';
    expect([done.location, session.length]).toEqual([account, 43]);
    expect(await isSignedIn(session)).toBe(true);
    for (const old of [joined.session, other.session]) expect(await isSignedIn(old)).toBe(false);
    expect(await isPassword(next, await keptHash())).toBe(true);
    joined.session = session;
    joined.session = sessionOf(await change(next, password)) ?? '';
    expect(await isPassword(password, await keptHash())).toBe(true);
  });

  test('is not changed without the old one, and guessing at that is slowed', async () => {
    const before = await keptHash();
    for (let n = 0; n < 5; n++) {
      const answer = await change('not the old one', 'another horse battery');
      expect([answer.status, sessionOf(answer)]).toEqual([422, null]);
    }
    expect((await change(password, 'another horse battery')).status).toBe(429);
    expect(await keptHash()).toBe(before);
  });

  test.each([
    'short',
    'password1234',
    '123456789012',
    'aaaaaaaaaaaa',
    'ada byron rules',
    'Ada.Byron@westmarch.example',
    'qwerty123456',
    'x'.repeat(201),
  ])('that is %s is refused', async (easy) => {
    const before = await keptHash();
    const answer = await change(password, easy);
    expect(answer.status).toBe(422);
    expect(answer.body).not.toContain(`value="${easy}"`);
    expect(await keptHash()).toBe(before);
  });

  test('typed on another keyboard is the same', async () => {
    const composed = 'caf\u00e9 horse battery';
    joined.session = sessionOf(await change(password, composed)) ?? '';
    joined.session = sessionOf(await change('cafe\u0301 horse battery', password)) ?? '';
    expect(joined.session).toHaveLength(43);
  });
});

describe('an app', () => {
  test('is replaced by another with a code of the new one; codes and sessions of before are over', async () => {
    const other = await enter();
    const [old = ''] = codesOn(await live.post('/account/recovery-codes', joined.session));
    const page = await live.get('/account/second-factor', joined.session);
    const fresh = secretOn(page);
    expect(fresh).not.toBe(secret);
    const wrong = await live.post('/account/second-factor', joined.session, {
      code: totpCode(secret, stepAt()),
    });
    expect([wrong.status, secretOn(wrong)]).toEqual([422, fresh]);
    const done = await live.post('/account/second-factor', joined.session, {
      code: totpCode(fresh, await stepBefore()),
    });
    expect(codesOn(done)).toHaveLength(10);
    expect(await isSignedIn(other.session)).toBe(false);
    expect(await isSignedIn(joined.session)).toBe(true);
    const half = sessionOf(await live.post('/sign-in', null, { email, password }));
    for (const code of [old, totpCode(secret, stepAt() + 1)]) {
      expect((await live.post('/sign-in/code', half, { code })).status).toBe(422);
    }
    expect((await live.post('/sign-in/code', half, { code: totpCode(fresh, stepAt()) })).status).toBe(303);
  });
});

describe('resetting a colleague’s sign-in', () => {
  test('takes it away at once and gives a link to start anew; it is in the log, without saying whose', async () => {
    const url = `/people/${joined.id}/reset-sign-in`;
    expect((await live.get(url, live.administrator)).body).toContain('Reset how Ada Byron signs in?');
    const token = linkIn(await live.post(url, live.administrator));
    expect(await isSignedIn(joined.session)).toBe(false);
    expect((await live.post('/sign-in', null, { email, password })).status).toBe(422);
    const { rows } = await live.superuser.query(
      `select (select count(*)::int from second_factors where person_id = $1) as apps,
         (select count(*)::int from recovery_codes where person_id = $1) as codes`,
      [joined.id],
    );
    expect(rows).toEqual([{ apps: 0, codes: 0 }]);
    await live.post(`/link/${token}`, null, { password });
    const half = await live.post('/sign-in', null, { email, password });
    expect(half.location).toBe('/sign-in/second-factor');
    await integratePending(live.instance);
    const { rows: entries } = await live.superuser.query<{ entry: string }>(
      `select entry from ledger_entries where entry like '%"act":"person.sign-in-reset"%'`,
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]?.entry).not.toContain(joined.id);
  });

  test('is not done to oneself, nor by somebody who is no administrator', async () => {
    const mine = await live.post(`/people/${joined.id}/reset-sign-in`, joined.session);
    expect(mine.status).toBe(403);
    const other = await live.join('Ben Cole', ['practitioner']);
    expect((await live.post(`/people/${joined.id}/reset-sign-in`, other.session)).status).toBe(403);
    expect(await isSignedIn(joined.session)).toBe(true);
  });
});

test('these and no other routes ask again who it is', () => {
  expect(
    live.routes
      .filter((route) => route.proveFirst)
      .map((route) => `${route.method} ${route.path}`)
      .sort(),
  ).toEqual([
    'POST /account/password',
    'POST /account/recovery-codes',
    'POST /account/second-factor',
    'POST /agreements/:reference/sign',
    'POST /delegations',
    'POST /people',
    'POST /people/:id/erase',
    'POST /people/:id/link',
    'POST /people/:id/reset-sign-in',
    'POST /people/:id/roles',
    'POST /releases/:id/approve',
  ]);
});
