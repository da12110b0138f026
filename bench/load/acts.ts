import type pg from 'pg';
import { commitToPerson, type Entry, formatEntry } from '../../src/ledger/entry.ts';
import { hexOf, insertAll } from './bulk.ts';
import type { Chance } from './chance.ts';

/** An act to be in the logs: what the service would have appended, and when. */
export type SeededAct = {
  id: string;
  at: number;
  act: string;
  by: string;
  parties: string[];
  person: string;
  subject: Entry['subject'];
  detail: Entry['detail'];
};

/**
 * Puts acts into the queue of each of their parties in the order they were done, with the salts of who did them, exactly
 * as `ledger_append` would. The real integrator takes it from there. Returns how many entries that makes.
 */
export async function queueActs(
  database: pg.Client,
  acts: SeededAct[],
  chance: Chance,
  report: (done: number) => void,
): Promise<number> {
  acts.sort((one, other) => one.at - other.at);
  let entries = 0;
  for (let from = 0; from < acts.length; from += 5000) {
    const batch = acts.slice(from, from + 5000).map((act) => ({ act, salt: chance.bytes(32) }));
    const written = batch.map(({ act, salt }) => entryOf(act, salt).toString());
    const [one, other] = [0, 1].map((side) => batch.map(({ act }) => act.parties[side] ?? null));
    await database.query(
      `insert into ledger_pending (organisation_id, act_id, entry)
       select organisation_id, act_id, entry
       from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) with ordinality as act (act_id, entry, one, other, place)
       cross join lateral (values (one), (other)) holder (organisation_id)
       where organisation_id is not null order by place`,
      [batch.map(({ act }) => act.id), written, one, other],
    );
    const salts = batch.map(({ act, salt }) => ({
      act_id: act.id,
      organisation_id: act.by,
      person_id: act.person,
      salt: hexOf(salt),
    }));
    await insertAll(database, 'ledger_salts', salts);
    entries += batch.reduce((sum, { act }) => sum + act.parties.length, 0);
    report(from + batch.length);
  }
  return entries;
}

function entryOf(act: SeededAct, salt: Buffer): Buffer {
  return formatEntry({
    act: act.act,
    at: new Date(act.at).toISOString(),
    by: act.by,
    detail: act.detail,
    id: act.id,
    parties: [...act.parties].sort(),
    person: commitToPerson(salt, act.person),
    subject: act.subject,
    v: 1,
  });
}
