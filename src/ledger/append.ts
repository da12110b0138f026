import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { commitToPerson, type Entry, formatEntry } from './entry.ts';

/**
 * An act to record: what was done (`release.sent`), when, by which organisation, to what, between which
 * organisations. `personId` is who did it, null for an organisation's own rules; `detail` holds ids, hashes,
 * references and counts, and never words a person wrote.
 */
export type Act = {
  act: string;
  at: Instant;
  by: string;
  subject: { type: string; id: string };
  parties: readonly string[];
  personId: string | null;
  detail: Entry['detail'];
};

/**
 * Records an act in the logs of all its parties, in the caller's transaction, and returns the act's id. It is
 * in the logs once the integrator has been, within a second of the commit. Throws where the entry is not well
 * formed, or the database finds that the act's subject has other parties.
 */
export async function appendToLedger(tx: Tx, act: Act): Promise<string> {
  const id = newId();
  const salt = randomBytes(32);
  const entry = formatEntry({
    act: act.act,
    at: act.at,
    by: act.by,
    detail: act.detail,
    id,
    parties: [...new Set(act.parties)].sort(),
    person: act.personId === null ? null : commitToPerson(salt, act.personId),
    subject: { id: act.subject.id, type: act.subject.type },
    v: 1,
  });
  await sql`with salted as (
      insert into ledger_salts (act_id, organisation_id, person_id, salt)
      select ${id}::uuid, ${act.by}::uuid, person_id, ${salt}::bytea
      from (select ${act.personId}::uuid as person_id) doer where person_id is not null)
    select ledger_append(${entry.toString()})`.execute(tx);
  return id;
}
