import { type Generated, type Selectable, sql } from 'kysely';
import type { Db, Tx } from '../platform/database.ts';
import { type Listed, type Order, type Place, pageOf } from '../platform/keyset.ts';
import { parseCanonicalJson } from '../platform/pure/canonical-json.ts';
import type { Day, Instant } from '../platform/pure/dates.ts';
import type { Agreement } from './document.ts';
import type { AgreementState } from './rules.ts';

type Tables = {
  agreements: {
    id: string;
    reference: string;
    version: number;
    state: AgreementState;
    title: string;
    starts_on: Day;
    ends_on: Day;
    digest: string;
    document: string;
    created_at: Instant;
    parties: string[];
    brief: Generated<Brief>;
    published: Generated<PublishedAgreement>;
  };
  agreement_signatures: {
    agreement_id: string;
    organisation_id: string;
    person_id: string;
    role: string;
    protected_header: string;
    signature: string;
    public_key: string;
    signed_at: Instant;
    parties: string[];
  };
};

/** One party's signature of an agreement, as kept. */
export type KeptSignature = {
  organisationId: string;
  role: string;
  protected: string;
  signature: string;
  /** The key it was made with, as canonical JSON (JWK). */
  publicKey: string;
  signedAt: Instant;
};

/** An agreement with what has happened to it. `document` is the canonical JSON that is signed. */
export type KeptAgreement = {
  id: string;
  state: AgreementState;
  digest: string;
  document: string;
  agreement: Agreement;
  partyIds: string[];
  signatures: KeptSignature[];
};

/** What lists show of an agreement, taken from its document by the database. */
export type Brief = Pick<Agreement, 'reference' | 'version' | 'title' | 'startsOn' | 'endsOn'> & {
  parties: Pick<Agreement['parties'][number], 'organisation' | 'legalName' | 'maySign'>[];
  terms: Pick<Agreement['terms'], 'purposes' | 'retention' | 'requests'> & {
    datasets: Pick<Agreement['terms']['datasets'][number], 'id' | 'title'>[];
  };
};

/** An agreement as lists show it, with who has signed. */
export type ListedAgreement = Pick<KeptAgreement, 'id' | 'state' | 'partyIds'> & {
  agreement: Brief;
  signatures: Pick<KeptSignature, 'organisationId'>[];
};

type AgreementRow = Selectable<Omit<Tables['agreements'], 'brief' | 'published'>>;

// Without the two that are made from the document.
const whole = [
  'id',
  'reference',
  'version',
  'state',
  'title',
  'starts_on',
  'ends_on',
  'digest',
  'document',
  'created_at',
  'parties',
] as const;

const tables = (db: Db) => db.withTables<Tables>();

/** A new draft between the organisations in `partyIds`. False if its reference and version are taken, by whomever. */
export async function saveAgreement(
  tx: Tx,
  kept: Pick<KeptAgreement, 'id' | 'digest' | 'document' | 'agreement' | 'partyIds'>,
  at: Instant,
): Promise<boolean> {
  const { reference, version, title, startsOn, endsOn } = kept.agreement;
  const { numInsertedOrUpdatedRows } = await tables(tx)
    .insertInto('agreements')
    .values({
      id: kept.id,
      reference,
      version,
      state: 'draft',
      title,
      starts_on: startsOn,
      ends_on: endsOn,
      digest: kept.digest,
      document: kept.document,
      created_at: at,
      parties: kept.partyIds,
    })
    .onConflict((conflict) => conflict.columns(['reference', 'version']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** A party's signature. A party signs a version once. */
export async function saveSignature(
  tx: Tx,
  agreement: KeptAgreement,
  signature: KeptSignature & { personId: string },
): Promise<void> {
  await tables(tx)
    .insertInto('agreement_signatures')
    .values({
      agreement_id: agreement.id,
      organisation_id: signature.organisationId,
      person_id: signature.personId,
      role: signature.role,
      protected_header: signature.protected,
      signature: signature.signature,
      public_key: signature.publicKey,
      signed_at: signature.signedAt,
      parties: agreement.partyIds,
    })
    .execute();
}

/** Waits until this transaction is the only one that signs an agreement: who has signed stays so until it ends. */
export async function lockAgreement(tx: Tx, id: string): Promise<void> {
  await sql`select from agreements where id = ${id} for no key update`.execute(tx);
}

/** Moves an agreement to another state. */
export async function setState(tx: Tx, agreementId: string, state: AgreementState): Promise<void> {
  await tables(tx).updateTable('agreements').set({ state }).where('id', '=', agreementId).execute();
}

/** The newest version of an agreement by its reference, if the transaction's organisation is a party to it. */
export async function findAgreement(db: Db, reference: string): Promise<KeptAgreement | null> {
  const row = await tables(db)
    .selectFrom('agreements')
    .select(whole)
    .where('reference', '=', reference)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? withSignatures(db, row) : null;
}

/** An agreement by its id, if the transaction's organisation is a party to it. */
export async function findAgreementById(db: Db, id: string): Promise<KeptAgreement | null> {
  const row = await tables(db).selectFrom('agreements').select(whole).where('id', '=', id).executeTakeFirst();
  return row ? withSignatures(db, row) : null;
}

/** Some agreements by their ids, whole, by reference. */
export async function findAgreementsById(db: Db, ids: readonly string[]): Promise<KeptAgreement[]> {
  const rows = await tables(db)
    .selectFrom('agreements')
    .select(whole)
    .where('id', '=', sql<string>`any (${ids}::uuid[])`)
    .orderBy('reference')
    .execute();
  return Promise.all(rows.map((row) => withSignatures(db, row)));
}

/** Some agreements as lists show them, by id, without their signatures. */
export async function findBriefs(db: Db, ids: Iterable<string>): Promise<Map<string, Brief>> {
  const rows = await tables(db)
    .selectFrom('agreements')
    .select(['id', 'brief'])
    .where('id', '=', sql<string>`any (${[...new Set(ids)]}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row.brief]));
}

/** What of an agreement anyone may know: no contacts, no addresses. */
type PublishedAgreement = Pick<
  Agreement,
  'reference' | 'version' | 'type' | 'title' | 'startsOn' | 'endsOn'
> & {
  parties: Pick<Agreement['parties'][number], 'organisation' | 'legalName' | 'role'>[];
  terms: Pick<Agreement['terms'], 'purposes' | 'powers' | 'lawfulBases' | 'datasets' | 'retention'>;
};

/** A signed agreement as the public register has it. */
export type Registered = { agreement: PublishedAgreement; digest: string };

/** Agreements in force on a day, by reference, as the public may know them: of everybody here, or of one body (short name). */
export async function findRegister(
  db: Db,
  { today, body, after, size }: { today: Day; body: string | null; after: Place | null; size: number },
): Promise<Listed<Registered>> {
  const [reference = '', version = '0'] = after ?? [];
  const { rows } = await sql<{ published: PublishedAgreement; digest: string }>`select digest, published
    from public_register(${today}::date, ${body}, ${reference}, ${version}::integer, ${size + 1})`.execute(
    db,
  );
  const registered = rows.map((row) => ({ agreement: row.published, digest: row.digest }));
  return pageOf(registered, size, ({ agreement }) => [agreement.reference, String(agreement.version)]);
}

/** How the register is ordered. */
export const registerOrder: Order = {
  columns: [
    { name: 'reference', type: 'text' },
    { name: 'version', type: 'integer' },
  ],
  direction: 'asc',
};

async function withSignatures(db: Db, row: AgreementRow): Promise<KeptAgreement> {
  const signatures = await tables(db)
    .selectFrom('agreement_signatures')
    .selectAll()
    .where('agreement_id', '=', row.id)
    .orderBy('signed_at')
    .execute();
  return {
    id: row.id,
    state: row.state,
    digest: row.digest,
    document: row.document,
    // Checked when it was saved, and sealed by its digest since.
    agreement: parseCanonicalJson(row.document) as Agreement,
    partyIds: row.parties,
    signatures: signatures.map((signature) => ({
      organisationId: signature.organisation_id,
      role: signature.role,
      protected: signature.protected_header,
      signature: signature.signature,
      publicKey: signature.public_key,
      signedAt: signature.signed_at,
    })),
  };
}
