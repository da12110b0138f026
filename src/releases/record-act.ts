import { appendToLedger } from '../ledger/index.ts';
import type { Caller } from '../organisations/rules.ts';
import type { Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { sealedRequests } from '../requests/index.ts';
import { sealedReleases, sealedWorkings } from './sealed.ts';
import { partiesOf, type Release } from './store.ts';

// Until it is sent a release is its sender's alone; and so is making it again from the sender's own file.
const sendersOwn = ['release.prepared', 'release.withdrawn', 'release.rebuilt'] as const;

/** What is done with a release, as the ledger calls it. */
type Act = (typeof sendersOwn)[number] | 'release.sent' | 'release.collected' | 'release.destroyed';

/**
 * Says in the log of each party what the caller did with a release, once its rows are kept: the entry commits to them. The
 * act has the id that the release names it by. `detail` adds to its reference.
 */
export async function recordAct(
  tx: Tx,
  caller: Caller,
  act: Act,
  release: Release,
  detail: Record<string, string | string[]>,
  now: Instant,
): Promise<void> {
  const alone = (sendersOwn as readonly string[]).includes(act);
  const id = actOf(act, release);
  await appendToLedger(tx, {
    ...(id !== null && { id }),
    act,
    at: now,
    by: caller.organisation.id,
    parties: alone ? [release.senderId] : partiesOf(release),
    personId: caller.person?.id ?? null,
    subject: subjectOf(act, release),
    detail: { ...detail, reference: release.reference },
    seals: sealsOf(act, release),
  });
}

// What is both parties' is in both logs. Making it again is about nothing but the sender's own file, and so about the sender.
function subjectOf(act: Act, { id, senderId }: Release) {
  return act === 'release.rebuilt'
    ? ({ type: 'organisation', id: senderId } as const)
    : ({ type: 'release', id } as const);
}

function actOf(act: Act, { sentAct, collectedAct, destroyedAct }: Release): string | null {
  if (act === 'release.sent') return sentAct;
  if (act === 'release.collected') return collectedAct;
  return act === 'release.destroyed' ? destroyedAct : null;
}

function sealsOf(act: Act, release: Release) {
  const row = { of: sealedReleases, key: [release.id] };
  const workings = { of: sealedWorkings, key: [release.id] };
  const request = { of: sealedRequests, key: [release.requestId] };
  if (act === 'release.rebuilt') return [];
  if (act === 'release.prepared') return [row, workings];
  return act === 'release.sent' ? [row, workings, request] : [row];
}
