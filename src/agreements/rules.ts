import type { Role } from '../organisations/rules.ts';

/** A draft can be signed; once every party has, it is signed; it ends by notice or by its last day. */
export type AgreementState = 'draft' | 'signed' | 'ended';

/** What can be done in which state. */
const can = {
  sign: ['draft'], // CJS guidance 2023 s.1.4: completed and signed before any data is shared
  'share-under': ['signed'], // the same; the days are the rulebook's to check
} as const satisfies Record<string, readonly AgreementState[]>;

/** Whether an agreement in a state allows something. */
export function agreementCan(action: keyof typeof can, state: AgreementState): boolean {
  return (can[action] as readonly AgreementState[]).includes(state);
}

/** The role a person signs with: the first of theirs that the agreement lets sign for their party, or null. */
export function signingRole(roles: readonly Role[], maySign: readonly Role[]): Role | null {
  return roles.find((role) => maySign.includes(role)) ?? null;
}
