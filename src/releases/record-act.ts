import { appendToLedger } from '../ledger/index.ts';
import type { Caller } from '../organisations/rules.ts';
import type { Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { partiesOf, type Release } from './store.ts';

// Until it is sent a release is its sender's alone.
const sendersOwn = ['release.prepared', 'release.withdrawn'] as const;

/** What is done with a release, as the ledger calls it. */
type Act = (typeof sendersOwn)[number] | 'release.sent' | 'release.collected' | 'release.destroyed';

/** Says in the log of each party what the caller did with a release; the act's id. `detail` adds to its reference. */
export function recordAct(
  tx: Tx,
  caller: Caller,
  act: Act,
  release: Release,
  detail: Record<string, string | string[]>,
  now: Instant,
): Promise<string> {
  const alone = (sendersOwn as readonly string[]).includes(act);
  return appendToLedger(tx, {
    act,
    at: now,
    by: caller.organisation.id,
    parties: alone ? [release.senderId] : partiesOf(release),
    personId: caller.person?.id ?? null,
    subject: { type: 'release', id: release.id },
    detail: { ...detail, reference: release.reference },
  });
}
