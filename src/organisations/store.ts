import { sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import {
  type Delegated,
  type Organisation,
  type OtherKeys,
  type Person,
  PublicKeys,
  type Role,
  withDelegated,
} from './rules.ts';
import { deleteSignIn } from './session-store.ts';

type Tables = {
  organisations: { id: string; slug: string; name: string; created_at: Instant; parties: string[] };
  organisation_keys: {
    id: string;
    organisation_id: string;
    purpose: KeyPurpose;
    public_key: string;
    sealed: Buffer;
    created_at: Instant;
    retired_at: Instant | null;
    parties: string[];
  };
  people: {
    id: string;
    organisation_id: string;
    name: string | null;
    email: string | null;
    password_hash: string | null;
    roles: Role[];
    created_at: Instant;
    erased_at: Instant | null;
    parties: string[];
  };
};

/** What a key is for: signing agreements and manifests, or receiving (decrypting) files. */
export type KeyPurpose = 'signing' | 'receiving';

const tables = (db: Db) => db.withTables<Tables>();

/** Waits until this transaction is the only one that makes an organisation. */
export async function lockOrganisations(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('chirograph set-up'))`.execute(tx);
}

/** A new organisation; the transaction must run for it. */
export async function saveOrganisation(tx: Tx, organisation: Organisation, at: Instant): Promise<void> {
  await tables(tx)
    .insertInto('organisations')
    .values({ ...organisation, created_at: at, parties: [organisation.id] })
    .execute();
}

/** A new key pair: the public half as text, the private half sealed. Returns its id. */
export async function saveKey(
  tx: Tx,
  key: { organisationId: string; purpose: KeyPurpose; publicKey: string; sealed: Buffer; at: Instant },
): Promise<string> {
  const id = newId();
  await tables(tx)
    .insertInto('organisation_keys')
    .values({
      id,
      organisation_id: key.organisationId,
      purpose: key.purpose,
      public_key: key.publicKey,
      sealed: key.sealed,
      created_at: key.at,
      retired_at: null,
      parties: [key.organisationId],
    })
    .execute();
  return id;
}

/** The current key of an organisation, private half sealed; only its own transactions see it. */
export async function findKey(
  db: Db,
  organisationId: string,
  purpose: KeyPurpose,
): Promise<{ publicKey: string; sealed: Buffer }> {
  const row = await tables(db)
    .selectFrom('organisation_keys')
    .select(['public_key', 'sealed'])
    .where('organisation_id', '=', organisationId)
    .where('purpose', '=', purpose)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw new Error(`The organisation has no current ${purpose} key`);
  return { publicKey: row.public_key, sealed: row.sealed };
}

/** A new person; the email address must be nobody else's. */
export async function savePerson(
  tx: Tx,
  person: Person & { organisationId: string; email: string; passwordHash: string | null },
  at: Instant,
): Promise<void> {
  await tables(tx)
    .insertInto('people')
    .values({
      id: person.id,
      organisation_id: person.organisationId,
      name: person.name,
      email: person.email,
      password_hash: person.passwordHash,
      roles: person.roles,
      created_at: at,
      erased_at: null,
      parties: [person.organisationId],
    })
    .execute();
}

/** The people of the transaction's organisation whose details have not been erased, by name, with their roles on a day. */
export async function findPeople(db: Db, day: Day): Promise<Person[]> {
  const { rows } = await sql<{ id: string; name: string; roles: Role[]; delegated: Delegated[] }>`
    select p.id, p.name, p.roles, (select coalesce(jsonb_agg(jsonb_build_object(
        'role', d.role, 'delegation', d.id, 'from', d.from_person) order by d.id), '[]')
      from delegations_on(${day}::date) d where d.to_person = p.id) as delegated
    from people p where p.erased_at is null order by p.name`.execute(db);
  return rows.map(({ delegated, ...person }) => withDelegated(person, delegated));
}

/** What a person of the transaction's organisation signs in with; throws for somebody erased. */
export async function findCredentials(
  db: Db,
  personId: string,
): Promise<{ name: string; email: string; passwordHash: string | null }> {
  const row = await tables(db)
    .selectFrom('people')
    .select(['name', 'email', 'password_hash'])
    .where('id', '=', personId)
    .executeTakeFirst();
  if (!row?.email) throw new Error('There is no such person');
  return { name: row.name ?? '', email: row.email, passwordHash: row.password_hash };
}

/** Removes a person's details for good, with all they sign in with. False if there is no such person. */
export async function eraseDetails(tx: Tx, personId: string, at: Instant): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('people')
    .set({ name: null, email: null, password_hash: null, roles: [], erased_at: at })
    .where('id', '=', personId)
    .where('erased_at', 'is', null)
    .executeTakeFirst();
  await deleteSignIn(tx, personId);
  await sql`delete from one_time_links where person_id = ${personId}`.execute(tx);
  return numUpdatedRows > 0n;
}

/** Which of these people still have their details, and whose they are. For the owner. */
export async function findNotErased(
  db: Db,
  personIds: readonly string[],
): Promise<{ id: string; organisationId: string }[]> {
  const { rows } = await sql<{ id: string; organisationId: string }>`
    select id, organisation_id as "organisationId" from people
    where erased_at is null and id = any(${personIds}::uuid[])`.execute(db);
  return rows;
}

/** Everybody whose details were erased. For the owner. */
export async function findErased(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from people where erased_at is not null`.execute(db);
  return rows.map((row) => row.id);
}

type PublicRow = {
  id: string;
  slug: string;
  name: string;
  signing_key: string | null;
  receiving_key: string | null;
  log_key: string | null;
  earlier_log_keys: string[] | null;
  witness_key: string | null;
};

/** A body with its public keys: what anyone may know. */
export type PublicOrganisation = Organisation & OtherKeys & { keys: PublicKeys | null };

/** Every body's name and public keys. */
export async function findPublicOrganisations(db: Db): Promise<PublicOrganisation[]> {
  const { rows } = await sql<PublicRow>`select * from public_organisations()`.execute(db);
  return rows.map(publicOf);
}

/** The bodies with some short names, such as the parties of an agreement. */
export async function findOrganisations(db: Db, slugs: readonly string[]): Promise<PublicOrganisation[]> {
  const { rows } = await sql<PublicRow>`select * from public_organisations(${slugs}::text[])`.execute(db);
  return rows.map(publicOf);
}

/** One body by its short name, or null. */
export async function findOrganisation(db: Db, slug: string): Promise<PublicOrganisation | null> {
  return (await findOrganisations(db, [slug]))[0] ?? null;
}

function publicOf({ id, slug, name, ...keys }: PublicRow): PublicOrganisation {
  return {
    id,
    slug,
    name,
    earlierLogs: keys.earlier_log_keys ?? [],
    witness: keys.witness_key,
    keys:
      keys.signing_key && keys.receiving_key && keys.log_key
        ? PublicKeys.parse({
            organisation: slug,
            name,
            signing: JSON.parse(keys.signing_key),
            receiving: keys.receiving_key,
            log: keys.log_key,
          })
        : null,
  };
}

/** The bodies with some ids, by id. */
export async function findNames(db: Db, ids: Iterable<string>): Promise<Map<string, Organisation>> {
  const { rows } =
    await sql<Organisation>`select * from organisation_names(${[...new Set(ids)]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Up to twenty bodies whose name has these words in it, by name. */
export async function findOrganisationsNamed(db: Db, words: string): Promise<Organisation[]> {
  const { rows } = await sql<Organisation>`select * from organisations_named(${words})`.execute(db);
  return rows;
}

/** Who has this email address, for signing in; null for nobody. */
export async function findSignIn(
  db: Db,
  email: string,
): Promise<{ personId: string; organisationId: string; passwordHash: string | null } | null> {
  const { rows } = await sql<{ person_id: string; organisation_id: string; password_hash: string | null }>`
    select * from sign_in_lookup(${email})`.execute(db);
  const row = rows[0];
  return row
    ? { personId: row.person_id, organisationId: row.organisation_id, passwordHash: row.password_hash }
    : null;
}

/** The example's people, for signing in by one click; empty in a live instance. */
export async function findExamplePeople(
  db: Db,
): Promise<
  { personId: string; name: string; roles: Role[]; organisationId: string; organisationName: string }[]
> {
  const { rows } = await sql<{
    person_id: string;
    name: string;
    roles: Role[];
    organisation_id: string;
    organisation_name: string;
  }>`select * from example_people()`.execute(db);
  return rows.map((row) => ({
    personId: row.person_id,
    name: row.name,
    roles: row.roles,
    organisationId: row.organisation_id,
    organisationName: row.organisation_name,
  }));
}

/** True until the first organisation of a live instance has been set up. */
export async function needsSetup(db: Db): Promise<boolean> {
  const { rows } = await sql<{ needed: boolean }>`select needs_setup() as needed`.execute(db);
  return rows[0]?.needed ?? false;
}
