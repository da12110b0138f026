import { afterAll, beforeAll, expect, test } from 'vitest';
import { findLink, makeLink, useLink } from '../../src/organisations/index.ts';
import { eraseDetails } from '../../src/organisations/store.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { anExample, type TestExample } from '../support/example.ts';

let example: TestExample;
let actor: { organisationId: string; personId: string };
let commissioner: { organisationId: string; personId: null };
beforeAll(async () => {
  example = await anExample();
  const dan = await example.personNamed('Dan Okafor');
  const opcc = await example.commandLineOf('westmarch-opcc');
  actor = { organisationId: dan.organisation.id, personId: dan.person?.id ?? '' };
  commissioner = { organisationId: opcc.organisation.id, personId: null };
});
afterAll(() => example.close());

const made = '2026-11-23T10:00:00.000Z';
const soon = '2026-11-26T09:59:59.000Z';
const late = '2026-11-26T10:00:00.000Z';

async function link(personId = actor.personId): Promise<string> {
  const token = await example.instance.database.write(actor, (tx) => makeLink(tx, personId, 'reset', made));
  if (token === null) throw new Error('No link was made');
  return token;
}
const look = (token: string, now = made) =>
  example.instance.database.read(null, (db) => findLink(db, token, now));
const use = (token: string, now = made, as: { organisationId: string; personId: string | null } = actor) =>
  example.instance.database.write(as, (tx) => useLink(tx, token, now));

test('a link says whose it is and what for, as often as it is looked at, and is used once', async () => {
  const token = await link();
  for (const _ of [1, 2, 3]) {
    expect(await look(token, soon)).toMatchObject({
      purpose: 'reset',
      name: 'Dan Okafor',
      personId: actor.personId,
    });
  }
  expect(await use(token, soon)).toEqual({ personId: actor.personId, purpose: 'reset' });
  expect(await use(token, soon)).toBeNull();
  expect(await look(token, soon)).toBeNull();
});

test('of twenty who use it at the same moment one is answered', async () => {
  const token = await link();
  const answers = await Promise.all(Array.from({ length: 20 }, () => use(token)));
  expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
});

test('a link is over after three days, and when a new one is made', async () => {
  const first = await link();
  expect(await look(first, late)).toBeNull();
  expect(await use(first, late)).toBeNull();
  const second = await link();
  expect(await look(first)).toBeNull();
  expect(await use(first)).toBeNull();
  expect(await use(second)).not.toBeNull();
});

test('a link that is not used in the end, because its transaction fails, is good still', async () => {
  const token = await link();
  const failing = example.instance.database.write(actor, async (tx) => {
    await useLink(tx, token, made);
    throw new Error('the rest did not work');
  });
  await expect(failing).rejects.toThrow('the rest did not work');
  expect(await look(token)).not.toBeNull();
});

test('another body neither uses a link nor makes one for somebody of this one', async () => {
  const token = await link();
  expect(await use(token, made, commissioner)).toBeNull();
  expect(await look(token)).not.toBeNull();
  const theirs = await example.instance.database.write(commissioner, (tx) =>
    makeLink(tx, actor.personId, 'reset', made),
  );
  expect(theirs).toBeNull();
  expect(await look(token)).not.toBeNull();
});

test.each(['', 'short', `${'A'.repeat(42)}=`, 'A'.repeat(43), 'A'.repeat(4000), "' or true --"])(
  'what is no link is nobody’s: %j',
  async (token) => {
    expect(await look(token)).toBeNull();
    expect(await use(token)).toBeNull();
  },
);

test('only the hash of a link is kept', async () => {
  const token = await link();
  const { rows } = await example.superuser.query<{ hash: Buffer; all: string }>(
    'select token_hash as hash, l::text as all from one_time_links l where person_id = $1',
    [actor.personId],
  );
  expect(rows[0]?.hash.equals(sha256(token))).toBe(true);
  expect(rows[0]?.all).not.toContain(token);
});

test('a person who is erased has no link, and gets none', async () => {
  const token = await link();
  await example.instance.database.write(actor, (tx) => eraseDetails(tx, actor.personId, made));
  expect(await look(token)).toBeNull();
  expect(await use(token)).toBeNull();
  for (const nobody of [actor.personId, newId()]) {
    const again = await example.instance.database.write(actor, (tx) => makeLink(tx, nobody, 'reset', made));
    expect(again).toBeNull();
  }
});
