import { z } from 'zod';
import { addToDay, type Day, type Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Colleague } from './people-rules.ts';
import { Role } from './rules.ts';

/** The most days that a role is handed on for at a time. Whoever is away for longer has somebody appointed instead. */
export const longestDelegation = 92;

const date = z.iso.date('Give a real date, such as 18 12 2026');

/** Handing a role of one's own to a colleague, from one day to the end of another (R1). */
export const DelegateRole = z.object({
  role: Role.exclude(['administrator'], { error: 'Choose one of your roles' }),
  to: z.uuid('Choose a colleague'),
  from: date,
  until: date,
});
export type DelegateRole = z.infer<typeof DelegateRole>;

/** A delegation as its organisation keeps it, whether or not it gives anything now. */
export type Delegation = {
  id: string;
  from: string;
  to: string;
  role: Role;
  fromDay: Day;
  untilDay: Day;
  givenAt: Instant;
  endedAt: Instant | null;
};

/**
 * Why somebody cannot hand a role on, or null. `giver` and `receiver` are as they are kept, with the roles of their own only:
 * what one holds by delegation is not one's to hand on.
 */
export function whyNotDelegate(
  given: DelegateRole,
  giver: Pick<Colleague, 'id' | 'roles'>,
  receiver: Pick<Colleague, 'id' | 'roles'> | null,
  today: Day,
): Refusal | null {
  const no = (code: string, says: string, field: string) =>
    refuse('invalid', `delegation.${code}`, says, field);
  if (!giver.roles.includes(given.role)) {
    const says = 'You can hand on a role of your own only, not one that was delegated to you.';
    return refuse('no-authority', 'delegation.not-own', says, 'role');
  }
  if (given.to === giver.id) return no('to-oneself', 'Choose a colleague: you hold this role already', 'to');
  if (!receiver) return no('no-colleague', 'Choose a colleague from the list', 'to');
  if (receiver.roles.includes(given.role)) {
    return no('held-already', 'This colleague holds that role already', 'to');
  }
  if (given.from < today) return no('past', 'Choose today or a later day to begin on', 'from');
  if (given.until < given.from)
    return no('backwards', 'Choose a last day that is not before the first', 'until');
  if (given.until >= addToDay(given.from, { days: longestDelegation })) {
    return no('too-long', `Choose a last day at most ${longestDelegation} days on`, 'until');
  }
  return null;
}
