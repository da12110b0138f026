import { sql } from 'kysely';
import type { Db } from '../../platform/database.ts';
import { parseCanonicalJson } from '../../platform/pure/canonical-json.ts';
import type { Agreement } from '../document.ts';

const enough = 20; // agreements: what is known of a body stands in its newest

/**
 * The newest agreements that the transaction's organisation has signed, over or not: with one partner (its id), or with anybody. What is
 * known of parties and data sets is known from them.
 */
export async function findSignedAgreements(db: Db, partner: string | null): Promise<Agreement[]> {
  const whose = partner === null ? sql`` : sql`id in (select agreements_with(${partner})) and`;
  const { rows } = await sql<{ document: string }>`
    select document from agreements where ${whose} state = 'signed'
    order by starts_on desc, id desc limit ${enough}`.execute(db);
  return rows.map(({ document }) => parseCanonicalJson(document) as Agreement);
}
