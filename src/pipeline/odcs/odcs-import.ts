import { z } from 'zod';
import { inPlainWords, type Problem, problemOf, readYaml } from '../../platform/pure/read-document.ts';
import { DataSet, type Field } from '../data-set.ts';
import { faultOfPattern } from '../quality/pattern.ts';
import { DataSetCheck } from '../quality/quality.ts';
import { dateFormats } from './odcs-export.ts';

/** The data sets of an ODCS document, and in words what of it they could not carry; or why there are none. */
export type FromOdcs =
  | { ok: true; dataSets: DataSet[]; notCarried: string[] }
  | { ok: false; problems: Problem[] };

const customProperties = z.array(z.looseObject({ property: z.string(), value: z.unknown() })).optional();
const quality = z.array(z.looseObject({ description: z.string().optional() })).optional();

const Property = z.looseObject({
  name: z.string().min(1),
  physicalName: z.string().min(1).optional(),
  logicalType: z.string().optional(),
  logicalTypeOptions: z.record(z.string(), z.unknown()).optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  quality,
  customProperties,
});
type Property = z.infer<typeof Property>;

const Table = z.looseObject({
  name: z.string().min(1),
  properties: z.array(Property).optional(),
  quality,
  customProperties,
});

const Contract = z.looseObject({
  kind: z.literal('DataContract', { error: 'This is no ODCS document: it has no “kind: DataContract”.' }),
  apiVersion: z
    .string()
    .regex(/^v3\.\d{1,3}\.\d{1,3}$/, 'Only versions 3 of the Open Data Contract Standard are read.'),
  schema: z.array(Table).optional(),
});

// What names or describes, and says nothing that terms would have to hold.
const aboutContract = [
  'kind',
  'apiVersion',
  'id',
  'name',
  'version',
  'status',
  'schema',
  'contractCreatedTs',
];
const aboutTable = [
  'id',
  'name',
  'physicalName',
  'physicalType',
  'properties',
  'quality',
  'customProperties',
];
const aboutProperty = [
  ...[
    'id',
    'name',
    'physicalName',
    'logicalType',
    'logicalTypeOptions',
    'physicalType',
    'required',
    'unique',
  ],
  ...['quality', 'customProperties'],
];

/**
 * Reads data sets from the text of an ODCS 3 document (YAML or JSON), one for each of its schemas. A field of which it does
 * not say what may leave is taken for an identifier and coded: people decide otherwise, and nobody is shown by default.
 */
export function fromOdcs(text: string): FromOdcs {
  const read = readYaml(text);
  if (!read.ok) return read;
  const shaped = Contract.safeParse(read.value, { error: inPlainWords });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  const { schema: tables = [] } = shaped.data;
  const notCarried: string[] = othersOf('The contract', shaped.data, aboutContract);
  const dataSets: unknown[] = [];
  for (const table of tables) {
    const fields = (table.properties ?? []).flatMap((property) =>
      fieldOf(property, `${table.name}, ${property.name}`, notCarried),
    );
    notCarried.push(...othersOf(table.name, table, aboutTable));
    if (fields.length === 0) {
      notCarried.push(`${table.name}: it has no column that a table of values could have.`);
      continue;
    }
    const { format, output, readBy, protection, rows } = ours(table.customProperties, table.name, notCarried);
    const checks = (table.quality ?? []).flatMap((one) => checkOf(one, table.name, notCarried));
    dataSets.push({
      id: table.name,
      format: format ?? { type: 'csv' },
      ...(output !== undefined && { output }),
      ...(readBy !== undefined && { readBy }),
      fields,
      ...(protection !== undefined && { protection }),
      ...(rows !== undefined && { rows }),
      ...(checks.length > 0 && { checks }),
    });
  }
  if (dataSets.length === 0) {
    const says = ['It describes no data set that terms can hold.', ...notCarried].join(' ');
    return { ok: false, problems: [{ path: 'schema', says }] };
  }
  const checked = z.array(DataSet).safeParse(dataSets, { error: inPlainWords });
  return checked.success
    ? { ok: true, dataSets: checked.data, notCarried }
    : { ok: false, problems: checked.error.issues.map(problemOf) };
}

function othersOf(of: string, value: Record<string, unknown>, known: readonly string[]): string[] {
  const others = Object.keys(value).filter((key) => !known.includes(key));
  return others.length === 0 ? [] : [`${of}: ${others.join(', ')}.`];
}

// The properties named `chirograph.`, by the rest of their name.
function ours(properties: z.infer<typeof customProperties>, of: string, notCarried: string[]) {
  const found: Record<string, unknown> = {};
  for (const { property, value } of properties ?? []) {
    if (property.startsWith('chirograph.')) found[property.slice('chirograph.'.length)] = value;
    else notCarried.push(`${of}: the custom property ${property}.`);
  }
  return found as Record<string, unknown> &
    Partial<Record<'format' | 'output' | 'readBy' | 'protection' | 'rows', unknown>>;
}

function fieldOf(property: Property, of: string, notCarried: string[]): Record<string, unknown>[] {
  const type = typeOf(property);
  if (type === null) {
    notCarried.push(`${of}: terms have no type ${property.logicalType}, so the column is left out.`);
    return [];
  }
  if (property.logicalType === undefined)
    notCarried.push(`${of}: it has no logicalType, and is read as text.`);
  notCarried.push(...othersOf(of, property, aboutProperty));
  const custom = ours(property.customProperties, of, notCarried);
  if (custom['use'] === undefined)
    notCarried.push(`${of}: it does not say what may leave. Until people decide it is coded.`);
  const values = (property.quality ?? []).flatMap((one) => fieldCheckOf(one, of, notCarried));
  return [
    {
      name: property.physicalName ?? property.name,
      type,
      role: 'identifier',
      use: 'pseudonymise',
      ...(property.required === true && { required: true }),
      ...(property.unique === true && { unique: true }),
      ...optionsOf(property.logicalTypeOptions ?? {}, type, of, notCarried),
      ...Object.assign({}, ...values),
      ...custom,
    },
  ];
}

function typeOf({ logicalType, logicalTypeOptions = {} }: Property): Field['type'] | null {
  switch (logicalType) {
    case undefined:
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
    case 'boolean':
    case 'timestamp':
      return logicalType;
    case 'date':
      return logicalTypeOptions['format'] === dateFormats.month ? 'month' : 'date';
    default:
      return null;
  }
}

const knownFormats: readonly unknown[] = Object.values(dateFormats);

function optionsOf(
  options: Record<string, unknown>,
  type: Field['type'],
  of: string,
  notCarried: string[],
): Record<string, unknown> {
  const { minimum: from, maximum: to, pattern, format, timezone, ...others } = options;
  const found: Record<string, unknown> = {};
  const lost = Object.keys(others);
  if (format !== undefined && !knownFormats.includes(format)) lost.push('format');
  if (timezone === false) lost.push('timezone');
  if (from !== undefined || to !== undefined) {
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    const field = { name: 'x', type, role: 'other', use: 'keep', range };
    const fits = DataSet.safeParse({ id: 'x', format: { type: 'csv' }, fields: [field] }).success;
    if (fits) found['range'] = range;
    else lost.push('minimum and maximum');
  }
  if (typeof pattern === 'string') {
    const carried = wholePattern(pattern);
    if (carried === null) lost.push('pattern');
    else found['pattern'] = carried;
  }
  if (lost.length > 0) notCarried.push(`${of}: ${lost.join(', ')} of its logicalTypeOptions.`);
  return found;
}

// The standard's pattern may match anywhere in a value, ours matches all of it.
function wholePattern(pattern: string): string | null {
  const inside = /^\^\(\?:(.*)\)\$$/s.exec(pattern)?.[1];
  if (inside !== undefined && faultOfPattern(inside) === null) return inside;
  const anywhere = `.*(?:${pattern}).*`;
  return faultOfPattern(pattern) === null && faultOfPattern(anywhere) === null ? anywhere : null;
}

type Quality = NonNullable<z.infer<typeof quality>>[number];

function fieldCheckOf(check: Quality, of: string, notCarried: string[]): Record<string, unknown>[] {
  const { metric, severity } = check;
  const { validValues } = (check['arguments'] ?? {}) as Record<string, unknown>;
  if (check['mustBe'] === 0 && severity !== 'warning' && severity !== 'info') {
    if (metric === 'nullValues') return [{ required: true }];
    if (metric === 'duplicateValues') return [{ unique: true }];
    const texts = z.array(z.string().min(1)).min(1).safeParse(validValues);
    if (metric === 'invalidValues' && texts.success) return [{ values: texts.data }];
  }
  notCarried.push(`${of}: ${namedCheck(check)}.`);
  return [];
}

function checkOf(check: Quality, of: string, notCarried: string[]): DataSetCheck[] {
  const { metric, engine, implementation, severity } = check;
  const known =
    severity === 'warning' ? { severity: 'warning' } : severity === 'error' ? { severity: 'blocking' } : {};
  const [least, most] = boundsOf(check);
  const { properties } = (check['arguments'] ?? {}) as Record<string, unknown>;
  const candidate =
    engine === 'chirograph'
      ? implementation
      : metric === 'rowCount'
        ? {
            check: 'row-count',
            ...(least !== undefined && { least }),
            ...(most !== undefined && { most }),
            ...known,
          }
        : metric === 'duplicateValues' && check['mustBe'] === 0
          ? { check: 'unique', fields: properties, ...known }
          : null;
  const read = DataSetCheck.safeParse(candidate);
  const bounded = metric !== 'rowCount' || least !== undefined || most !== undefined;
  if (read.success && bounded && severity !== 'info') return [read.data];
  notCarried.push(`${of}: ${namedCheck(check)}.`);
  return [];
}

function boundsOf(check: Quality): [unknown, unknown] {
  const above = check['mustBeGreaterThan'];
  const below = check['mustBeLessThan'];
  const [from, to] = Array.isArray(check['mustBeBetween']) ? check['mustBeBetween'] : [];
  return [
    check['mustBe'] ??
      check['mustBeGreaterOrEqualTo'] ??
      from ??
      (typeof above === 'number' ? above + 1 : undefined),
    check['mustBe'] ??
      check['mustBeLessOrEqualTo'] ??
      to ??
      (typeof below === 'number' ? below - 1 : undefined),
  ];
}

function namedCheck(check: Quality): string {
  const kind = [check['metric'], check['rule'], check['type']].find((one) => typeof one === 'string');
  return `a check of quality (${kind ?? 'of no kind'})${check.description ? `, “${check.description}”` : ''}`;
}
