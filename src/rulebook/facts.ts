import { z } from 'zod';

/** The most rows a data set may have: the limit on rows held back is then exact in 64-bit whole numbers. */
const MOST_ROWS = 1_000_000_000;

const day = z.iso.date();
const name = z.string().min(1);
const rows = z.int().min(0).max(MOST_ROWS);
const limit = z
  .number()
  .min(0)
  .max(1)
  .refine((share) => Math.round(share * 1_000_000) / 1_000_000 === share, 'has more than six decimal places');

const body = z.strictObject({ slug: name, name });

const agreement = z.strictObject({
  reference: name,
  startsOn: day,
  endsOn: day,
  parties: z.array(name),
  purposes: z.array(name),
  shares: z.array(z.strictObject({ dataSet: name, purpose: name, from: name, to: name })),
  signedBy: z.array(name),
  personalData: z.boolean(),
  dpiaScreening: z.strictObject({
    done: z.boolean(),
    on: day.nullable(),
    outcome: z.enum(['dpia-not-needed', 'dpia-done', 'dpia-needed']).nullable(),
    reference: name.nullable(),
  }),
  lawfulBasis: z.boolean(),
  gateway: z.boolean(),
});

const approval = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('agreement') }),
  z.strictObject({
    by: z.literal('person'),
    preparer: name,
    approver: name,
    preparedFor: name,
    approvedFor: name,
  }),
]);

const data = z
  .strictObject({
    missing: z.array(name),
    wrongTypes: z.array(
      z.strictObject({ field: name, type: name, failed: z.int().min(1), rows: z.array(z.int().min(1)) }),
    ),
    /** Checks of quality that the terms make, that fail and that block: what was agreed, and the first rows. */
    failedChecks: z.array(
      z.strictObject({ says: name, failed: z.int().min(1), rows: z.array(z.int().min(1)) }),
    ),
    problem: name.nullable(),
    rowsIn: rows,
    heldBack: rows,
    k: z.int().min(1).nullable(),
    limit: limit.nullable(),
    alternatives: z.array(z.strictObject({ leaveOut: name, heldBack: rows })),
  })
  .refine((d) => (d.k === null) === (d.limit === null), 'k and limit come together')
  .refine(
    (d) => [d, ...d.alternatives].every((set) => set.heldBack <= d.rowsIn),
    'holds back more rows than came in',
  );

/** What the rules look at. Checked whenever rules run: facts that are incomplete are a fault, never a pass. */
export const releaseFactsSchema = z
  .strictObject({
    action: z.enum(['decide', 'prepare', 'release']),
    today: day,
    sender: body,
    recipient: body,
    purpose: name,
    dataSet: name,
    agreement,
    approval: approval.nullable(),
    data: data.nullable(),
  })
  .refine((f) => (f.data !== null) === (f.action !== 'decide'), {
    error: 'a release has data; a request that is being decided has none',
  })
  .refine((f) => (f.approval !== null) === (f.action === 'release'), {
    error: 'a release that is about to leave has an approval; before that there is none',
  });

/**
 * The facts of one request (`decide`: no file yet), of one release being prepared (`prepare`: with its data) or about
 * to leave (`release`: with its data and its approval). Bodies are slugs, days are London days, persons are ids,
 * `preparedFor` and `approvedFor` whose role each acted in (their own, or whoever delegated it), `limit` is a share of rows (0.10).
 * `signedBy` holds only parties whose signature was verified and made by a role that may sign; `personalData`,
 * `lawfulBasis` and `gateway` are what the terms say of this data set; `heldBack` counts rows in groups smaller
 * than `k`; an alternative is the same data without one field.
 */
export type ReleaseFacts = z.infer<typeof releaseFactsSchema>;

/** The facts of a release that has its data, approved or not yet. */
export type Prepared = ReleaseFacts & { data: NonNullable<ReleaseFacts['data']> };

/** The facts of a release about to leave: with its approval, too. */
export type Released = Prepared & { approval: NonNullable<ReleaseFacts['approval']> };

/** One field left out, and the rows that would then be held back. */
export type Alternative = Prepared['data']['alternatives'][number];

export function isPrepared(facts: ReleaseFacts): facts is Prepared {
  return facts.data !== null;
}

export function isReleased(facts: ReleaseFacts): facts is Released {
  return isPrepared(facts) && facts.approval !== null;
}
