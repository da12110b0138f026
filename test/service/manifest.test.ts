import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { readManifest } from '../../src/releases/index.ts';
import { anExample, type DataSetTerms, done, type TestExample } from '../support/example.ts';

// What the recipient is told of what was done, of data that had everything done to it.

let example: TestExample;
beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());

type Field = DataSetTerms['fields'][number];

const ages = ['', 'under 10', '10-17', '18-24', '25-34', 'over 34'];
const changed: Record<string, Partial<Field>> = {
  'Age range': { use: 'generalise', hierarchy: ages.map((age) => [age, age === '' ? '' : 'some age', '*']) },
  Legislation: { use: 'pseudonymise', role: 'other' },
  Outcome: { use: 'keep', values: ['Arrest'], warnings: ['values'], required: true },
  Type: { use: 'drop' },
};

test('what was done to each field, how far it was checked and what to know first travel with it [R97] [R99] [R112]', async () => {
  const { reference, terms } = await example.agreeOn((one) =>
    one.id !== 'stop-and-search'
      ? one
      : {
          ...one,
          readBy: 'people',
          fields: one.fields.map((field): Field => ({ ...field, ...changed[field.name] })),
          rows: [{ field: 'Gender', not: [''] }],
        },
  );
  const shared = done(await example.share({ agreement: reference }));
  if (shared.outcome !== 'sent') throw new Error(JSON.stringify(shared.evaluation.findings));
  const folder = dirname(shared.receipt);
  const manifest = readManifest(readFileSync(join(folder, 'manifest.json')));
  if (!manifest) throw new Error('There is no manifest');

  const dataSet = terms.datasets.find(({ id }) => id === 'stop-and-search');
  expect(manifest.terms).toBe(`sha256:${sha256Hex(canonicalJson(dataSet as Json))}`);
  expect(manifest.validation).toBe('types-and-checks-with-warnings');
  expect(manifest.quality?.map(({ check, failed }) => [check, failed > 0])).toEqual([
    ['required', false],
    ['values', true],
  ]);
  const of = (name: string) => manifest.fields.find((field) => field.name === name);
  expect(of('Type')).toMatchObject({ done: 'dropped' });
  expect(of('Legislation')).toMatchObject({ done: 'pseudonym', method: 'HMAC-SHA-256' });
  expect(of('Age range')).toMatchObject({ done: 'generalised', highest: 2 });
  expect(of('Age range')?.level).toBeLessThanOrEqual(2);
  expect(manifest.protection).toMatchObject({ k: 5, limit: 0.1, loss: expect.any(Number) });
  expect(manifest.caveats).toEqual([
    'Only rows whose Gender is not blank.',
    expect.stringMatching(/^\d+ rows? (is|are) held back because too few were like them/),
    expect.stringMatching(/^Less exact than it is held: Date/),
    'Legislation left as codes. Data about people that is coded is still personal data.',
    expect.stringMatching(/^Outcome is .*Arrest.*: not so in \d+ rows\.$/),
  ]);
  const standardTerms = readFileSync(join(folder, 'standard-terms.txt'), 'utf8');
  expect(standardTerms).toMatch(/Quality\. Do not use it where this matters: Outcome is/);
  expect(standardTerms).toMatch(/Limits\. Know before you use it: Only rows whose Gender is not blank\./);
  const record = readFileSync(join(folder, 'data-movement-record.txt'), 'utf8');
  expect(record).toMatch(/Legislation \(pseudonym, HMAC-SHA-256\)/);
  expect(record).toMatch(/Age range \(generalised, level \d of 2\)/);
});
