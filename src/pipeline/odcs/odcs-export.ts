import type { DataSet, Field } from '../data-set.ts';
import { checksOf, type DataSetCheck } from '../quality/quality.ts';

// A data set as an Open Data Contract Standard 3.1 document. What the standard has a word for is said in it; the rest (what
// leaves, and how people are protected) is in `customProperties` named `chirograph.`, so that nothing is lost on the way back.

type Custom = { property: string; value: unknown };

/** The version of the standard that is written. */
const odcsVersion = 'v3.1.0';

/** The format of a timestamp, a day and a month, as JDK's DateTimeFormatter writes it. */
export const dateFormats = {
  date: 'yyyy-MM-dd',
  month: 'yyyy-MM',
  timestamp: "yyyy-MM-dd'T'HH:mm:ssXXX",
} as const;

/** The data set as an ODCS document, to be written as YAML or JSON. */
export function toOdcs(dataSet: DataSet) {
  const { id, format, output, readBy, fields, protection, rows, checks = [] } = dataSet;
  const words = checksOf({ fields, checks }).slice(-checks.length);
  return {
    apiVersion: odcsVersion,
    kind: 'DataContract',
    id,
    version: '1.0.0',
    status: 'draft',
    schema: [
      {
        name: id,
        physicalType: 'file',
        properties: fields.map(propertyOf),
        ...(checks.length > 0 && {
          quality: checks.map((check, at) => ({ description: words[at]?.says ?? '', ...qualityOf(check) })),
        }),
        customProperties: custom({ format, output, readBy, protection, rows }),
      },
    ],
  };
}

function custom(values: Record<string, unknown>): Custom[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ property: `chirograph.${name}`, value }],
  );
}

// What a check of a field says is in a word of the standard where it blocks and the word means the same.
function propertyOf(field: Field) {
  const { name, type, role, use, hierarchy, weight, warnings = [] } = field;
  const { required, unique, values, range, pattern } = field;
  const blocks = (check: (typeof warnings)[number]) => !warnings.includes(check);
  const isRequired = required === true && blocks('required');
  const isUnique = unique === true && blocks('unique');
  const hasRange = range !== undefined && blocks('range') && type !== 'timestamp';
  const hasPattern = pattern !== undefined && blocks('pattern') && type === 'string';
  const hasValues = values !== undefined && blocks('values');
  const options = {
    ...(type === 'date' || type === 'month' || type === 'timestamp' ? { format: dateFormats[type] } : {}),
    ...(type === 'timestamp' && { timezone: true }),
    ...(hasRange && range.from !== undefined && { minimum: range.from }),
    ...(hasRange && range.to !== undefined && { maximum: range.to }),
    ...(hasPattern && { pattern: `^(?:${pattern})$` }),
  };
  return {
    name,
    logicalType: type === 'month' ? 'date' : type,
    ...(Object.keys(options).length > 0 && { logicalTypeOptions: options }),
    ...(isRequired && { required: true }),
    ...(isUnique && { unique: true }),
    ...(hasValues && {
      quality: [
        {
          type: 'library',
          metric: 'invalidValues',
          arguments: { validValues: values },
          mustBe: 0,
          dimension: 'conformity',
          severity: 'error',
        },
      ],
    }),
    customProperties: custom({
      role,
      use,
      hierarchy,
      weight,
      required: isRequired ? undefined : required,
      unique: isUnique ? undefined : unique,
      values: hasValues ? undefined : values,
      range: hasRange ? undefined : range,
      pattern: hasPattern ? undefined : pattern,
      warnings: field.warnings,
    }),
  };
}

function qualityOf(check: DataSetCheck) {
  const severity = check.severity === undefined ? {} : { severity: severities[check.severity] };
  if (check.check === 'unique') {
    const { fields: properties } = check;
    return { type: 'library', metric: 'duplicateValues', arguments: { properties }, mustBe: 0, ...severity };
  }
  if (check.check === 'row-count') {
    const { least, most } = check;
    const operator =
      least === undefined
        ? { mustBeLessOrEqualTo: most }
        : most === undefined
          ? { mustBeGreaterOrEqualTo: least }
          : least === most
            ? { mustBe: least }
            : { mustBeBetween: [least, most] };
    return { type: 'library', metric: 'rowCount', ...operator, ...severity };
  }
  return { type: 'custom', engine: 'chirograph', implementation: check };
}

const severities = { blocking: 'error', warning: 'warning' } as const;
