import { appendToLedger, createLog, sealedLogs } from '../ledger/index.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeKeys } from './keys.ts';
import type { Organisation, Person } from './rules.ts';
import { sealedKeys, sealedOrganisations } from './sealed.ts';
import { saveOrganisation, savePerson } from './store.ts';

/** A person to be, with how they sign in. */
export type NewPerson = Person & { email: string; passwordHash: string | null };

/**
 * Makes an organisation: its row, its keys, its log with a first entry, and its first people, all or nothing.
 * Ids are given, so that doing it again fails on the first of them and changes nothing.
 */
export async function createOrganisation(
  database: Database,
  sealer: Sealer,
  organisation: Organisation,
  people: NewPerson[],
  at: Instant,
): Promise<void> {
  await database.write({ organisationId: organisation.id, personId: null }, (tx) =>
    makeOrganisation(tx, sealer, organisation, people, at),
  );
}

/** The same, in the caller's transaction, which must run for the new organisation. */
export async function makeOrganisation(
  tx: Tx,
  sealer: Sealer,
  organisation: Organisation,
  people: NewPerson[],
  at: Instant,
): Promise<void> {
  await saveOrganisation(tx, organisation, at);
  const keys = await makeKeys(tx, organisation, sealer, at);
  await createLog(tx, organisation.id, organisation.slug, sealer);
  for (const person of people) await savePerson(tx, { ...person, organisationId: organisation.id }, at);
  await appendToLedger(tx, {
    act: 'organisation.created',
    at,
    by: organisation.id,
    parties: [organisation.id],
    personId: null,
    subject: { type: 'organisation', id: organisation.id },
    detail: { slug: organisation.slug },
    seals: [
      { of: sealedOrganisations, key: [organisation.id] },
      { of: sealedLogs, key: [organisation.id, '1'] },
      ...keys.map((id) => ({ of: sealedKeys, key: [id] })),
    ],
  });
}
