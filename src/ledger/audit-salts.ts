import { sql } from 'kysely';
import type { Db } from '../platform/database.ts';
import { commitToPerson } from './entry.ts';
import { type Finding, todo } from './finding.ts';

/**
 * Compares what ties people to their acts with the commitments in the entries of the transaction's organisation. A salt
 * that is gone is no finding: erasing a person takes it. `waiting` are acts whose entries are not in the log yet.
 */
export async function auditSalts(db: Db, waiting: ReadonlySet<string>): Promise<Finding[]> {
  const { rows } = await sql<{ act: string; person: string; salt: Buffer; committed: string | null }>`
    select s.act_id as act, person_id as person, salt,
      case part when 'doer' then entry::json ->> 'person' else entry::json #>> '{detail,about}' end as committed
    from ledger_salts s left join ledger_entries e using (organisation_id, act_id)`.execute(db);
  return rows.flatMap(({ act, person, salt, committed }) => {
    if (waiting.has(act) || committed === commitToPerson(salt, person)) return [];
    const wrong =
      committed === null
        ? 'No act of the ledger was done by a person under this salt.'
        : 'The person and the salt are not what the entry of the act commits to.';
    return [{ table: 'ledger_salts', row: `act ${act}`, wrong, todo: todo.changed }];
  });
}
