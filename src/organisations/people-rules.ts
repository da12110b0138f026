import { z } from 'zod';
import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { Email, OrganisationName, Password, PersonName, Role, Slug } from './rules.ts';

/** Who lets people in and says what they may do. */
export const mayAdminister: readonly Role[] = ['administrator'];

/** Who may erase a person: the officer answers for the right to erasure (UK GDPR Articles 17 and 39). */
export const mayErase: readonly Role[] = ['administrator', 'dpo'];

const Roles = z
  .array(Role, { error: 'Choose at least one role' })
  .min(1, 'Choose at least one role')
  .transform((held) => Role.options.filter((role) => held.includes(role)));

/** Letting somebody in. */
export const AddPerson = z.object({ name: PersonName, email: Email, roles: Roles });
export type AddPerson = z.infer<typeof AddPerson>;

/** Another body in this instance, with its first administrator: what whoever runs the instance gives. */
export const AddOrganisation = z.object({
  slug: Slug,
  name: OrganisationName,
  administrator: PersonName,
  email: Email,
});
export type AddOrganisation = z.infer<typeof AddOrganisation>;

/** Saying anew what somebody may do. */
export const ChangeRoles = z.object({ roles: Roles });

/** What the holder of a one-time link sends. */
export const ChoosePassword = z.object({ password: Password });

/** What a one-time link is for: a first password, or another one. */
export type LinkPurpose = 'invitation' | 'reset';

/** A one-time link is good for three days: a weekend and the Monday after. */
export const linkHours = 72;

/** Whose a one-time link is, as its page shows it. */
export type LinkHolder = {
  personId: string;
  purpose: LinkPurpose;
  name: string;
  email: string;
  organisation: { id: string; name: string };
};

/** Somebody as their own organisation's administrator sees them. */
export type Colleague = {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  addedAt: Instant;
  /** Who let them in; null for the operator, or setting up. */
  addedBy: string | null;
  /** Whether they have chosen a password, and so can sign in to a live instance. */
  joined: boolean;
  link: { purpose: LinkPurpose; expiresAt: Instant } | null;
};

/**
 * Why an act would leave an organisation with nobody who can let people in, or null. Administrators count who have
 * chosen their password: an invitation may never be taken up.
 */
export function leavesNobody(
  person: Pick<Colleague, 'roles' | 'joined'>,
  rolesAfter: readonly Role[],
  otherAdministrators: number,
): Refusal | null {
  const isOne = person.joined && person.roles.includes('administrator');
  if (!isOne || rolesAfter.includes('administrator') || otherAdministrators > 0) return null;
  return refuse(
    'conflict',
    'person.last-administrator',
    'Nobody else here can let people in. Make a colleague administrator first, and have them choose their password.',
  );
}

/** Somebody who is not here, is not any more, or is another body's: the three look alike. */
export const noSuchPerson = refuse(
  'not-found',
  'person.not-found',
  'There is no such person in your organisation.',
);

/** What everybody is told whose link does not work, whatever the reason. */
export const linkOver = refuse(
  'not-found',
  'link.over',
  'The link was used, a newer one took its place, it is more than three days old, or not all of it was copied.',
);

/** Whoever may not administer. */
export const notAdministrator = refuse(
  'no-authority',
  'person.not-administrator',
  'Only an administrator of your organisation can do this. Ask one of them.',
);

/** Whoever may not erase. */
export const notYoursToErase = refuse(
  'no-authority',
  'person.erase-no-authority',
  'Only an administrator or the data protection officer can erase a person’s details.',
);
