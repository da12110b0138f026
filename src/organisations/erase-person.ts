import { appendToLedger, destroySalts } from '../ledger/index.ts';
import type { Database } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { actorOf, type Caller, holdsRole, type Role } from './rules.ts';
import { eraseDetails } from './store.ts';

const mayErase: readonly Role[] = ['administrator', 'dpo'];

/**
 * Erases a person's details (UK GDPR Article 17): name, address, password, roles and sessions go, and so do the
 * salts that tied them to their acts. The acts stay in the log and the log still verifies.
 */
export async function erasePerson(
  database: Database,
  caller: Caller,
  personId: string,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  if (!holdsRole(caller, mayErase)) {
    return refuse(
      'no-authority',
      'person.erase-no-authority',
      'Only an administrator or the data protection officer can erase a person’s details.',
    );
  }
  return database.write(actorOf(caller), async (tx) => {
    if (!isId(personId) || !(await eraseDetails(tx, personId, now))) {
      return refuse('not-found', 'person.not-found', 'There is no such person in your organisation.');
    }
    await destroySalts(tx, personId);
    await appendToLedger(tx, {
      act: 'person.erased',
      at: now,
      by: caller.organisation.id,
      parties: [caller.organisation.id],
      personId: caller.person?.id === personId ? null : (caller.person?.id ?? null),
      // Not the person: an entry is for ever, and their id in it would point at them for ever.
      subject: { type: 'organisation', id: caller.organisation.id },
      detail: {},
    });
    return { ok: true } as const;
  });
}
