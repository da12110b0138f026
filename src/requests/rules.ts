import { z } from 'zod';
import type { Role } from '../organisations/rules.ts';

/** A request waits for its holder's decision; agreed data is then released, and the request is answered. */
export type RequestState = 'waiting' | 'agreed' | 'refused' | 'answered';

/** What can be done with a request in which state. */
const can = {
  decide: ['waiting'],
  release: ['agreed'], // CJS guidance 2023 s.1.4: no data before the decision
} as const satisfies Record<string, readonly RequestState[]>;

/** Whether a request in a state allows something. */
export function requestCan(action: keyof typeof can, state: RequestState): boolean {
  return (can[action] as readonly RequestState[]).includes(state);
}

/** Who may ask and who may decide, in their own organisation: no role decides for another body (R19). */
export const mayAsk: readonly Role[] = ['practitioner', 'spoc', 'dpo', 'information-asset-owner'];
export const mayDecide: readonly Role[] = ['spoc', 'information-asset-owner', 'siro', 'chief-executive'];

/** Asking for data (R65, R68): which, under what, what for, and why it is needed. */
export const MakeRequest = z.object({
  agreement: z.string().min(1, 'Choose the data you need'),
  dataSet: z.string().min(1, 'Choose the data you need'),
  purpose: z.string().min(1, 'Choose what you need it for'),
  need: z
    .string()
    .trim()
    .min(10, 'Say in a sentence why you need it')
    .max(1000, 'Say why you need it in 1,000 characters or fewer'),
  neededBy: z.union([z.literal(''), z.iso.date('Give a real date, such as 18 12 2026')]).default(''),
});
export type MakeRequest = z.infer<typeof MakeRequest>;

/** The holder's answer (R31: refusals are recorded like releases). */
export const DecideRequest = z.object({
  decision: z.enum(['share', 'refuse'], { error: 'Choose whether to share or refuse' }),
  reasons: z
    .string()
    .trim()
    .min(10, 'Give your reasons: the other organisation reads them')
    .max(2000, 'Give your reasons in 2,000 characters or fewer'),
});
export type DecideRequest = z.infer<typeof DecideRequest>;
