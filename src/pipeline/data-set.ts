import { z } from 'zod';
import { inOneLine } from '../platform/pure/words.ts';
import { ColumnType } from './column-type.ts';
import { DataSetCheck, faultOfCheck, faultOfFieldChecks, fieldChecks } from './quality/quality.ts';
import { faultOfCondition, RowCondition } from './quality/row-filter.ts';
import { faultOfHierarchy } from './search/hierarchy.ts';
import { mostNodes } from './search/lattice.ts';

// The terms of a data set: the form of its file, its fields and what leaves of each, and how people in it are protected.

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

/** What leaves of a field: its value, nothing, a pseudonym, the level of a hierarchy that the search finds, or a fixed level. */
const Use = z.union([z.enum(['keep', 'drop', 'pseudonymise', 'generalise']), z.strictObject({ to: Level })], {
  error: ({ input }) =>
    input === undefined
      ? undefined
      : `Choose keep, drop, pseudonymise, generalise (with a hierarchy), or { to: month }. Levels: ${Level.options.join(', ')}.`,
});

/** A hierarchy as its file has it: a line for each leaf, and in it the leaf, then its group at each level, coarser and coarser. */
const Hierarchy = z
  .array(z.array(z.string()))
  .superRefine((lines, context) => {
    const fault = faultOfHierarchy(lines);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({ description: 'One line for each value: the value, then its group at each level' });

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

/** One column of the file. Blank is allowed in every type, unless the field is required. */
const Field = z
  .strictObject({
    name: z.string().min(1).meta({ description: 'The column heading, exactly as in the file' }),
    type: ColumnType,
    role: Role,
    use: Use,
    hierarchy: Hierarchy.exactOptional(),
    weight: z
      .number()
      .positive('A weight is more than 0.')
      .meta({
        description: 'How much a loss of detail in this field counts beside the others; 1 if not said',
      })
      .exactOptional(),
    ...fieldChecks,
  })
  .superRefine((field, context) => {
    const fault = faultOfFieldChecks(field);
    if (fault) context.addIssue({ code: 'custom', message: fault.says, path: [fault.path] });
  })
  .refine(({ type, use }) => typeof use === 'string' || typesOfLevel[use.to].includes(type), {
    error:
      'The level does not fit the type: days, months, quarters and years are made of dates, timestamps and months, age bands of integers, postcode areas of strings.',
    path: ['use', 'to'],
  })
  .refine(({ use, hierarchy }) => (use === 'generalise') === (hierarchy !== undefined), {
    error: 'A field that is generalised has a hierarchy, and no other field has one.',
    path: ['hierarchy'],
  })
  .refine(({ use, role }) => use !== 'generalise' || role === 'quasi-identifier', {
    error:
      'Only a quasi-identifier is generalised by a hierarchy: the search makes groups of people alike in it.',
    path: ['role'],
  })
  .refine(({ use, weight }) => use === 'generalise' || weight === undefined, {
    error: 'Only a field that is generalised by a hierarchy has a weight.',
    path: ['weight'],
  });

export type Field = z.infer<typeof Field>;

/** How small groups are protected: rows in groups smaller than k, or with fewer than l values of a sensitive field, stay behind. */
const Protection = z
  .strictObject({
    k: z.int().min(2, 'A group of 1 protects nobody: k is 2 or more.').exactOptional(),
    suppressionLimit: z
      .number()
      .min(0)
      .max(1, 'A share of the rows, from 0 to 1.')
      .refine((share) => Math.round(share * 1e6) / 1e6 === share, 'Use at most six decimal places.')
      .meta({ description: 'The share of rows that may be held back; none if not said' })
      .exactOptional(),
    l: z.int().min(2, 'With 1 value everybody in a group is known: l is 2 or more.').exactOptional(),
  })
  .meta({ description: 'Rows in groups smaller than k are held back; above the limit nothing leaves' });

const Encoding = z.enum(['utf-8', 'utf-16', 'windows-1252']);

/** What the bytes of a text file are read as. */
export type Encoding = z.infer<typeof Encoding>;

const timeZone = z
  .enum(['Europe/London', 'UTC'], {
    error: 'Say whose clocks showed the times that have no offset: Europe/London or UTC.',
  })
  .meta({
    description:
      'Whose clocks showed the timestamps that have no offset; without it they are no timestamps. Of an hour that clocks show twice the first is taken, and told; what they never show is refused',
  })
  .exactOptional();

const Csv = z.strictObject({
  type: z.literal('csv'),
  delimiter: z
    .string()
    .regex(
      /^[\t !#-/:-@[-`{-~]$/,
      'The delimiter is one sign, such as a comma, a semicolon, a bar or a tab: no letter, digit or quotation mark.',
    )
    .meta({ description: 'A comma if not said' })
    .exactOptional(),
  encoding: Encoding.meta({ description: 'What the file shows itself to be if not said' }).exactOptional(),
  timeZone,
});

const Xlsx = z.strictObject({
  type: z.literal('xlsx'),
  sheet: z
    .string()
    .min(1)
    .meta({ description: 'The first sheet that is not hidden if not said' })
    .exactOptional(),
  timeZone,
});

/** The form of the file. */
const Format = z.discriminatedUnion(
  'type',
  [
    Csv,
    Xlsx,
    z.strictObject({ type: z.literal('parquet'), timeZone }),
    z.strictObject({ type: z.literal('jsonl'), timeZone }),
  ],
  { error: 'Say what the file is: { type: csv }, { type: xlsx }, { type: parquet } or { type: jsonl }.' },
);

export type Format = z.infer<typeof Format>;

const OutputForm = z.enum(['csv', 'parquet', 'xlsx'], {
  error: 'Say what leaves: csv, parquet or xlsx.',
});

/** The form of the file that leaves. */
export type OutputForm = z.infer<typeof OutputForm>;

/** The terms of a data set: the file's form, its fields in the order they leave, and the protection of small groups. */
export const DataSet = z
  .strictObject({
    id: z.string().min(1),
    format: Format,
    output: OutputForm.meta({
      description: 'The form of the file that leaves; csv if not said',
    }).exactOptional(),
    readBy: z
      .enum(['machines', 'people'], { error: 'Say who reads what leaves: machines or people.' })
      .meta({
        description:
          'In a CSV file for people, texts that a spreadsheet would run begin with an apostrophe; for machines, who read it if not said, values are as they are',
      })
      .exactOptional(),
    fields: z
      .array(Field)
      .min(1, 'List at least one field: a column that is not listed never leaves.')
      .refine(
        (fields) => new Set(fields.map((field) => field.name)).size === fields.length,
        'A field is listed twice.',
      )
      .refine(
        (fields) =>
          fields.reduce((nodes, { hierarchy }) => nodes * (hierarchy?.[0]?.length ?? 1), 1) <= mostNodes,
        `The levels of the hierarchies can be combined in more than ${mostNodes.toLocaleString('en-GB')} ways: too many to search. Generalise fewer fields, or give some a fixed level.`,
      )
      .refine(
        (fields) => fields.some((field) => field.use !== 'drop'),
        'Every field is dropped: nothing would leave.',
      ),
    protection: Protection.exactOptional(),
    rows: z
      .array(RowCondition)
      .min(1)
      .meta({ description: 'Only rows that meet all of these leave; all rows if not said' })
      .exactOptional(),
    checks: z
      .array(DataSetCheck)
      .min(1)
      .meta({ description: 'What is asked of fields together, and of the rows together' })
      .exactOptional(),
  })
  .superRefine(({ fields, rows = [], checks = [] }, context) => {
    const faults = [
      ...rows.map((one, at) => ({ path: ['rows', at], says: faultOfCondition(one, fields) })),
      ...checks.map((one, at) => ({ path: ['checks', at], says: faultOfCheck(one, fields) })),
    ];
    for (const { path, says } of faults) {
      if (says !== null) context.addIssue({ code: 'custom', message: says, path });
    }
  })
  .refine(({ fields, protection }) => protection?.l === undefined || fields.some(isSensitive), {
    error: 'l counts the values of sensitive fields that leave as they are held, and there is none.',
    path: ['protection', 'l'],
  });

export type DataSet = z.infer<typeof DataSet>;

/** Whether people in a group are harmed where the field's values in it are all alike: it leaves, as it is held. */
export function isSensitive({ role, use }: Field): boolean {
  return role === 'sensitive' && use === 'keep';
}

const done = {
  keep: 'as held',
  drop: 'dropped',
  pseudonymise: 'pseudonym',
  generalise: 'generalised',
} as const;

/** What is done to a field, in the words of the report. */
export function doneTo({ use }: Field): (typeof done)[keyof typeof done] | Level {
  return typeof use === 'string' ? done[use] : use.to;
}

/** What the terms say of the file that leaves, in words; null where it is CSV for machines. */
export function outputInWords({ output = 'csv', readBy }: Pick<DataSet, 'output' | 'readBy'>): string | null {
  if (output === 'xlsx') return 'It leaves as a workbook for spreadsheets (XLSX).';
  if (output === 'parquet') return 'It leaves as Parquet, for machines.';
  return readBy === 'people'
    ? 'It leaves as CSV for people: texts that a spreadsheet would run begin with an apostrophe.'
    : null;
}

/** How small groups are protected, in words; null where the terms do not. */
export function protectionInWords({
  fields,
  protection = {},
}: Pick<DataSet, 'fields' | 'protection'>): string | null {
  const { k, l, suppressionLimit = 0 } = protection;
  const alike = fields.filter(({ role, use }) => role === 'quasi-identifier' && use !== 'drop');
  const groups = [
    ...(k === undefined ? [] : [`of fewer than ${k}`]),
    ...(l === undefined
      ? []
      : [
          `with fewer than ${l} different values of ${inOneLine(fields.filter(isSensitive).map(({ name }) => name))}`,
        ]),
  ];
  if (groups.length === 0) return null;
  const limit =
    suppressionLimit === 0
      ? 'If there is any, nothing leaves.'
      : `If that is more than ${Math.round(suppressionLimit * 1e6) / 1e4}% of the rows, nothing leaves.`;
  return `Rows alike in ${inOneLine(alike.map(({ name }) => name))} in a group ${groups.join(', or ')} are held back. ${limit}`;
}
