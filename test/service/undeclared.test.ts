import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readManifest } from '../../src/releases/index.ts';
import { anExample, done, files, type TestExample } from '../support/example.ts';

let example: TestExample;
beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());

test('identifiers in a field that the agreement calls something else leave with a warning, in the manifest and the terms, without a value', async () => {
  const input = join(example.folder, 'people.csv');
  const nhsNumber = '943 476 5919'; // one of NHS England's for tests
  writeFileSync(input, readFileSync(files.stopAndSearch, 'utf8').replaceAll('Controlled drugs', nhsNumber));
  const shared = done(await example.share({ input }));
  if (shared.outcome !== 'sent') throw new Error('Nothing left');
  const read = (name: string) => readFileSync(shared.files.find((path) => path.endsWith(name)) ?? '');
  const warnings = readManifest(read('manifest.json'))?.quality?.filter(
    ({ check }) => check === 'identifier',
  );
  expect(warnings).toEqual([
    {
      check: 'identifier',
      says: 'Object of search is not an identifier in the terms, so there is no NHS number in it',
      failed: expect.any(Number),
      blocks: false,
    },
  ]);
  expect(read('standard-terms.txt').toString()).toMatch(/there is no NHS number in it: not so in \d+ rows/);
  for (const name of ['manifest.json', 'standard-terms.txt']) {
    expect(read(name).toString()).not.toContain(nhsNumber);
  }
});
