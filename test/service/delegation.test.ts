import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEntry } from '../../src/ledger/entry.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { changeRoles } from '../../src/organisations/change-roles.ts';
import { delegateRole, endDelegation } from '../../src/organisations/delegate-role.ts';
import { erasePerson, findPeople, findSession, signInToExample } from '../../src/organisations/index.ts';
import type { Caller, Role } from '../../src/organisations/rules.ts';
import { savePerson } from '../../src/organisations/store.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { anExample, done, type TestExample } from '../support/example.ts';
import { nowhere } from '../support/sign-in.ts';

// A role handed to a colleague: what it gives, from when to when, and who ends it. Days are London's, and summer time is on.

let example: TestExample;
let police: Caller;
beforeAll(async () => {
  example = await anExample();
  police = await example.commandLineOf('westmarch-police');
});
afterAll(() => example.close());

type Somebody = Caller & { person: NonNullable<Caller['person']> };
const givenOn = '2026-06-10T09:00:00.000Z';
const during = '2026-07-01T12:00:00.000Z';
const days = { from: '2026-07-01', until: '2026-07-14' };

async function somebody(roles: Role[]): Promise<Somebody> {
  const person = { id: newId(), name: 'Somebody', roles };
  const kept = {
    ...person,
    organisationId: police.organisation.id,
    email: `${person.id}@a.test`,
    passwordHash: null,
  };
  await example.instance.database.write({ organisationId: police.organisation.id, personId: null }, (tx) =>
    savePerson(tx, kept, givenOn),
  );
  return { ...police, person };
}

const give = (from: Somebody, to: Somebody, role: Role, but: object = {}, now = givenOn) =>
  delegateRole(
    example.instance.database,
    from,
    { role: role as 'dpo', to: to.person.id, ...days, ...but },
    null,
    now,
  );

/** What somebody is, to every page and rule, at a moment: read by their session, and by the list of colleagues. */
async function at(who: Somebody, moment: string): Promise<readonly Role[]> {
  const { database } = example.instance;
  const { token } = done(await signInToExample(database, who.person.id, nowhere, moment));
  const found = await database.read(null, (db) => findSession(db, sha256(token), moment));
  return found?.person.roles ?? [];
}

test('gives a role from its first day to the end of its last, in London, and nothing before or after', async () => {
  const [owner, deputy] = [await somebody(['information-asset-owner']), await somebody(['practitioner'])];
  done(await give(owner, deputy, 'information-asset-owner'));
  const both = ['practitioner', 'information-asset-owner'];
  expect(await at(deputy, '2026-06-30T22:59:59.999Z')).toEqual(['practitioner']);
  expect(await at(deputy, '2026-06-30T23:00:00.000Z')).toEqual(both);
  expect(await at(deputy, '2026-07-14T22:59:59.999Z')).toEqual(both);
  expect(await at(deputy, '2026-07-14T23:00:00.000Z')).toEqual(['practitioner']);
  expect(await at(owner, during)).toEqual(['information-asset-owner']);
  const actor = { organisationId: police.organisation.id, personId: null };
  const rolesOn = (day: string) =>
    example.instance.database.read(
      actor,
      async (db) => (await findPeople(db, day)).find((one) => one.id === deputy.person.id)?.roles,
    );
  expect(await rolesOn('2026-07-14')).toEqual(both);
  expect(await rolesOn('2026-07-15')).toEqual(['practitioner']);
});

describe('gives nothing any more', () => {
  const lent = async () => {
    const [owner, deputy] = [await somebody(['siro']), await somebody(['auditor'])];
    const { id } = done(await give(owner, deputy, 'siro'));
    expect(await at(deputy, during)).toContain('siro');
    return { owner, deputy, id };
  };

  test('once whoever gave it has lost the role, or is erased', async () => {
    const one = await lent();
    done(await changeRoles(example.instance.database, police, one.owner.person.id, ['auditor'], givenOn));
    expect(await at(one.deputy, during)).toEqual(['auditor']);
    const other = await lent();
    done(await erasePerson(example.instance.database, police, other.owner.person.id, givenOn));
    expect(await at(other.deputy, during)).toEqual(['auditor']);
  });

  test('once the giver, the holder or an administrator has ended it; nobody else can, and nobody twice', async () => {
    const end = (caller: Caller, id: string) => endDelegation(example.instance.database, caller, id, during);
    for (const who of ['owner', 'deputy', 'administrator'] as const) {
      const one = await lent();
      const administrator = await somebody(['administrator']);
      expect(await end(await somebody(['siro', 'dpo']), one.id)).toMatchObject({ kind: 'no-authority' });
      const stranger = await example.personNamed('Helen Marsh');
      expect(await end(stranger, one.id)).toMatchObject({ kind: 'not-found' });
      const ending = who === 'administrator' ? administrator : one[who];
      expect(await end(ending, one.id)).toEqual({ ok: true });
      expect(await at(one.deputy, during)).toEqual(['auditor']);
      expect(await end(ending, one.id)).toMatchObject({ kind: 'conflict' });
    }
  });
});

describe('is not given', () => {
  test.each([
    ['from a day that has passed', { from: '2026-06-09' }, 'delegation.past'],
    ['backwards', { until: '2026-06-30' }, 'delegation.backwards'],
    ['for longer than 92 days', { until: '2026-10-01' }, 'delegation.too-long'],
  ])('%s', async (_, but, code) => {
    const refused = await give(await somebody(['siro']), await somebody(['auditor']), 'siro', but);
    expect(refused).toMatchObject({ code });
  });

  test('to oneself, to nobody, to somebody of another body, or to who holds it', async () => {
    const owner = await somebody(['siro']);
    expect(await give(owner, owner, 'siro')).toMatchObject({ code: 'delegation.to-oneself' });
    const nobody = { ...owner, person: { ...owner.person, id: newId() } };
    expect(await give(owner, nobody, 'siro')).toMatchObject({ code: 'delegation.no-colleague' });
    const amina = await example.personNamed('Amina Yusuf');
    expect(await give(owner, amina as Somebody, 'siro')).toMatchObject({ code: 'delegation.no-colleague' });
    expect(await give(owner, await somebody(['siro']), 'siro')).toMatchObject({
      code: 'delegation.held-already',
    });
  });

  test('by somebody who does not hold the role, or only by delegation, whatever their session says', async () => {
    const [owner, deputy, third] = [
      await somebody(['siro']),
      await somebody(['auditor']),
      await somebody(['auditor']),
    ];
    expect(await give(deputy, third, 'siro')).toMatchObject({ code: 'delegation.not-own' });
    done(await give(owner, deputy, 'siro'));
    const acting = { ...deputy, person: { ...deputy.person, roles: ['auditor', 'siro'] as Role[] } };
    expect(await give(acting, third, 'siro', {}, '2026-07-01T09:00:00.000Z')).toMatchObject({
      code: 'delegation.not-own',
    });
  });

  test('by the command line', async () => {
    const given = { role: 'siro', to: (await somebody([])).person.id, ...days } as const;
    const refused = await delegateRole(example.instance.database, police, given, null, givenOn);
    expect(refused).toMatchObject({ kind: 'no-authority' });
  });

  test('of letting people in, to oneself, or for ever, not even by SQL', async () => {
    const [one, other] = [(await somebody(['siro'])).person.id, (await somebody(['siro'])).person.id];
    const insert = (from: string, to: string, role: string, until: string) =>
      example.superuser.query(
        `insert into delegations (id, from_person, to_person, role, from_day, until_day, given_at, parties)
         select gen_random_uuid(), $1, $2, $3, '2026-07-01', $4, now(), parties from people where id = $1`,
        [from, to, role, until],
      );
    await expect(insert(one, one, 'siro', '2026-07-02')).rejects.toThrow('violates check constraint');
    await expect(insert(one, other, 'administrator', '2026-07-02')).rejects.toThrow(
      'violates check constraint',
    );
    await expect(insert(one, other, 'siro', '2026-10-01')).rejects.toThrow('violates check constraint');
  });
});

test('giving and ending it is on record, by id and by commitment, without a name', async () => {
  const [owner, deputy] = [await somebody(['siro']), await somebody(['auditor'])];
  const { id } = done(await give(owner, deputy, 'siro'));
  done(await endDelegation(example.instance.database, deputy, id, during));
  await integratePending(example.instance);
  const entries = (await example.logOf('westmarch-police')).filter((entry) => entry.includes(id));
  expect(entries.map((entry) => parseEntry(Buffer.from(entry)))).toMatchObject([
    {
      act: 'role.delegated',
      detail: { ...days, delegation: id, role: 'siro', about: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
    { act: 'role.delegation-ended', detail: { delegation: id } },
  ]);
  for (const who of [owner, deputy]) expect(entries.join()).not.toContain(who.person.id);
});
