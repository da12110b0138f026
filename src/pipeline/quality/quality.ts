import { z } from 'zod';
import { type Day, showDay, showPeriod } from '../../platform/pure/dates.ts';
import { counted, inOneLine } from '../../platform/pure/words.ts';
import { Bound, type Bounds, type ColumnType, faultOfBounds, isOrdered } from '../column-type.ts';
import { faultOfPattern } from './pattern.ts';

// How good the data must be: what is agreed of each field and of the rows together [R96, R97]. A check that blocks lets
// nothing leave where it fails; one that warns is told to whoever receives the data, who can then judge how good it is.

const share = z
  .number()
  .min(0)
  .max(1, 'A share of the rows, from 0 to 1.')
  .refine((of) => Math.round(of * 1e6) / 1e6 === of, 'Use at most six decimal places.');

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const fault = faultOfPattern(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

const FieldCheck = z.enum(['required', 'unique', 'values', 'range', 'pattern']);

/** What may be asked of one field. All but `required` are asked of the values that are there. */
export const fieldChecks = {
  required: z
    .union([z.literal(true), z.strictObject({ mostBlank: share })], {
      error: 'Write true, or { mostBlank: 0.05 } for the share of rows that may be blank.',
    })
    .meta({ description: 'No row is blank, or at most a share of them' })
    .exactOptional(),
  unique: z
    .literal(true)
    .meta({ description: 'No two rows have the same value; blanks are not compared' })
    .exactOptional(),
  values: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: 'The values that are allowed, letter by letter' })
    .exactOptional(),
  range: z
    .strictObject({ from: Bound.exactOptional(), to: Bound.exactOptional() })
    .meta({
      description: 'The least and the greatest value, both included; days of timestamps are of London',
    })
    .exactOptional(),
  pattern: pattern
    .meta({ description: 'A regular expression (RE2) that the whole value matches' })
    .exactOptional(),
  warnings: z
    .array(FieldCheck)
    .min(1)
    .meta({
      description: 'Those of these checks that only warn. The others let nothing leave where they fail',
    })
    .exactOptional(),
};

type FieldChecks = {
  required?: true | { mostBlank: number };
  unique?: true;
  values?: string[];
  range?: Bounds;
  pattern?: string;
  warnings?: z.infer<typeof FieldCheck>[];
};

type CheckedField = FieldChecks & { name: string; type: ColumnType };

/** What is wrong with the checks of one field: where in it, and what. */
export function faultOfFieldChecks(field: CheckedField): { path: string; says: string } | null {
  const inRange = field.range ? faultOfBounds(field.range, field.type) : null;
  if (inRange !== null) return { path: 'range', says: inRange };
  const absent = (field.warnings ?? []).find((check) => field[check] === undefined);
  return absent ? { path: 'warnings', says: `The field has no check ${absent} that could warn.` } : null;
}

const name = z.string().min(1);
const severity = z
  .enum(['blocking', 'warning'])
  .meta({ description: 'Whether nothing leaves where it fails (if not said), or the recipient is told' })
  .exactOptional();

/** What may be asked of several fields, or of the rows together. A closed list: there is no language of expressions. */
export const DataSetCheck = z.discriminatedUnion('check', [
  z.strictObject({ check: z.literal('unique'), fields: z.array(name).min(2), severity }),
  z.strictObject({
    check: z.enum(['before', 'after']),
    field: name,
    other: name,
    orSame: z.literal(true).exactOptional(),
    severity,
  }),
  z.strictObject({ check: z.enum(['same', 'requires']), field: name, other: name, severity }),
  z.strictObject({
    check: z.literal('age'),
    field: name,
    most: z
      .string()
      .regex(
        /^P(?=\d)(\d{1,3}Y)?(\d{1,4}M)?(\d{1,5}D)?$/,
        'Write a period as P1Y (a year), P6M (six months) or P30D (30 days).',
      ),
    severity,
  }),
  z.strictObject({
    check: z.literal('row-count'),
    least: z.int().min(1).exactOptional(),
    most: z.int().min(1).exactOptional(),
    severity,
  }),
  z.strictObject({ check: z.literal('drift'), field: name.exactOptional(), most: share, severity }),
]);
export type DataSetCheck = z.infer<typeof DataSetCheck>;

/** What is wrong with a check for a data set of these fields; null if nothing is. */
export function faultOfCheck(check: DataSetCheck, fields: readonly CheckedField[]): string | null {
  const named = fieldsOf(check);
  const found = named.map((one) => fields.find((field) => field.name === one));
  const lacking = named.find((_, at) => found[at] === undefined);
  if (lacking !== undefined) return `No field is called ${lacking}.`;
  if (new Set(named).size < named.length) return 'A field is named twice.';
  const types = found.map((field) => field?.type ?? 'string');
  const [type = 'string'] = types;
  switch (check.check) {
    case 'before':
    case 'after':
      if (!types.every(isOrdered))
        return 'Only numbers, dates, timestamps and months are before one another.';
      return types.every((one) => one === type) ? null : 'The two fields must be of one type.';
    case 'same':
      return types.every((one) => one === type) ? null : 'The two fields must be of one type.';
    case 'age':
      return type === 'date' || type === 'timestamp' ? null : 'The field must be a date or a timestamp.';
    case 'row-count':
      if (check.least === undefined && check.most === undefined) return 'Give least, most or both.';
      return (check.least ?? 1) > (check.most ?? Number.MAX_SAFE_INTEGER) ? 'least is above most.' : null;
    default:
      return null;
  }
}

/** A check as it is made: of all rows that the terms choose. `says` is what was agreed, in words. */
export type Check = Rule & { field: string | null; blocks: boolean; says: string };

type Rule =
  | { check: 'required'; fields: [string]; mostBlank: number }
  | { check: 'unique'; fields: string[] }
  | { check: 'values'; fields: [string]; values: string[] }
  | { check: 'range'; fields: [string]; type: ColumnType; range: Bounds }
  | { check: 'pattern'; fields: [string]; pattern: string }
  | { check: 'before' | 'after'; fields: [string, string]; type: ColumnType; orSame: boolean }
  | { check: 'same'; fields: [string, string]; type: ColumnType }
  | { check: 'requires'; fields: [string, string] }
  | { check: 'age'; fields: [string]; type: ColumnType; most: string }
  | { check: 'row-count'; fields: []; least: number; most: number | null }
  | { check: 'drift'; fields: [] | [string]; most: number };

type Checked = { fields: readonly CheckedField[]; checks?: readonly DataSetCheck[] };

/** Every check of a data set: those of its fields in their order, then those of fields together. */
export function checksOf({ fields, checks = [] }: Checked): Check[] {
  const typeOf = (field: string) => fields.find((one) => one.name === field)?.type ?? 'string';
  return [
    ...fields.flatMap((field) =>
      rulesOfField(field).map((rule) =>
        made(rule, !(field.warnings ?? []).some((one) => one === rule.check)),
      ),
    ),
    ...checks.map((check) => made(ruleOf(check, typeOf), check.severity !== 'warning')),
  ];
}

function made(rule: Rule, blocks: boolean): Check {
  return { ...rule, field: rule.fields[0] ?? null, blocks, says: inWords(rule) };
}

function rulesOfField({ name: field, type, required, unique, values, range, pattern: form }: CheckedField) {
  const fields: [string] = [field];
  const rules: (Rule | null)[] = [
    required === undefined
      ? null
      : { check: 'required', fields, mostBlank: required === true ? 0 : required.mostBlank },
    unique ? { check: 'unique', fields } : null,
    values ? { check: 'values', fields, values } : null,
    range ? { check: 'range', fields, type, range } : null,
    form === undefined ? null : { check: 'pattern', fields, pattern: form },
  ];
  return rules.filter((rule) => rule !== null);
}

function ruleOf(check: DataSetCheck, typeOf: (field: string) => ColumnType): Rule {
  switch (check.check) {
    case 'unique':
      return { check: 'unique', fields: check.fields };
    case 'before':
    case 'after': {
      const { field, other, orSame = false } = check;
      return { check: check.check, fields: [field, other], type: typeOf(field), orSame };
    }
    case 'same':
      return { check: 'same', fields: [check.field, check.other], type: typeOf(check.field) };
    case 'requires':
      return { check: 'requires', fields: [check.field, check.other] };
    case 'age':
      return { check: 'age', fields: [check.field], type: typeOf(check.field), most: check.most };
    case 'row-count':
      return { check: 'row-count', fields: [], least: check.least ?? 0, most: check.most ?? null };
    case 'drift':
      return { check: 'drift', fields: check.field === undefined ? [] : [check.field], most: check.most };
  }
}

function fieldsOf(check: DataSetCheck): string[] {
  if (check.check === 'unique') return check.fields;
  if (check.check === 'row-count') return [];
  if (check.check === 'drift') return check.field === undefined ? [] : [check.field];
  return 'other' in check ? [check.field, check.other] : [check.field];
}

function inWords(rule: Rule): string {
  const [field = '', other = ''] = rule.fields;
  switch (rule.check) {
    case 'required':
      return rule.mostBlank === 0
        ? `${field} is never blank`
        : `${field} is blank in at most ${Math.round(rule.mostBlank * 1e6) / 1e4}% of the rows`;
    case 'unique':
      return rule.fields.length === 1
        ? `No two rows have the same ${field}`
        : `No two rows are alike in ${inOneLine(rule.fields)}`;
    case 'values':
      return `${field} is ${valuesInWords(rule.values)}`;
    case 'range':
      return `${field} is ${boundsInWords(rule.range)}`;
    case 'pattern':
      return `${field} is of the form ${rule.pattern}`;
    case 'before':
      return rule.orSame ? `${field} is not after ${other}` : `${field} is before ${other}`;
    case 'after':
      return rule.orSame ? `${field} is not before ${other}` : `${field} is after ${other}`;
    case 'same':
      return `${field} and ${other} are the same`;
    case 'requires':
      return `Where ${field} is given, so is ${other}`;
    case 'age':
      return `The newest ${field} is at most ${showPeriod(rule.most)} old`;
    case 'row-count':
      return rowCountInWords(rule.least, rule.most);
    case 'drift': {
      const most = Math.round(rule.most * 1e6) / 1e4;
      return rule.fields.length === 0
        ? `The number of rows is within ${most}% of the last time’s`
        : `The share of rows with a blank ${field} is within ${most} percentage points of the last time’s`;
    }
  }
}

function rowCountInWords(least: number, most: number | null): string {
  const number = (n: number) => n.toLocaleString('en-GB');
  if (most === null) return `There ${least === 1 ? 'is' : 'are'} at least ${counted(least, 'row', 'rows')}`;
  return least === 0
    ? `There are at most ${counted(most, 'row', 'rows')}`
    : `There are from ${number(least)} to ${counted(most, 'row', 'rows')}`;
}

const mostListed = 6;

/** `A`, `one of A, B and C`, or how many there are. */
export function valuesInWords(values: readonly string[]): string {
  if (values.length === 1) return values[0] ?? '';
  return values.length <= mostListed
    ? `one of ${inOneLine(values)}`
    : `one of ${values.length} values that are listed`;
}

/** `from 10 to 17`, `10 or more`, `on or before 31 January 2026`. */
export function boundsInWords({ from, to }: Bounds): string {
  const show = (bound: Bound) =>
    typeof bound === 'number' ? String(bound) : bound.length === 10 ? showDay(bound as Day) : bound;
  if (from !== undefined && to !== undefined) return `from ${show(from)} to ${show(to)}`;
  const one = from ?? to ?? '';
  const above = from !== undefined;
  if (typeof one === 'number') return `${show(one)} or ${above ? 'more' : 'less'}`;
  return `${show(one)} or ${above ? 'later' : 'earlier'}`;
}
