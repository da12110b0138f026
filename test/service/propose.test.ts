import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAgreement, proposeAgreement } from '../../src/agreements/index.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { signInToExample } from '../../src/organisations/index.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { anExample, type TestExample } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// An agreement given as text, checked line by line, looked at, and put before its parties.

let example: TestExample;
let service: Awaited<ReturnType<typeof aService>>;
const sessions: Record<string, string> = {};
beforeAll(async () => {
  example = await anExample();
  service = await aService(example.instance);
  for (const name of ['Tom Reyes', 'Dan Okafor', 'Helen Marsh']) {
    const { person } = await example.personNamed(name);
    const signedIn = await signInToExample(example.instance.database, person?.id ?? '', nowhere, now());
    if (signedIn.ok) sessions[name] = signedIn.token;
  }
});
afterAll(async () => {
  await service?.close();
  await example?.close();
});

const now = () => new Date().toISOString();
const words = readFileSync(join(import.meta.dirname, '../../examples/isa-2026-001.yaml'), 'utf8');
const numbered = (reference: string) => words.replace('reference: ISA-2026-001', `reference: ${reference}`);
const url = '/agreements/propose';
const sent = (name: string, form: Record<string, string>, text?: string) =>
  service.visit({
    method: 'POST',
    url,
    session: sessions[name] ?? null,
    form,
    file: { name: text === undefined ? '' : 'agreement.yaml', text: text ?? '' },
  });

test('it is looked at as its parties will see it, and then proposed once, in both logs', async () => {
  const text = numbered('ISA-2026-010');
  const checked = await sent('Tom Reyes', {}, text);
  expect(checked.status).toBe(200);
  expect(checked.body).toContain('every check passes');
  expect(checked.body).toContain('The words: what people sign');
  expect((await example.logOf('westmarch-opcc')).join()).not.toContain('ISA-2026-010');
  const form = { do: 'propose', text, _key: 'a-key-of-this-form' };
  for (const _ of [1, 2]) {
    const proposed = await sent('Tom Reyes', form);
    if (_ === 1) expect([proposed.status, proposed.location]).toEqual([303, '/agreements/ISA-2026-010']);
  }
  await integratePending(example.instance);
  for (const slug of ['westmarch-police', 'westmarch-opcc']) {
    const entries = (await example.logOf(slug)).filter((entry) => entry.includes('ISA-2026-010'));
    expect(entries).toHaveLength(1);
  }
  const helens = await service.visit({
    method: 'GET',
    url: '/agreements/ISA-2026-010',
    session: sessions['Helen Marsh'] ?? null,
  });
  expect(helens.body).toContain('It waits for your signature');
});

test.each([
  ['nothing', '', 'Choose a file, or paste the agreement'],
  ['what is no YAML', 'a: [', 'There is 1 thing to put right'],
  [
    'a party that is not here',
    numbered('ISA-2026-011').replaceAll('westmarch-opcc', 'nowhere-opcc'),
    'nowhere-opcc here',
  ],
  ['a reference that is taken', words, 'There is an agreement ISA-2026-001 already'],
  [
    'a date out of order',
    numbered('ISA-2026-012').replace('endsOn: 2031-01-04', 'endsOn: 2020-01-04'),
    'Line 10',
  ],
  ['markup', 'a: "<script>alert(1)</script>"', '&lt;script&gt;'],
])('%s is refused, with what to put right and what was typed', async (_, text, says) => {
  const refused = await sent('Tom Reyes', { text, do: 'propose' });
  expect(refused.status).toBe(422);
  expect(refused.body).toContain(says);
  expect(refused.body).not.toContain('<script>alert');
});

test('by somebody whose role cannot, or whose organisation is no party to it, nothing is proposed', async () => {
  const text = numbered('ISA-2026-013');
  expect((await sent('Dan Okafor', { text, do: 'propose' })).status).toBe(403);
  const theirs = text.replaceAll('westmarch-opcc', 'avonbury-council');
  const refused = await sent('Helen Marsh', { text: theirs, do: 'propose' });
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('is not a party, so it cannot propose this');
});

test('a reference that other bodies have is refused in words, and nothing of theirs is shown', async () => {
  const council = await example.commandLineOf('avonbury-council');
  const parsed = parseAgreement(words.replaceAll('westmarch-police', 'avonbury-council'));
  if (!parsed.ok) throw new Error('It does not parse');
  const refused = await proposeAgreement(
    example.instance.database,
    council,
    newId(),
    parsed.agreement,
    now(),
  );
  expect(refused).toMatchObject({
    code: 'agreement.exists',
    says: expect.stringContaining('Give another reference'),
  });
});
