import { appendToLedger } from '../ledger/index.ts';
import type { Actor, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';

/** What is done within an organisation, as the ledger calls it. */
type Act =
  | 'keys.exported'
  | 'person.added'
  | 'person.erased'
  | 'person.link-made'
  | 'person.password-chosen'
  | 'person.roles-changed'
  | 'person.sign-in-reset'
  | 'role.delegated'
  | 'role.delegation-ended';

/**
 * Says in an organisation's log what somebody did within it. The subject is the organisation, never the person it was done
 * to: an entry is for ever, and their id in it would point at them for ever. `aboutPersonId` becomes a commitment to them.
 */
export async function recordAct(
  tx: Tx,
  { organisationId, personId }: Actor,
  act: Act,
  detail: Record<string, string | string[]>,
  now: Instant,
  aboutPersonId?: string,
): Promise<void> {
  await appendToLedger(tx, {
    act,
    at: now,
    by: organisationId,
    parties: [organisationId],
    personId,
    ...(aboutPersonId !== undefined && { aboutPersonId }),
    subject: { type: 'organisation', id: organisationId },
    detail,
  });
}
