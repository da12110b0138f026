import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildRelease } from '../../src/releases/index.ts';
import { anExample, done, files, type TestExample } from '../support/example.ts';

// A release is compared with the last that left under its agreement.

let example: TestExample;
let part: string;
beforeAll(async () => {
  example = await anExample();
  part = join(example.folder, 'part.csv');
  const [header = '', ...rows] = readFileSync(files.stopAndSearch, 'utf8').trimEnd().split('\n');
  writeFileSync(part, `${[header, ...rows.slice(0, rows.length * 0.8)].join('\n')}\n`);
});
afterAll(() => example.close());

const later = '2033-03-01T09:00:00.000Z';

async function agreed(severity: 'blocking' | 'warning'): Promise<string> {
  const { reference } = await example.agreeOn((dataSet) => ({
    ...dataSet,
    // Of fewer rows more stand out: here that is not what is looked at.
    ...(dataSet.protection && { protection: { ...dataSet.protection, suppressionLimit: 1 } }),
    checks: [...(dataSet.checks ?? []), { check: 'drift', most: 0.1, severity }],
  }));
  return reference;
}

async function share(agreement: string, input: string) {
  return done(await example.share({ agreement, dataSet: 'stop-and-search', input }));
}

test('a part of a file does not leave after the whole, and may be the first', async () => {
  const agreement = await agreed('blocking');
  expect((await share(agreement, files.stopAndSearch)).outcome).toBe('sent');
  expect((await share(agreement, files.stopAndSearch)).outcome).toBe('sent');
  const refused = await share(agreement, part);
  if (refused.outcome !== 'refused') throw new Error(refused.outcome);
  expect(refused.report?.quality.filter(({ failed }) => failed > 0)).toMatchObject([
    { check: 'drift', failed: 1, rows: [], blocks: true },
  ]);
  const other = await agreed('blocking');
  expect((await share(other, part)).outcome).toBe('sent');
});

test('a warning goes with it, and it is made again beside what it was compared with then', async () => {
  const agreement = await agreed('warning');
  await share(agreement, files.stopAndSearch);
  const sent = await share(agreement, part);
  await share(agreement, files.stopAndSearch);
  if (sent.outcome !== 'sent') throw new Error(sent.outcome);
  const caller = await example.commandLineOf('westmarch-police');
  const out = join(example.folder, 'again');
  const again = done(
    await rebuildRelease(example.instance, caller, sent.reference, { input: part, out }, later),
  );
  expect(again.same).toBe(true);
});
