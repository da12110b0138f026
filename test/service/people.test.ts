import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitToPerson, parseEntry } from '../../src/ledger/entry.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { addPerson } from '../../src/organisations/add-person.ts';
import { changeRoles } from '../../src/organisations/change-roles.ts';
import { erasePerson, findOrganisation } from '../../src/organisations/index.ts';
import type { Caller } from '../../src/organisations/rules.ts';
import { done } from '../support/example.ts';
import { aLiveInstance, emailOf, type Live, linkIn, password, sessionOf } from '../support/live.ts';

// A body of people in a live instance: who lets whom in, by a link that works once, and what that leaves on record.

let live: Live;
let operator: Caller;
beforeAll(async () => {
  live = await aLiveInstance();
  operator = await commandLine();
});
afterAll(() => live?.close());

const now = () => new Date().toISOString();

async function commandLine(): Promise<Caller> {
  const found = await live.instance.database.read(null, (db) => findOrganisation(db, 'westmarch-police'));
  if (!found) throw new Error('It is not set up');
  return { organisation: { id: found.id, slug: found.slug, name: found.name }, person: null };
}

async function logged(act: string) {
  await integratePending(live.instance);
  const { rows } = await live.superuser.query<{ entry: string }>(
    'select entry from ledger_entries order by index',
  );
  return rows.flatMap(({ entry }) => {
    const parsed = parseEntry(Buffer.from(entry));
    return parsed?.act === act ? [parsed] : [];
  });
}

const administrators = async () =>
  (
    await live.superuser.query<{ name: string }>(
      `select name from people where 'administrator' = any (roles) and erased_at is null order by name`,
    )
  ).rows.map((row) => row.name);

describe('letting somebody in', () => {
  test('gives a link once; with it they choose a password, sign in, and may do what their roles say', async () => {
    const { token } = await live.letIn('Ada Byron', ['practitioner']);
    expect((await live.get('/people', live.administrator)).body).toContain('Invited');
    await expect(live.signIn(emailOf('Ada Byron'))).rejects.toThrow('cannot sign in');
    const page = await live.get(`/link/${token}`, null);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Join Westmarch Police');
    expect(page.body).toContain(emailOf('Ada Byron'));
    const chosen = await live.post(`/link/${token}`, null, { password });
    expect([chosen.status, chosen.location]).toEqual([303, '/sign-in']);
    const session = await live.signIn(emailOf('Ada Byron'));
    expect((await live.get('/requests/new', session)).status).toBe(200);
    expect((await live.get('/people', session)).status).toBe(200);
    expect((await live.get('/people/new', session)).status).toBe(403);
    expect(
      (await live.post('/people', session, { name: 'B', email: 'b@c.example', roles: 'dpo' })).status,
    ).toBe(403);
  });

  test('following the link changes nothing, however often a mail scanner does', async () => {
    const { token } = await live.letIn('Bea Cole', ['practitioner']);
    const rows = async () =>
      (await live.superuser.query('select * from one_time_links order by person_id')).rows;
    const before = await rows();
    for (const _ of [1, 2, 3]) expect((await live.get(`/link/${token}`, null)).status).toBe(200);
    expect(await rows()).toEqual(before);
    expect((await live.post(`/link/${token}`, null, { password: 'short' })).status).toBe(422);
    expect(await rows()).toEqual(before);
  });

  test('of two who send the same link one is answered, and its password is the one that works', async () => {
    const { token } = await live.letIn('Cara Doe', ['practitioner']);
    const secrets = ['the first of two passwords', 'the second of two passwords'];
    const answers = await Promise.all(
      secrets.map((secret) => live.post(`/link/${token}`, null, { password: secret })),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([303, 404]);
    const right = secrets[answers.findIndex((one) => one.status === 303)] ?? '';
    const wrong = secrets[answers.findIndex((one) => one.status === 404)] ?? '';
    expect(await live.signIn(emailOf('Cara Doe'), right)).toBeTruthy();
    await expect(live.signIn(emailOf('Cara Doe'), wrong)).rejects.toThrow();
  });

  test('a link that is used, replaced, over, erased or made up is answered the same', async () => {
    const used = await live.letIn('Dee Eads', ['practitioner']);
    await live.post(`/link/${used.token}`, null, { password });
    const replaced = await live.letIn('Eve Fox', ['practitioner']);
    const renewed = linkIn(await live.post(`/people/${replaced.id}/link`, live.administrator));
    const over = await live.letIn('Fay Gill', ['practitioner']);
    await live.superuser.query(
      `update one_time_links set made_at = now() - interval '73 hours', expires_at = now() - interval '1 second' where person_id = $1`,
      [over.id],
    );
    const erased = await live.letIn('Gus Hill', ['practitioner']);
    done(await erasePerson(live.instance.database, operator, erased.id, now()));
    const tokens = [used.token, replaced.token, over.token, erased.token, 'A'.repeat(43), 'x'];
    const pages = new Set<string>();
    for (const token of tokens) {
      for (const answer of [
        await live.get(`/link/${token}`, null),
        await live.post(`/link/${token}`, null, { password }),
      ]) {
        expect(answer.status).toBe(404);
        pages.add(answer.body.replace(/(nonce|value)="[^"]*"|'nonce-[^']*'/g, ''));
      }
    }
    expect(pages.size).toBe(1);
    expect((await live.get(`/link/${renewed}`, null)).status).toBe(200);
  });

  test('the page of a link tells the browser to repeat its address to nobody', async () => {
    const { token } = await live.letIn('Hal Ives', ['practitioner']);
    const { headers } = await live.visit({ method: 'GET', url: `/link/${token}`, session: null });
    expect(headers['referrer-policy']).toBe('strict-origin');
    expect(headers['cache-control']).toBe('no-store');
    expect(
      (await live.visit({ method: 'GET', url: '/people', session: live.administrator })).headers[
        'referrer-policy'
      ],
    ).toBe('same-origin');
  });

  test('the same form sent twice lets one person in, and does not show the link again', async () => {
    const form = { name: 'Ida Jay', email: emailOf('Ida Jay'), roles: 'dpo', _key: 'a-key-of-this-form' };
    const token = linkIn(await live.post('/people', live.administrator, form));
    const again = await live.post('/people', live.administrator, form);
    expect(again.status).toBe(303);
    expect(again.body).not.toContain(token);
    expect((await live.get(`/link/${token}`, null)).status).toBe(200);
    const other = await live.post('/people', live.administrator, { ...form, name: 'Ida Kay' });
    expect(other.status).toBe(409);
  });

  test('an address that somebody has, here or in another body, is not taken twice', async () => {
    const form = { name: 'Another', email: emailOf('Sam Lee').toUpperCase(), roles: 'dpo' };
    const refused = await live.post('/people', live.administrator, form);
    expect(refused.status).toBe(409);
    expect(refused.body).toContain('Somebody signs in with this address already');
    const race = { name: 'Jo King', email: emailOf('Jo King'), roles: 'dpo' };
    const answers = await Promise.all([1, 2, 3].map(() => live.post('/people', live.administrator, race)));
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409, 409]);
  });

  test.each([
    [{ name: '', email: 'a@b.example', roles: 'dpo' }, 'Give a name'],
    [{ name: 'A\u001b[31mB', email: 'a@b.example', roles: 'dpo' }, 'Give the name on one line'],
    [{ name: 'A', email: 'a@', roles: 'dpo' }, 'Give an email address'],
    [{ name: 'A', email: 'a@b.example' }, 'Choose at least one role'],
    [{ name: 'A', email: 'a@b.example', roles: ['dpo', 'emperor'] }, 'There is a problem'],
  ])('what is typed badly is said, and kept: %j', async (form, says) => {
    const refused = await live.post('/people', live.administrator, form as Record<string, string | string[]>);
    expect(refused.status).toBe(422);
    expect(refused.body).toContain(says);
  });

  test('signs out whoever sat at the browser, and every session the person had', async () => {
    const { id, session } = await live.join('Kim Long', ['practitioner']);
    const token = linkIn(await live.post(`/people/${id}/link`, live.administrator));
    const bystander = (await live.join('Leo Moss', ['auditor'])).session;
    await live.post(`/link/${token}`, bystander, { password: 'another long password' });
    for (const ended of [session, bystander]) expect((await live.get('/ledger', ended)).status).toBe(303);
    expect(await live.signIn(emailOf('Kim Long'), 'another long password')).toBeTruthy();
  });
});

describe('what a person may do', () => {
  test('changes with their next page', async () => {
    const { id, session } = await live.join('Mia Nash', ['practitioner']);
    expect((await live.get('/people/new', session)).status).toBe(403);
    await live.post(`/people/${id}/roles`, live.administrator, { roles: ['practitioner', 'administrator'] });
    expect((await live.get('/people/new', session)).status).toBe(200);
    await live.post(`/people/${id}/roles`, live.administrator, { roles: ['auditor'] });
    expect((await live.get('/people/new', session)).status).toBe(403);
    expect((await live.get('/requests/new', session)).status).toBe(403);
    expect((await live.post(`/people/${id}/roles`, session, { roles: ['administrator'] })).status).toBe(403);
    expect((await live.post(`/people/${id}/roles`, live.administrator, {})).status).toBe(422);
  });

  test('erasing somebody ends their session at once', async () => {
    const { id, session } = await live.join('Ned Orr', ['practitioner']);
    expect((await live.get(`/people/${id}/erase`, live.administrator)).body).toContain('Erase Ned Orr?');
    expect((await live.post(`/people/${id}/erase`, live.administrator)).location).toBe('/people');
    expect((await live.get('/ledger', session)).location).toBe('/sign-in?next=%2Fledger');
    expect((await live.get(`/people/${id}`, live.administrator)).status).toBe(404);
    expect((await live.get('/people', live.administrator)).body).not.toContain('Ned Orr');
  });
});

describe('there is always somebody who can let people in', () => {
  test('the last administrator neither steps down nor is erased, not by the officer nor the command line', async () => {
    const { rows } = await live.superuser.query<{ id: string }>(
      `select id from people where name = 'Sam Lee'`,
    );
    const sam = rows[0]?.id ?? '';
    await live.letIn('Invited Only', ['administrator']);
    const officer = (await live.join('Olga Pike', ['dpo'])).session;
    for (const answer of [
      await live.post(`/people/${sam}/roles`, live.administrator, { roles: ['practitioner'] }),
      await live.post(`/people/${sam}/erase`, live.administrator),
      await live.post(`/people/${sam}/erase`, officer),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.body).toContain('Make a colleague administrator first');
    }
    const { database } = live.instance;
    expect(await erasePerson(database, operator, sam, now())).toMatchObject({
      code: 'person.last-administrator',
    });
    expect(await changeRoles(database, operator, sam, ['dpo'], now())).toMatchObject({ kind: 'conflict' });
    expect(await administrators()).toContain('Sam Lee');
  });

  test('of two administrators who step down at the same moment one stays', async () => {
    for (let race = 0; race < 10; race += 1) {
      const second = await live.join(`Second ${'abcdefghij'[race]}`, ['administrator']);
      const { rows } = await live.superuser.query<{ id: string }>(
        `select id from people where name = 'Sam Lee'`,
      );
      const sam = rows[0]?.id ?? '';
      const answers = await Promise.all([
        live.post(`/people/${sam}/roles`, live.administrator, { roles: ['auditor'] }),
        live.post(`/people/${second.id}/roles`, second.session, { roles: ['auditor'] }),
      ]);
      expect(answers.map((one) => one.status).sort()).toEqual([303, 409]);
      const { database } = live.instance;
      done(await changeRoles(database, operator, sam, ['administrator'], now()));
      done(await changeRoles(database, operator, second.id, ['auditor'], now()));
    }
  });

  test('somebody who was never able to sign in can go: the operator lets another in', async () => {
    const given = {
      name: 'Wrong Address',
      email: emailOf('Wrong Address'),
      roles: ['administrator' as const],
    };
    const added = done(await addPerson(live.instance, operator, given, null, now()));
    expect(await erasePerson(live.instance.database, operator, added.id, now())).toEqual({ ok: true });
  });
});

describe('what is on record of it', () => {
  test('is who did it and whom it was about, as commitments that erasing either destroys', async () => {
    const { id } = await live.letIn('Pam Quill', ['information-asset-owner', 'signatory']);
    await live.post(`/people/${id}/roles`, live.administrator, { roles: ['dpo'] });
    const [added, changed] = [
      (await logged('person.added')).at(-1),
      (await logged('person.roles-changed')).at(-1),
    ];
    expect(added?.detail).toMatchObject({ roles: ['information-asset-owner', 'signatory'] });
    expect(changed?.detail).toMatchObject({
      before: ['information-asset-owner', 'signatory'],
      roles: ['dpo'],
    });
    const salts = async (act: string | undefined) =>
      (
        await live.superuser.query<{ part: string; person_id: string; salt: Buffer }>(
          'select part, person_id, salt from ledger_salts where act_id = $1 order by part',
          [act],
        )
      ).rows;
    const [about, doer] = await salts(changed?.id);
    expect(about?.person_id).toBe(id);
    expect(changed?.detail['about']).toBe(commitToPerson(about?.salt ?? Buffer.alloc(32), id));
    expect(changed?.person).toBe(commitToPerson(doer?.salt ?? Buffer.alloc(32), doer?.person_id ?? ''));
    done(await erasePerson(live.instance.database, operator, id, now()));
    expect((await salts(changed?.id)).map((one) => one.part)).toEqual(['doer']);
    expect(await salts(added?.id)).toHaveLength(1);
  });

  test('names nobody, and no token is kept anywhere', async () => {
    const { id, token } = await live.letIn('Rex Stone', ['practitioner']);
    await live.post(`/link/${token}`, null, { password });
    await integratePending(live.instance);
    const { rows: tables } = await live.superuser.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    for (const { name } of tables) {
      const { rows } = await live.superuser.query<{ text: string }>(`select t::text as text from ${name} t`);
      const all = rows.map((row) => row.text).join('\n');
      expect(all, name).not.toContain(token);
      if (name === 'ledger_entries') {
        for (const word of ['Rex', emailOf('Rex Stone'), id]) expect(all).not.toContain(word);
      }
    }
    const chosen = (await logged('person.password-chosen')).at(-1);
    expect(chosen?.detail).toEqual({ purpose: 'invitation' });
    expect(
      sessionOf(await live.post('/sign-in', null, { email: emailOf('Rex Stone'), password })),
    ).not.toBeNull();
  });
});
