import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DataSet } from '../data-set.ts';
import { toOdcs } from './odcs-export.ts';
import { fromOdcs } from './odcs-import.ts';

const folder = join(import.meta.dirname, '../../../test/vectors/odcs');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const ajv = new Ajv.default({ strict: false });
addFormats.default(ajv);
const validates = ajv.compile(JSON.parse(read('odcs-json-schema-v3.1.0.json')));

const everything = DataSet.parse({
  id: 'searches',
  format: { type: 'csv', delimiter: ';' },
  output: 'xlsx',
  readBy: 'people',
  fields: [
    { name: 'Date', type: 'timestamp', role: 'other', use: { to: 'month' }, range: { from: '2024-01-01' } },
    { name: 'Born', type: 'date', role: 'other', use: 'drop', required: true, range: { to: '2024-01-01' } },
    { name: 'Month', type: 'month', role: 'other', use: 'keep', range: { from: '2024-01' } },
    { name: 'Age', type: 'integer', role: 'other', use: 'keep', range: { from: 10, to: 17 }, unique: true },
    { name: 'Share', type: 'number', role: 'other', use: 'keep', range: { to: 0.5 }, warnings: ['range'] },
    { name: 'Found', type: 'boolean', role: 'sensitive', use: 'keep', required: { mostBlank: 0.05 } },
    { name: 'Person', type: 'string', role: 'identifier', use: 'pseudonymise', pattern: '[A-Z]{2}|[0-9]+' },
    {
      name: 'Gender',
      type: 'string',
      role: 'quasi-identifier',
      use: 'generalise',
      hierarchy: [
        ['F', '*'],
        ['M', '*'],
      ],
      weight: 2,
      values: ['F', 'M'],
    },
    {
      name: 'Code',
      type: 'string',
      role: 'other',
      use: 'keep',
      values: ['a'],
      pattern: 'a',
      unique: true,
      required: true,
      warnings: ['values', 'pattern', 'unique', 'required'],
    },
  ],
  protection: { k: 5, suppressionLimit: 0.1, l: 2 },
  rows: [{ field: 'Gender', not: [''] }],
  checks: [
    { check: 'row-count', least: 10, most: 20, severity: 'warning' },
    { check: 'unique', fields: ['Age', 'Gender'] },
    { check: 'requires', field: 'Born', other: 'Age', severity: 'warning' },
    { check: 'age', field: 'Date', most: 'P30D', severity: 'blocking' },
    { check: 'row-count', least: 5 },
    { check: 'row-count', most: 5, severity: 'blocking' },
    { check: 'row-count', least: 5, most: 5 },
  ],
});

describe('a data set as an ODCS 3.1 document', () => {
  it('is valid by the published schema', () => {
    const valid = validates(toOdcs(everything));
    expect(validates.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('comes back the same, from YAML and from JSON, and nothing is lost', () => {
    const same = { ok: true, dataSets: [everything], notCarried: [] };
    expect(fromOdcs(stringify(toOdcs(everything), { aliasDuplicateObjects: false }))).toEqual(same);
    expect(fromOdcs(JSON.stringify(toOdcs(everything)))).toEqual(same);
  });

  it('says in the words of the standard what it has words for', () => {
    const [table] = toOdcs(everything).schema;
    const said = Object.fromEntries((table?.properties ?? []).map((one) => [one.name, one]));
    expect(said['Born']).toMatchObject({ logicalType: 'date', required: true });
    expect(said['Age']).toMatchObject({ unique: true, logicalTypeOptions: { minimum: 10, maximum: 17 } });
    expect(said['Person']?.customProperties).toEqual([
      { property: 'chirograph.role', value: 'identifier' },
      { property: 'chirograph.use', value: 'pseudonymise' },
    ]);
  });
});

describe('the published examples', () => {
  const examples = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  it.each(examples)('%s is imported, or refused in words', (name) => {
    const found = fromOdcs(read(name));
    if (!found.ok) {
      expect(found.problems.map(({ says }) => says).join(' ')).toMatch(/[.]$/);
      return;
    }
    expect(found.dataSets.length).toBeGreaterThan(0);
    for (const dataSet of found.dataSets) {
      expect(DataSet.parse(dataSet)).toEqual(dataSet);
      expect(validates(toOdcs(dataSet))).toBe(true);
      const again = fromOdcs(stringify(toOdcs(dataSet), { aliasDuplicateObjects: false }));
      expect(again).toEqual({ ok: true, dataSets: [dataSet], notCarried: [] });
    }
  });

  it('are refused where they describe no columns', () => {
    expect(fromOdcs(read('azure-server.odcs.yaml')).ok).toBe(false);
  });

  it('carry what has a place and tell of the rest; no field leaves as it is held', () => {
    const found = fromOdcs(read('full-example.odcs.yaml'));
    if (!found.ok) throw new Error('The full example is refused');
    expect(found.dataSets.map(({ id }) => id)).toEqual(['tbl', 'receivers']);
    const [table] = found.dataSets;
    expect(table?.checks).toEqual([{ check: 'row-count', least: 1_000_001, severity: 'blocking' }]);
    expect(table?.fields.map(({ name }) => name)).toContain('txn_ref_dt');
    expect(table?.fields.find(({ name }) => name === 'rcvr_cntry_code')).toMatchObject({ required: true });
    expect(new Set(table?.fields.map(({ use }) => use))).toEqual(new Set(['pseudonymise']));
    expect(found.notCarried.join('\n')).toMatch(/The contract: .*servers/);
  });

  it('name every check that has no place', () => {
    const found = fromOdcs(read('column-accuracy.odcs.yaml'));
    expect(found.ok && found.notCarried.join('\n')).toContain(
      'Air_Quality, DataValue: a check of quality (sql), “This column should contain positive values under 500”.',
    );
  });
});
