import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  agreementDigest,
  findAgreement,
  parseAgreement,
  verifyAgreement,
} from '../../src/agreements/index.ts';
import { findExamplePeople, signInToExample } from '../../src/organisations/index.ts';
import { aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { nowhere } from '../support/sign-in.ts';
import { twoBodies } from '../support/two-bodies.ts';

let world: TestInstance;
let service: Awaited<ReturnType<typeof aService>>;
beforeAll(async () => {
  world = await anInstance('example');
  await twoBodies(world);
  service = await aService(world.instance);
});
afterAll(async () => {
  await service?.close();
  await world?.close();
});

const draft = '/agreements/ISA-2026-002';
const sign = (session: string) => service.visit({ method: 'POST', url: `${draft}/sign`, session });
const look = (session: string) => service.visit({ method: 'GET', url: draft, session });

test('a draft is signed by the role of each party that may, and is then in force for both [R17]', async () => {
  const [tom, helen, priya] = await Promise.all(['Tom Reyes', 'Helen Marsh', 'Priya Shah'].map(signInAs));
  if (!tom || !helen || !priya) throw new Error('Three people');

  expect((await look(tom)).body).toContain('Sign this agreement');
  expect((await look(priya)).body).not.toContain('Sign this agreement');
  const refused = await sign(priya);
  expect(refused.status).toBe(403);
  expect(refused.body).toContain(
    'chief executive or information asset owner or senior information risk owner',
  );

  expect((await sign(tom)).location).toBe(draft);
  expect((await sign(tom)).status).toBe(409);
  expect((await look(tom)).body).toContain('1 of 2 parties have signed');
  expect((await sign(helen)).location).toBe(draft);
  const signed = (await look(helen)).body;
  expect(signed).toContain('In force');
  expect(signed.match(/Proved now/g)).toHaveLength(2);

  const file = await service.visit({ method: 'GET', url: `${draft}.json`, session: helen });
  const checks = await verifyAgreement(Buffer.from(file.body), null);
  expect(checks.filter((check) => !check.ok && !check.advisory)).toEqual([]);
});

test('its parties take it away as PDF, Word and YAML, and the YAML is what was signed', async () => {
  const session = await signInAs('Helen Marsh');
  const [pdf, word, yaml] = await Promise.all(
    ['pdf', 'docx', 'yaml'].map((form) => service.visit({ method: 'GET', url: `${draft}.${form}`, session })),
  );
  expect([pdf?.status, pdf?.body.slice(0, 8), pdf?.headers['content-type']]).toEqual([
    200,
    '%PDF-1.7',
    'application/pdf',
  ]);
  expect(word?.body.slice(0, 2)).toBe('PK');
  expect(word?.headers['content-disposition']).toContain('filename="ISA-2026-002.docx"');
  const parsed = parseAgreement(yaml?.body ?? '');
  expect((await look(session)).body).toContain(
    parsed.ok ? agreementDigest(parsed.agreement) : 'no agreement',
  );
});

test('a signature that does not prove is shown as one that does not', async () => {
  const session = await signInAs('Priya Shah');
  await world.superuser.query(
    `update agreement_signatures set signature = 'AAAA' where role = 'chief-executive'`,
  );
  const { body } = await service.visit({ method: 'GET', url: '/agreements/ISA-2026-001', session });
  expect(body).toContain('Does not prove');
});

test('a page of an agreement is the newest version that its party sees', async () => {
  const people = await world.instance.database.read(null, findExamplePeople);
  const police = people.find((one) => one.name === 'Tom Reyes')?.organisationId ?? '';
  const kept = await world.instance.database.read({ organisationId: police, personId: null }, (db) =>
    findAgreement(db, 'ISA-2026-001'),
  );
  const { body } = await look(await signInAs('Tom Reyes'));
  expect(body).toContain('ISA-2026-002, version 1');
  expect(body).not.toContain(kept?.digest);
});

async function signInAs(name: string): Promise<string> {
  const people = await world.instance.database.read(null, findExamplePeople);
  const person = people.find((one) => one.name === name);
  const done = await signInToExample(
    world.instance.database,
    person?.personId ?? '',
    nowhere,
    new Date().toISOString(),
  );
  if (!done.ok) throw new Error(done.says);
  return done.token;
}
