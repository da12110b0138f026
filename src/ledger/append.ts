import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { NobodyAnyMore, type Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { step } from '../steps.ts';
import { commitToPerson, type Entry, formatEntry } from './entry.ts';
import { type SealedRow, sealRows } from './sealed-rows.ts';

/**
 * An act to record: what was done (`release.sent`), when, by which organisation, to what, between which
 * organisations. `personId` is who did it, null for an organisation's own rules; `aboutPersonId` whom it was done to,
 * committed to in the detail as `about`; `detail` holds ids, hashes, references and counts, and never words a person
 * wrote. `seals` are the rows that the act has added or changed: its entry commits to each as it is now. `id` is given
 * where such a row names the act.
 */
export type Act = {
  id?: string;
  act: string;
  at: Instant;
  by: string;
  subject: { type: string; id: string };
  parties: readonly string[];
  personId: string | null;
  aboutPersonId?: string;
  detail: Entry['detail'];
  seals?: readonly SealedRow[];
};

/**
 * Records an act in the logs of all its parties, in the caller's transaction, and returns the act's id. It is
 * in the logs once the integrator has been, within a second of the commit. Throws where the entry is not well
 * formed, the database finds that the act's subject has other parties, or whoever does it was erased meanwhile.
 */
export async function appendToLedger(tx: Tx, act: Act): Promise<string> {
  const id = act.id ?? newId();
  const { personId, aboutPersonId = null } = act;
  const doer = { part: 'doer', personId, salt: randomBytes(32) };
  const about = { part: 'about', personId: aboutPersonId, salt: randomBytes(32) };
  const { shared, own } = await sealRows(tx, act.seals ?? [], act.parties);
  const entry = formatEntry({
    act: act.act,
    at: act.at,
    by: act.by,
    detail: {
      ...act.detail,
      ...(aboutPersonId !== null && { about: commitToPerson(about.salt, aboutPersonId) }),
      ...(shared.length > 0 && { seals: shared }),
      ...(own.length > 0 && { ownSeals: own }),
    },
    id,
    parties: [...new Set(act.parties)].sort(),
    person: personId === null ? null : commitToPerson(doer.salt, personId),
    subject: { id: act.subject.id, type: act.subject.type },
    v: 1,
  });
  const people = [doer, about].filter((one) => one.personId !== null);
  const { rows } = await sql<{ salts: number }>`/* once: ledger append */ with salted as (
      insert into ledger_salts (act_id, organisation_id, part, person_id, salt)
      select ${id}::uuid, ${act.by}::uuid, * from unnest(
        ${people.map((one) => one.part)}::text[],
        ${people.map((one) => one.personId)}::uuid[],
        ${people.map((one) => one.salt)}::bytea[])
      returning part)
    select count(*) as salts, ledger_append(${entry.toString()}) from salted`.execute(tx);
  if (rows[0]?.salts !== people.length) throw new NobodyAnyMore('A person of this act was erased meanwhile');
  step('ledger.appended');
  return id;
}
