import { z } from 'zod';

// The terms of a data set, and what they make of one file: a plan that says what happens, in which order,
// and knows nothing of the engine that runs it. `sql.ts` compiles it for DuckDB; another dialect can do the same.

const ColumnType = z.enum(['string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'month']);

/** How much a field says about a person: names them, singles them out with others, harms them if known, or neither. */
const Role = z.enum(['identifier', 'quasi-identifier', 'sensitive', 'other']);

const Level = z.enum([
  'day',
  'month',
  'quarter',
  'year',
  'age-band-5',
  'age-band-10',
  'postcode-district',
  'postcode-sector',
]);

/** What leaves of a field: its value, nothing, a pseudonym, or a coarser value. */
const Use = z.union([z.enum(['keep', 'drop', 'pseudonymise']), z.strictObject({ to: Level })], {
  error: ({ input }) =>
    input === undefined
      ? undefined
      : `Choose keep, drop, pseudonymise, or { to: month }. Levels: ${Level.options.join(', ')}.`,
});

export type ColumnType = z.infer<typeof ColumnType>;
export type Level = z.infer<typeof Level>;

const typesOfLevel: Record<Level, readonly ColumnType[]> = {
  day: ['timestamp', 'date'],
  month: ['timestamp', 'date', 'month'],
  quarter: ['timestamp', 'date', 'month'],
  year: ['timestamp', 'date', 'month'],
  'age-band-5': ['integer'],
  'age-band-10': ['integer'],
  'postcode-district': ['string'],
  'postcode-sector': ['string'],
};

/** One column of the file. Blank is allowed in every type. */
const Field = z
  .strictObject({
    name: z.string().min(1).meta({ description: 'The column heading, exactly as in the file' }),
    type: ColumnType,
    role: Role,
    use: Use,
  })
  .refine(({ type, use }) => typeof use === 'string' || typesOfLevel[use.to].includes(type), {
    error:
      'The level does not fit the type: days, months, quarters and years are made of dates, timestamps and months, age bands of integers, postcode areas of strings.',
    path: ['use', 'to'],
  });

export type Field = z.infer<typeof Field>;

/** The terms of a data set: the file's form, its fields in the order they leave, and the protection of small groups. */
export const DataSet = z.strictObject({
  id: z.string().min(1),
  format: z.strictObject({
    type: z.literal('csv'),
    delimiter: z.string().regex(/^[,;|\t]$/, 'The delimiter is a comma, a semicolon, a bar or a tab.'),
  }),
  fields: z
    .array(Field)
    .min(1, 'List at least one field: a column that is not listed never leaves.')
    .refine(
      (fields) => new Set(fields.map((field) => field.name)).size === fields.length,
      'A field is listed twice.',
    )
    .refine(
      (fields) => fields.some((field) => field.use !== 'drop'),
      'Every field is dropped: nothing would leave.',
    ),
  protection: z
    .strictObject({
      k: z.int().min(2, 'A group of 1 protects nobody: k is 2 or more.'),
      suppressionLimit: z
        .number()
        .min(0)
        .max(1, 'A share of the rows, from 0 to 1.')
        .refine((share) => Math.round(share * 1e6) / 1e6 === share, 'Use at most six decimal places.'),
    })
    .meta({ description: 'Rows in groups smaller than k are held back; above the limit nothing leaves' })
    .exactOptional(),
});

export type DataSet = z.infer<typeof DataSet>;

/** What a value must look like: its type, or the narrower form that its generalisation needs. */
export type Form = ColumnType | 'age' | 'postcode';

/**
 * What is done to one file, each part a step, in the order they run. Columns are counted from 0 in the
 * file's header; fields are named as the terms name them.
 */
export type Plan = {
  header: readonly string[];
  /** Columns that the terms do not list. They never leave. */
  dropped: readonly string[];
  /** Every listed column, those that are dropped too: a wrong value is a sign of a wrong file. */
  checkTypes: readonly { field: string; column: number; form: Form }[];
  /** Only these go further, in this order. */
  minimise: readonly { field: string; column: number }[];
  pseudonymise: readonly string[];
  generalise: readonly { field: string; type: ColumnType; to: Level }[];
  /** Rows whose values in the fields `by` are shared by fewer than `k` rows stay behind. */
  holdBack: { by: readonly string[]; k: number; limit: number } | null;
  /** The headings of the file that leaves. */
  write: readonly string[];
};

/** Why there is no plan: listed fields the header lacks, and columns (from 1) that share a name. */
export type NoPlan = { ok: false; missing: string[]; duplicates: number[]; dropped: string[] };

/** Plans the release of a file with this header under these terms. Names must match to the letter. */
export function planRelease(dataSet: DataSet, header: readonly string[]): { ok: true; plan: Plan } | NoPlan {
  const { fields, protection } = dataSet;
  const listed = new Set(fields.map((field) => field.name));
  const dropped = header.filter((name) => !listed.has(name));
  const missing = fields.map((field) => field.name).filter((name) => !header.includes(name));
  const duplicates = header.flatMap((name, at) =>
    header.indexOf(name) === header.lastIndexOf(name) ? [] : [at + 1],
  );
  if (missing.length > 0 || duplicates.length > 0) return { ok: false, missing, duplicates, dropped };

  const columnOf = (field: Field) => header.indexOf(field.name);
  const leaving = fields.filter((field) => field.use !== 'drop');
  const plan: Plan = {
    header,
    dropped,
    checkTypes: fields.map((field) => ({ field: field.name, column: columnOf(field), form: formOf(field) })),
    minimise: leaving.map((field) => ({ field: field.name, column: columnOf(field) })),
    pseudonymise: leaving.filter((field) => field.use === 'pseudonymise').map((field) => field.name),
    generalise: leaving.flatMap(({ name, type, use }) =>
      typeof use === 'string' ? [] : [{ field: name, type, to: use.to }],
    ),
    holdBack: protection
      ? {
          by: leaving.filter((field) => field.role === 'quasi-identifier').map((field) => field.name),
          k: protection.k,
          limit: protection.suppressionLimit,
        }
      : null,
    write: leaving.map((field) => field.name),
  };
  return { ok: true, plan };
}

/** What is done to a field, in the words of the report. */
export function doneTo({ use }: Field): 'as held' | 'dropped' | 'pseudonym' | Level {
  if (typeof use !== 'string') return use.to;
  return ({ keep: 'as held', drop: 'dropped', pseudonymise: 'pseudonym' } as const)[use];
}

function formOf({ type, use }: Field): Form {
  if (typeof use === 'string') return type;
  if (use.to.startsWith('age-')) return 'age';
  return use.to.startsWith('postcode-') ? 'postcode' : type;
}
