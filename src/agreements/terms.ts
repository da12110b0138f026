import { z } from 'zod';
import { DataSet as PipelineDataSet } from '../pipeline/index.ts';

// The machine-readable half of an agreement. Every object is strict: a misspelt term must not be
// signed as if it said nothing. Every term names the clause that says it in words.

// A part left out is told as missing, whatever its form would have been.
function unlessMissing(says: string) {
  return (issue: { input?: unknown }) => (issue.input === undefined ? undefined : says);
}

const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use small letters, digits and hyphens, such as stop-and-search.');

const clause = z.string().min(1).meta({ description: 'The id of the clause that says this in words' });

const text = z.string().trim().min(1, 'This is empty.');

const day = z.iso.date({ error: unlessMissing('Write a day as YYYY-MM-DD, such as 2026-01-05.') });

const period = z
  .string()
  .regex(
    /^P(?=\d)(\d{1,3}Y)?(\d{1,4}M)?(\d{1,5}D)?$/,
    'Write a period as P1Y (a year), P6M (six months) or P30D (30 days).',
  );

const count = z.int().positive('This must be 1 or more.');

/** An organisation's short name, as on the command line: `westmarch-police`. */
export const Organisation = slug;

/** A calendar day, `YYYY-MM-DD`. */
export const AgreementDay = day;

/** Words that a person reads; never blank. */
export const Words = text;

// What the pipeline does to a file, with what people call it and the clause that says it.
const DataSet = PipelineDataSet.safeExtend({ id: slug, title: text, personalData: z.boolean(), clause });

/** What software enforces. Ids of law are those of law/*.yaml. */
export const Terms = z.strictObject({
  purposes: z.array(z.strictObject({ id: slug, says: text, clause })).min(1),
  powers: z.array(
    z.strictObject({
      gateway: z.string().meta({ description: 'An id of law/gateways.yaml' }),
      law: text,
      section: text,
      from: Organisation,
      to: Organisation,
      clause,
    }),
  ),
  lawfulBases: z.array(
    z.strictObject({
      party: Organisation,
      basis: z.string().meta({ description: 'An id of law/lawful-bases.yaml' }),
      clause,
    }),
  ),
  conditions: z.array(
    z.strictObject({
      party: Organisation,
      condition: z.string().meta({ description: 'An id of law/conditions.yaml' }),
      dataSet: slug,
      clause,
    }),
  ),
  datasets: z.array(DataSet).min(1),
  shares: z.array(
    z.strictObject({
      dataSet: slug,
      purpose: slug,
      from: Organisation,
      to: Organisation,
      standingApproval: z
        .boolean()
        .meta({ description: 'May go without a new decision each time, within these terms' }),
      frequency: z.enum(['weekly', 'monthly', 'quarterly', 'yearly', 'on-request']),
      clause,
    }),
  ),
  dpia: z.array(
    z.strictObject({
      dataSet: slug,
      screenedOn: day,
      outcome: z.enum(['dpia-not-needed', 'dpia-needed', 'dpia-done']),
      reference: text,
      clause,
    }),
  ),
  retention: z.array(z.strictObject({ dataSet: slug, period, method: text, clause })),
  // Under 72 hours, or the recipient's notice would use up the originator's own time (UK GDPR Art 33).
  incidents: z.strictObject({
    tellPartnerWithinHours: count.lt(
      72,
      'Give the partner fewer than 72 hours, or it cannot report in time itself.',
    ),
    clause,
  }),
  requests: z.strictObject({ noticeWorkingDays: count, clause }),
  corrections: z.strictObject({ tellPartnerWithinWorkingDays: count, clause }),
  rights: z.strictObject({ tellPartnerWithinWorkingDays: count, clause }),
  foi: z.strictObject({
    tellPartnerWithinWorkingDays: count,
    partnerAnswersWithinWorkingDays: count,
    clause,
  }),
  onward: z.strictObject({ rule: z.enum(['never', 'written-consent']), clause }),
  outsideUk: z.strictObject({ rule: z.enum(['never', 'written-consent']), clause }),
  review: z.strictObject({ firstAfter: period, every: period, clause }),
  termination: z.strictObject({ noticeDays: count, clause }),
});
export type Terms = z.infer<typeof Terms>;
