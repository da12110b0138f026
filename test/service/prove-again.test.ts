import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAgreement, parseAgreement, proposeAgreement } from '../../src/agreements/index.ts';
import { createExample } from '../../src/main/example.ts';
import { findOrganisation } from '../../src/organisations/index.ts';
import type { Caller } from '../../src/organisations/rules.ts';
import { enterCode, offeredSecret, setUpSecondFactor } from '../../src/organisations/second-factor.ts';
import { startHalf } from '../../src/organisations/sign-in.ts';
import { canonicalJson } from '../../src/platform/pure/canonical-json.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { prepareRelease } from '../../src/releases/index.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { done, files, rulebook } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { nowhere, stepAt, stepBefore, totpCode } from '../support/sign-in.ts';

// The bodies of the example in a real instance: what cannot be taken back there needs a proof of who does it.

let world: TestInstance;
let service: Awaited<ReturnType<typeof aService>>;
let tom: { session: string; secret: string };
let release: string;

const now = () => new Date().toISOString();

beforeAll(async () => {
  world = await anInstance('live');
  service = await aService(world.instance);
  await createExample(world.instance);
  tom = await signIn('Tom Reyes');
  release = await prepared();
  const police = await person('Tom Reyes');
  const kept = await world.instance.database.read(
    { organisationId: police.organisation.id, personId: null },
    (db) => findAgreement(db, 'ISA-2026-001'),
  );
  const draft = parseAgreement(canonicalJson({ ...kept?.agreement, reference: 'ISA-2026-002' } as never));
  if (!draft.ok) throw new Error('The draft does not parse');
  done(await proposeAgreement(world.instance.database, police, newId(), draft.agreement, now()));
});
afterAll(async () => {
  await service?.close();
  await world?.close();
});

async function person(name: string): Promise<Caller & { person: { id: string } }> {
  const { rows } = await world.superuser.query(
    `select p.id, p.roles, o.slug from people p join organisations o on o.id = p.organisation_id where p.name = $1`,
    [name],
  );
  const organisation = await world.instance.database.read(null, (db) => findOrganisation(db, rows[0].slug));
  if (!organisation) throw new Error('There is no such body');
  const { id, slug } = organisation;
  return {
    organisation: { id, slug, name: organisation.name },
    person: { id: rows[0].id, name, roles: rows[0].roles },
  };
}

async function signIn(name: string) {
  const { organisation, person: one } = await person(name);
  const who = { organisationId: organisation.id, personId: one.id };
  const half = async () => {
    const { token } = await world.instance.database.write(who, (tx) => startHalf(tx, who, nowhere, now()));
    return { ...who, tokenHash: sha256(token) };
  };
  const first = await half();
  const secret = await offeredSecret(world.instance, first);
  done(await setUpSecondFactor(world.instance, first, totpCode(secret, await stepBefore()), nowhere, now()));
  const { token } = done(
    await enterCode(world.instance, await half(), totpCode(secret, stepAt()), nowhere, now()),
  );
  return { session: token, secret };
}

async function prepared(): Promise<string> {
  const { instance } = world;
  const amina = await person('Amina Yusuf');
  const ask = {
    agreement: 'ISA-2026-001',
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    need: 'To review one.',
    neededBy: '',
  };
  const { reference } = done(await makeRequest(instance.database, amina, ask, null, now()));
  const decision = { decision: 'share' as const, reasons: 'It is needed.' };
  done(
    await decideRequest(
      instance.database,
      rulebook,
      await person('Tom Reyes'),
      reference,
      decision,
      null,
      now(),
    ),
  );
  const dan = await person('Dan Okafor');
  return done(await prepareRelease(instance, rulebook, dan, reference, files.stopAndSearch, null, now()))
    .reference;
}

const post = (url: string, form: Record<string, string>) =>
  service.visit({ method: 'POST', url, session: tom.session, form });
const look = (url: string) => service.visit({ method: 'GET', url, session: tom.session });
const proofIsOld = () =>
  world.superuser.query(`update sessions set proved_at = now() - interval '11 minutes'`);
const rightCode = async () => {
  await world.superuser.query('update second_factors set last_step = 0');
  return totpCode(tom.secret, stepAt());
};
const count = async (what: string) =>
  (await world.superuser.query(`select count(*)::int as n from ${what}`)).rows[0].n;

test('approving: refused with the page and its reasons; nothing leaves, and the key of the form still works', async () => {
  const url = `/releases/${release}/approve`;
  const _key = 'the-key-of-the-form';
  expect((await look(`/releases/${release}`)).body).not.toContain('name="_proof"');
  await proofIsOld();
  expect((await look(`/releases/${release}`)).body).toContain('name="_proof"');
  for (const form of [
    { _key },
    { _key, _proof: '123' },
    { _key, _proof: totpCode(tom.secret, stepAt() + 40) },
  ]) {
    const answer = await post(url, form);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain('This is exactly what leaves');
    expect(answer.body).toContain('href="#_proof"');
  }
  expect(await count(`releases where state = 'sent'`)).toBe(0);
  expect(await count(`answers where key like '%${_key}%'`)).toBe(0);
  const sent = await post(url, { _key, _proof: await rightCode() });
  expect([sent.status, sent.location]).toEqual([303, `/releases/${release}`]);
  expect(await count(`releases where state = 'sent'`)).toBe(1);
});

test('signing: the same, and the proof of a moment ago holds', async () => {
  await proofIsOld();
  const url = '/agreements/ISA-2026-002/sign';
  const asked = await post(url, {});
  expect(asked.status).toBe(422);
  expect(asked.body).toContain('It waits for your signature');
  const signatures = await count('agreement_signatures');
  const signed = await post(url, { _proof: await rightCode() });
  expect(signed.location).toBe('/agreements/ISA-2026-002');
  expect(await count('agreement_signatures')).toBe(signatures + 1);
  expect((await look('/account')).body).not.toContain('name="_proof"');
});

test('of a release that is not theirs nobody learns that there is one', async () => {
  await proofIsOld();
  expect((await post('/releases/REL-2026-9999/approve', {})).status).toBe(404);
  expect((await post('/agreements/ISA-2026-999/sign', {})).status).toBe(404);
});
