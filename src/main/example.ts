import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { findAgreement, parseAgreement, proposeAgreement, signAgreement } from '../agreements/index.ts';
import { integratePending } from '../ledger/index.ts';
import { createOrganisation, findOrganisation } from '../organisations/index.ts';
import type { Caller, Organisation, Role } from '../organisations/rules.ts';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';

type ExamplePerson = { id: string; name: string; email: string; roles: Role[] };
type ExampleBody = Organisation & { people: ExamplePerson[] };

// Fixed ids, so that making it again finds what is there. No organisation, place or person of these names exists.
const police: ExampleBody = {
  id: '019b0000-0000-7000-8000-000000000001',
  slug: 'westmarch-police',
  name: 'Westmarch Police',
  people: [
    {
      id: '019b0000-0000-7000-8000-000000000011',
      name: 'Dan Okafor',
      email: 'dan.okafor@westmarch-police.example',
      roles: ['practitioner'],
    },
    {
      id: '019b0000-0000-7000-8000-000000000012',
      name: 'Tom Reyes',
      email: 'tom.reyes@westmarch-police.example',
      roles: ['information-asset-owner', 'signatory'],
    },
    {
      id: '019b0000-0000-7000-8000-000000000013',
      name: 'Priya Shah',
      email: 'priya.shah@westmarch-police.example',
      roles: ['dpo'],
    },
  ],
};

const commissioner: ExampleBody = {
  id: '019b0000-0000-7000-8000-000000000002',
  slug: 'westmarch-opcc',
  name: 'Westmarch Police and Crime Commissioner',
  people: [
    {
      id: '019b0000-0000-7000-8000-000000000021',
      name: 'Amina Yusuf',
      email: 'amina.yusuf@westmarch-opcc.example',
      roles: ['practitioner'],
    },
    {
      id: '019b0000-0000-7000-8000-000000000022',
      name: 'Helen Marsh',
      email: 'helen.marsh@westmarch-opcc.example',
      roles: ['chief-executive', 'signatory'],
    },
  ],
};

const council: ExampleBody = {
  id: '019b0000-0000-7000-8000-000000000003',
  slug: 'avonbury-council',
  name: 'Avonbury Council',
  people: [],
};

const agreementId = '019b0000-0000-7000-8000-000000000101';
const agreementFile = join(import.meta.dirname, '../../examples/isa-2026-001.yaml');

// The example's past is as fictional as its people: signed before it started, as an agreement should be.
const setUpAt: Instant = '2025-12-10T09:30:00.000Z';
const signedAt: Record<string, Instant> = {
  [police.slug]: '2025-12-15T10:00:00.000Z',
  [commissioner.slug]: '2025-12-16T14:20:00.000Z',
};

/** What the example holds, by the names the command line uses. */
export type Example = { organisations: string[]; agreement: string; dataSets: string[]; purposes: string[] };

/** Makes the example, or what is still missing of it; running it again changes nothing, and at once neither. */
export async function createExample(instance: Instance): Promise<Example> {
  return instance.database.work(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('chirograph example'))`.execute(tx);
    return makeExample(instance);
  });
}

async function makeExample(instance: Instance): Promise<Example> {
  const { database, sealer } = instance;
  for (const { people, ...organisation } of [police, commissioner, council]) {
    if (await database.read(null, (db) => findOrganisation(db, organisation.slug))) continue;
    const newPeople = people.map((person) => ({ ...person, passwordHash: null }));
    await createOrganisation(database, sealer, organisation, newPeople, setUpAt);
  }
  const agreement = await readExampleAgreement();
  await agreeOn(instance, agreement);
  await integratePending(instance);
  return {
    organisations: [police, commissioner, council].map((body) => body.slug),
    agreement: agreement.reference,
    dataSets: agreement.terms.datasets.map((dataSet) => dataSet.id),
    purposes: agreement.terms.purposes.map((purpose) => purpose.id),
  };
}

async function readExampleAgreement() {
  const parsed = parseAgreement(await readFile(agreementFile, 'utf8'));
  if (parsed.ok) return parsed.agreement;
  throw new Error(`The example's agreement is not whole: ${JSON.stringify(parsed.problems)}`);
}

async function agreeOn(
  { database, sealer }: Pick<Instance, 'database' | 'sealer'>,
  agreement: Awaited<ReturnType<typeof readExampleAgreement>>,
) {
  const proposer = signatoryOf(police);
  const find = () =>
    database.read({ organisationId: police.id, personId: null }, (db) =>
      findAgreement(db, agreement.reference),
    );
  if (!(await find())) {
    const proposed = await proposeAgreement(database, proposer, agreementId, agreement, setUpAt);
    if (!proposed.ok) throw new Error(proposed.says);
  }
  for (const body of [police, commissioner]) {
    const kept = await find();
    if (!kept || kept.signatures.some((signature) => signature.organisationId === body.id)) continue;
    const signed = await signAgreement(
      database,
      sealer,
      signatoryOf(body),
      kept.id,
      null,
      signedAt[body.slug] ?? setUpAt,
    );
    if (!signed.ok) throw new Error(signed.says);
  }
}

function signatoryOf({ people, ...organisation }: ExampleBody): Caller {
  const person = people.find((one) => one.roles.includes('signatory'));
  return { organisation, person: person ?? null };
}
