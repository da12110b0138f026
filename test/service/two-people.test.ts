import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEntry } from '../../src/ledger/entry.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { changeRoles } from '../../src/organisations/change-roles.ts';
import { delegateRole } from '../../src/organisations/delegate-role.ts';
import { erasePerson, signInToExample } from '../../src/organisations/index.ts';
import type { Caller, Role } from '../../src/organisations/rules.ts';
import { savePerson } from '../../src/organisations/store.ts';
import { addToDay, londonDay } from '../../src/platform/pure/dates.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { approveRelease } from '../../src/releases/approve-release.ts';
import { aCommandLine } from '../support/command.ts';
import { anExample, done, files, rulebook, type TestExample } from '../support/example.ts';
import { type Answered, aService, type Visit } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// Whoever prepares a release does not approve it. Every way round that we could think of, tried.

let example: TestExample;
let service: Awaited<ReturnType<typeof aService>>;
let police: Caller;
beforeAll(async () => {
  example = await anExample();
  service = await aService(example.instance);
  police = await example.commandLineOf('westmarch-police');
});
afterAll(async () => {
  await service?.close();
  await example?.close();
});

type Somebody = Caller & { person: NonNullable<Caller['person']>; session: string };
const now = () => new Date().toISOString();
const both: Role[] = ['practitioner', 'information-asset-owner'];

async function somebody(roles: Role[]): Promise<Somebody> {
  const { database } = example.instance;
  const person = { id: newId(), name: 'Somebody', roles };
  const kept = {
    ...person,
    organisationId: police.organisation.id,
    email: `${person.id}@a.test`,
    passwordHash: null,
  };
  await database.write({ organisationId: police.organisation.id, personId: null }, (tx) =>
    savePerson(tx, kept, now()),
  );
  return {
    ...police,
    person,
    session: done(await signInToExample(database, person.id, nowhere, now())).token,
  };
}

const post = (url: string, who: Somebody, more: Partial<Visit> = {}) =>
  service.visit({ method: 'POST', url, session: who.session, ...more });
const look = (url: string, who: Somebody) => service.visit({ method: 'GET', url, session: who.session });

/** A release that somebody prepares by page. */
async function prepared(by: Somebody, request?: string): Promise<string> {
  const text = readFileSync(files.stopAndSearch, 'utf8');
  const url = `/requests/${request ?? (await example.agreedRequest({ now: now() }))}/prepare`;
  const answer = await post(url, by, { file: { name: 'searches.csv', text } });
  if (answer.status !== 303) throw new Error(`Not prepared: ${answer.status}`);
  return answer.location ?? '';
}

async function stateOf(release: string): Promise<string | undefined> {
  const { rows } = await example.superuser.query<{ state: string }>(
    'select state from releases where reference = $1',
    [release.split('/').at(-1)],
  );
  return rows[0]?.state;
}

async function lend(
  from: Caller,
  to: Somebody,
  role: 'information-asset-owner' | 'siro' | 'custodian',
): Promise<string> {
  const today = londonDay(now());
  const given = { role, to: to.person.id, from: today, until: addToDay(today, { days: 7 }) };
  return done(await delegateRole(example.instance.database, from, given, null, now())).id;
}

async function refused(answer: Answered, release: string): Promise<void> {
  expect(answer.status).toBe(422);
  expect(answer.body).toContain('The rules refuse this approval');
  expect(await stateOf(release)).toBe('prepared');
}

describe('one person with both roles', () => {
  test('is offered no button, and sending the form anyway is refused, in both logs', async () => {
    const one = await somebody(both);
    const release = await prepared(one);
    expect((await look(release, one)).body).not.toContain('Approve and send');
    await refused(await post(`${release}/approve`, one), release);
    await integratePending(example.instance);
    for (const slug of ['westmarch-police', 'westmarch-opcc']) {
      const last = parseEntry(Buffer.from((await example.logOf(slug)).at(-1) ?? ''));
      expect(last).toMatchObject({ act: 'release.refused', detail: { failing: ['approver-not-preparer'] } });
    }
  });

  test('gets nowhere by saying in the form, the address or a header that they are somebody else', async () => {
    const [one, other] = [await somebody(both), await somebody(both)];
    const release = await prepared(one);
    const form = {
      approver: other.person.id,
      approvedBy: other.person.id,
      approved_by: other.person.id,
      person: other.person.id,
      preparer: other.person.id,
      prepared_by: other.person.id,
      preparedBy: other.person.id,
      by: 'agreement',
      role: 'chief-executive',
      under: newId(),
    };
    await refused(await post(`${release}/approve`, one, { form }), release);
    await refused(await post(`${release}/approve?approver=${other.person.id}`, one), release);
    expect((await post(`${release}/approve`, { ...one, session: other.person.id })).status).toBe(403);
    expect(await stateOf(release)).toBe('prepared');
  });

  test('gets nowhere by sending it twenty times at once, beside a colleague who may', async () => {
    const [one, other] = [await somebody(both), await somebody(both)];
    const release = await prepared(one);
    const tries = Array.from({ length: 20 }, () => post(`${release}/approve`, one));
    const answers = await Promise.all(tries);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([422]));
    expect(await stateOf(release)).toBe('prepared');
    const [, ...statuses] = await Promise.all([
      post(`${release}/approve`, one),
      ...[1, 2, 3].map(() => post(`${release}/approve`, other)),
    ]);
    expect(statuses.map((answer) => answer.status).sort()).toEqual([303, 409, 409]);
    const { rows } = await example.superuser.query('select approved_by from releases where reference = $1', [
      release.split('/').at(-1),
    ]);
    expect(rows).toEqual([{ approved_by: other.person.id }]);
  });

  test('nor by a key that a colleague used', async () => {
    const [one, other] = [await somebody(both), await somebody(both)];
    const release = await prepared(one);
    const form = { _key: 'the-same-key-for-both' };
    await refused(await post(`${release}/approve`, one, { form }), release);
    // The colleague is answered as the first was: the key is spent, and nothing has left.
    expect((await post(`${release}/approve`, other, { form })).status).not.toBe(303);
    expect(await stateOf(release)).toBe('prepared');
    expect((await post(`${release}/approve`, other)).status).toBe(303);
  });
});

describe('a role that was delegated', () => {
  test('is not handed to oneself', async () => {
    const one = await somebody(both);
    const [year = '', month = '', day = ''] = londonDay(now()).split('-');
    const form = {
      role: 'information-asset-owner',
      to: one.person.id,
      ...{ 'from-day': day, 'from-month': month, 'from-year': year },
      ...{ 'until-day': day, 'until-month': month, 'until-year': year },
    };
    const answer = await post('/delegations', one, { form });
    expect(answer.status).toBe(422);
    expect(answer.body).toContain('Choose a colleague: you hold this role already');
  });

  test('does not let the preparer’s delegate approve: one person would stand behind both', async () => {
    const [one, deputy] = [await somebody(both), await somebody(['practitioner'])];
    const release = await prepared(one);
    await lend(one, deputy, 'information-asset-owner');
    const page = (await look(release, deputy)).body;
    expect(page).toContain('Somebody else must approve this');
    expect(page).not.toContain('Approve and send');
    await refused(await post(`${release}/approve`, deputy), release);
  });

  test('does not let somebody approve what was prepared for them, in their role', async () => {
    const [owner, deputy] = [await somebody(both), await somebody(['auditor'])];
    await lend(owner, deputy, 'information-asset-owner');
    const release = await prepared(deputy);
    await refused(await post(`${release}/approve`, owner), release);
    await refused(await post(`${release}/approve`, deputy), release);
    expect((await post(`${release}/approve`, await somebody(['siro']))).status).toBe(303);
  });

  test('does not let two colleagues act for one person on both sides', async () => {
    const owner = await somebody([...both, 'custodian']);
    const [one, other] = [await somebody(['auditor']), await somebody(['auditor'])];
    await lend(owner, one, 'custodian');
    await lend(owner, other, 'information-asset-owner');
    const release = await prepared(one);
    await refused(await post(`${release}/approve`, other), release);
  });

  test('lets somebody approve for a third person, and the entry says under which delegation', async () => {
    const [one, owner, deputy] = [
      await somebody(both),
      await somebody(['siro']),
      await somebody(['auditor']),
    ];
    const release = await prepared(one);
    expect((await post(`${release}/approve`, deputy)).status).toBe(403);
    await lend(one, deputy, 'information-asset-owner');
    const under = await lend(owner, deputy, 'siro');
    expect((await post(`${release}/approve`, deputy)).status).toBe(303);
    await integratePending(example.instance);
    const sent = (await example.logOf('westmarch-opcc')).filter((entry) => entry.includes('"release.sent"'));
    expect(parseEntry(Buffer.from(sent.at(-1) ?? ''))).toMatchObject({ detail: { under } });
  });
});

describe('in between', () => {
  test('other roles change nothing: it is the person that counts, and the role at the moment', async () => {
    const { database } = example.instance;
    const [one, other] = [await somebody(['practitioner']), await somebody(both)];
    const release = await prepared(one);
    done(await changeRoles(database, police, one.person.id, ['information-asset-owner', 'siro'], now()));
    await refused(await post(`${release}/approve`, one), release);
    expect((await look(release, other)).body).toContain('Approve and send');
    done(await changeRoles(database, police, other.person.id, ['practitioner'], now()));
    expect((await post(`${release}/approve`, other)).status).toBe(403);
    expect(await stateOf(release)).toBe('prepared');
  });

  test('being erased and let in again as somebody else does not answer what one prepared before', async () => {
    const { database } = example.instance;
    const one = await somebody(both);
    const request = await example.agreedRequest({ now: now() });
    const release = await prepared(one, request);
    done(await erasePerson(database, police, one.person.id, now()));
    const again = await somebody(both);
    expect((await look(release, again)).body).toContain('This must be prepared again');
    const answer = await post(`${release}/approve`, again);
    expect(answer.status).toBe(409);
    expect(answer.body).toContain('Whoever prepared this is not here any more');
    expect((await post(`${release}/withdraw`, again)).status).toBe(303);
    const anew = await prepared(again, request);
    await refused(await post(`${anew}/approve`, again), anew);
  });
});

describe('without a page', () => {
  test('the command line, which is no person, approves nothing and has no command to', async () => {
    const release = await prepared(await somebody(both));
    const reference = release.split('/').at(-1) ?? '';
    const answer = await approveRelease(example.instance, rulebook, police, reference, null, now());
    expect(answer).toMatchObject({ ok: false, kind: 'no-authority' });
    const line = aCommandLine();
    const { exit, out } = await line.run('--help');
    line.close();
    expect(exit).toBe(0);
    expect(out).not.toMatch(/approve|prepare/i);
    expect(await example.share({ purpose: 'complaint-reviews' })).toMatchObject({ outcome: 'waiting' });
  });

  test('the database keeps no release that one person prepared and approved, whatever its role writes', async () => {
    const one = await somebody(both);
    const release = await prepared(one);
    await expect(
      example.superuser.query('update releases set approved_by = prepared_by where reference = $1', [
        release.split('/').at(-1),
      ]),
    ).rejects.toThrow('violates check constraint "two_people"');
  });
});
