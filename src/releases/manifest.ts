import { z } from 'zod';
import { PublicKeys } from '../organisations/rules.ts';
import { counted } from '../platform/pure/words.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const party = z.strictObject({ id: z.uuid(), keys: PublicKeys });

/** The signature of a manifest names itself so, in its protected header. */
export const manifestSignatureType = 'chirograph-manifest+jws';

/**
 * What exactly left: signed by the sender, named by its hash in both logs. It hashes every file of the package but
 * itself and the receipt. No personal data.
 */
export const Manifest = z.strictObject({
  chirograph: z.literal('manifest/1'),
  release: z.strictObject({ id: z.uuid(), reference: z.string(), sentAt: z.iso.datetime() }),
  from: party,
  to: party,
  agreement: z.strictObject({
    reference: z.string(),
    version: z.int().positive(),
    digest: z.string().startsWith('sha256:'),
  }),
  dataSet: z.string(),
  /** The digest of what the agreement says of this data set: canonical JSON (RFC 8785), SHA-256. Manifests from before have none. */
  terms: z.string().startsWith('sha256:').exactOptional(),
  purpose: z.string(),
  decision: z.strictObject({
    request: z.string(),
    by: z.enum(['agreement', 'person']),
    rulebook: z.string(),
    facts: z.string(),
  }),
  marking: z.string(),
  retention: z.strictObject({ period: z.string(), method: z.string() }).nullable(),
  /** `outside`: rows of the file that the terms do not choose, where they choose. */
  rows: z.strictObject({ in: count, out: count, heldBack: count, outside: count.exactOptional() }),
  protection: z
    .strictObject({
      k: z.int(),
      fields: z.array(z.string()),
      smallestGroup: count.nullable(),
      /** Values of each sensitive field that a group has at least, and the share of rows that might be held back. */
      l: z.int().exactOptional(),
      limit: z.number().exactOptional(),
      /** What the levels that were found lose, 0 to 1. */
      loss: z.number().exactOptional(),
    })
    .nullable(),
  /**
   * How good the data is: every check that the terms make, and how many rows fail it. Those that block are at 0, or nothing
   * would have left. Besides, as failing, identifiers (`identifier`) in fields that the terms call something else. Where there is
   * nothing to say, there is no such part.
   */
  quality: z
    .array(z.strictObject({ check: z.string(), says: z.string(), failed: count, blocks: z.boolean() }))
    .exactOptional(),
  /** How far it was checked: every value by its type; every check of the terms too; or some of these fail that only warn. */
  validation: z.enum(['types', 'types-and-checks', 'types-and-checks-with-warnings']).exactOptional(),
  /** What whoever uses the data has to know first, in words [R97, R99]. */
  caveats: z.array(z.string()).exactOptional(),
  /**
   * The columns that the terms list, in order, and what was done to each; how many others did not leave. `level` of a field
   * that is generalised by a hierarchy: 0 as held, up to `highest`. `neutralised`: texts that were written with an apostrophe before them, so that a spreadsheet does not run them.
   */
  fields: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      role: z.string(),
      done: z.string(),
      method: z.literal('HMAC-SHA-256').exactOptional(),
      level: count.exactOptional(),
      highest: count.exactOptional(),
      neutralised: count.exactOptional(),
    }),
  ),
  columnsLeftOut: count,
  data: z
    .array(
      z.strictObject({
        file: fileName,
        name: fileName,
        sha256,
        bytes: count,
        rows: count,
        format: z.enum(['csv', 'parquet', 'xlsx']),
      }),
    )
    .min(1),
  files: z.array(z.strictObject({ name: fileName, sha256, bytes: count })).min(1),
});
export type Manifest = z.infer<typeof Manifest>;

/** The keys of both parties' logs. An entry that names them can be verified by itself. */
export function logsOf({ from, to }: Pick<Manifest, 'from' | 'to'>): string[] {
  return [from.keys.log, to.keys.log];
}

/** The bytes of a manifest: JSON that people can read too. What is hashed and signed is these bytes. */
export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** A manifest from its bytes, or null for anything that we would not have written so, to the byte. */
export function readManifest(bytes: Buffer): Manifest | null {
  try {
    const manifest = Manifest.parse(JSON.parse(bytes.toString('utf8')));
    return manifestBytes(manifest).equals(bytes) ? manifest : null;
  } catch {
    return null;
  }
}

const forms = { csv: 'CSV', parquet: 'Parquet', xlsx: 'XLSX' } as const;

/** What left, in a sentence: `276 of 301 rows and 8 columns, as CSV; every check of quality passes.` */
export function leftInWords({ rows, fields, data, validation }: Omit<Manifest, 'files'>): string {
  const number = (n: number) => n.toLocaleString('en-GB');
  const columns = fields.filter(({ done }) => done !== 'dropped').length;
  const checks: Record<NonNullable<Manifest['validation']>, string> = {
    types: 'every value is of its type',
    'types-and-checks': 'every value is of its type, and every check of quality passes',
    'types-and-checks-with-warnings': 'every value is of its type, and not every check of quality passes',
  };
  const state = validation === undefined ? '' : `; ${checks[validation]}`;
  return `${number(rows.out)} of ${number(rows.in)} rows and ${counted(columns, 'column', 'columns')} left, as ${data.map(({ format }) => forms[format]).join(' and ')}${state}.`;
}
