import { z } from 'zod';
import type { Role } from '../organisations/rules.ts';
import { type Day, daysBetween, showDay } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';

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

/** Who may put an agreement before its parties; who may sign it, it says itself. */
export const mayPropose: readonly Role[] = [
  'spoc',
  'dpo',
  'information-asset-owner',
  'siro',
  'chief-executive',
];

/** What anybody else is told who gives an agreement to be read. */
export const notYoursToRead = refuse(
  'no-authority',
  'agreement.not-yours-to-read',
  'Who looks after agreements reads them in here: a SPOC, a DPO, an asset owner, a SIRO or the chief executive.',
);

/** The role a person signs with: the first of theirs that the agreement lets sign for their party, or null. */
export function signingRole(roles: readonly Role[], maySign: readonly Role[]): Role | null {
  return roles.find((role) => maySign.includes(role)) ?? null;
}

/** Where an agreement stands on a day, in words, with the tone of its tag. */
export type Standing = { tone: 'in-force' | 'coming' | 'draft' | 'over'; text: string; left: string };

/** Where an agreement stands on a day. Its last day is still a day on which data may be shared. */
export function standingOf(
  about: { state: AgreementState; startsOn: Day; endsOn: Day; signed: number; parties: number },
  today: Day,
): Standing {
  const { state, startsOn, endsOn } = about;
  if (state === 'draft') {
    return { tone: 'draft', text: 'Draft', left: `${about.signed} of ${about.parties} parties have signed` };
  }
  if (state === 'ended') return { tone: 'over', text: 'Ended', left: 'Nothing can be shared under it' };
  if (today < startsOn) return { tone: 'coming', text: 'Signed', left: `Starts on ${showDay(startsOn)}` };
  if (today > endsOn) return { tone: 'over', text: 'Expired', left: `Ended on ${showDay(endsOn)}` };
  return { tone: 'in-force', text: 'In force', left: daysLeft(daysBetween(today, endsOn)) };
}

function daysLeft(days: number): string {
  if (days === 0) return 'Today is its last day';
  if (days === 1) return '1 day left';
  return days <= 730 ? `${days} days left` : `${Math.floor(days / 365.25)} years left`;
}

const RegisterEntry = z.strictObject({
  reference: z.string(),
  version: z.int(),
  type: z.enum(['ISA', 'MoU', 'DSA']),
  title: z.string(),
  parties: z.array(z.strictObject({ organisation: z.string(), legalName: z.string(), role: z.string() })),
  purposes: z.array(z.string()),
  dataSets: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      personalData: z.boolean(),
      fields: z.array(z.string()),
      keptFor: z.string().nullable().meta({ description: 'An ISO 8601 period' }),
    }),
  ),
  law: z.array(z.string()),
  startsOn: z.iso.date(),
  endsOn: z.iso.date(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
export type RegisterEntry = z.infer<typeof RegisterEntry>;

/** The public register as JSON: the agreements in force on a day. No names of people, and no contacts. */
export const Register = z.strictObject({
  chirograph: z.literal('register/1'),
  asOf: z.iso.date(),
  agreements: z.array(RegisterEntry),
});
export type Register = z.infer<typeof Register>;
