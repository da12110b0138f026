import { z } from 'zod';
import type { Role } from '../organisations/rules.ts';

/**
 * A release is prepared by one person and approved by another; then it is sent, collected and, when its time comes,
 * destroyed. What the rules refuse, or its sender withdraws, never left.
 */
export type ReleaseState = 'prepared' | 'refused' | 'withdrawn' | 'sent' | 'collected' | 'destroyed';

/** What can be done with a release in which state. */
const can = {
  approve: ['prepared'],
  withdraw: ['prepared'],
  collect: ['sent', 'collected'], // again is harmless: the same bytes, no new act
  destroy: ['collected'], // R117: when the period ends, or before
} as const satisfies Record<string, readonly ReleaseState[]>;

/** Whether a release in a state allows something. */
export function releaseCan(action: keyof typeof can, state: ReleaseState): boolean {
  return (can[action] as readonly ReleaseState[]).includes(state);
}

/** Who may do what, in their own organisation (CJS guidance 2023 s.5.1; council policy: the asset owner approves). */
export const mayPrepare: readonly Role[] = ['practitioner', 'spoc', 'custodian', 'information-asset-owner'];
export const mayApprove: readonly Role[] = ['information-asset-owner', 'siro', 'chief-executive'];
export const mayCollect: readonly Role[] = ['practitioner', 'spoc', 'custodian', 'information-asset-owner'];
export const mayDestroy: readonly Role[] = ['practitioner', 'spoc', 'custodian', 'information-asset-owner'];

/** Certifying destruction: how it was done (R119: deletion, destruction and disposal are different things). */
export const DestroyRelease = z.object({
  method: z
    .string()
    .trim()
    .min(3, 'Say how the data was destroyed, such as “deleted from the shared drive and its backups”')
    .max(500, 'Say how the data was destroyed in 500 characters or fewer'),
});

/** The same on a page, where a person certifies it. */
export const CertifyDestruction = DestroyRelease.extend({
  certain: z.literal('yes', { error: 'Confirm that no copy is left' }),
});

/** The files of a package, beside one `.age` file for each data file. */
export const packageFiles = {
  manifest: 'manifest.json',
  standardTerms: 'standard-terms.txt',
  movementRecord: 'data-movement-record.txt',
  receipt: 'receipt.tlog-proof',
} as const;

/** The data movement record with what has become of the release since: made when it is asked for, and in no package. */
export const movementToDate = 'data-movement-to-date.txt';

/** What a recipient's folder also holds, from its own log: its half of the record, and that it collected. */
export const recipientFiles = {
  half: 'our-half.tlog-proof',
  collected: 'collected.tlog-proof',
} as const;

/** The largest file that a page takes, in bytes (200 MB): larger ones go by the command line, which reads them in place. */
export const largestUpload = 200 * 1024 * 1024;
