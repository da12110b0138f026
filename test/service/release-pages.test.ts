import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signInToExample } from '../../src/organisations/index.ts';
import { readManifest } from '../../src/releases/index.ts';
import { anExample, type DataSetTerms, done, files, type TestExample } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// What a person sees between dropping a file and approving it: how good it is, and what other group sizes would mean.

vi.setConfig({ testTimeout: 60_000 });

let example: TestExample;
let service: Awaited<ReturnType<typeof aService>>;
let dan: string;
let tom: string;

const now = () => new Date().toISOString();
const csv = readFileSync(files.stopAndSearch, 'utf8');
const [header = '', ...rows] = csv.trimEnd().split(/\r?\n/);
const thrice = `${[header, ...rows, ...rows, ...rows].join('\n')}\n`;

beforeAll(async () => {
  example = await anExample();
  service = await aService(example.instance);
  [dan, tom] = [await session('Dan Okafor'), await session('Tom Reyes')];
});
afterAll(async () => {
  await service?.close();
  await example?.close();
});

async function session(name: string): Promise<string> {
  const { person } = await example.personNamed(name);
  return done(await signInToExample(example.instance.database, person?.id ?? '', nowhere, now())).token;
}

/** A request that is agreed, under an agreement like the example's but for what is said of its data set. */
async function agreed(change?: (dataSet: DataSetTerms) => DataSetTerms): Promise<string> {
  const agreement = change ? (await example.agreeOn(change)).reference : 'ISA-2026-001';
  return example.agreedRequest({ agreement, now: now() });
}

const prepare = (request: string, text: string, form: Record<string, string> = {}) =>
  service.visit({
    method: 'POST',
    url: `/requests/${request}/prepare`,
    session: dan,
    form,
    file: { name: 'searches.csv', text },
  });

const page = async (url: string) => {
  const { status, body } = await service.visit({ method: 'GET', url, session: dan });
  return { status, text: body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ') };
};

const withChecks = (dataSet: DataSetTerms): DataSetTerms =>
  dataSet.id !== 'stop-and-search'
    ? dataSet
    : {
        ...dataSet,
        fields: dataSet.fields.map((field) =>
          field.name === 'Gender' ? { ...field, values: ['Male', 'Female'] } : field,
        ),
        checks: [{ check: 'age', field: 'Date', most: 'P1D', severity: 'warning' }],
      };

describe('the quality report', () => {
  test('says every check, and what the recipient will be told, and leads to what leaves [R96]', async () => {
    const { location } = await prepare(await agreed(withChecks), csv);
    const { text } = await page(`${location}/quality`);
    expect(text).toContain('Good enough to leave, with 1 warning');
    expect(text).toContain('Every agreed column is there Passes 8 columns');
    expect(text).toContain('The newest Date is at most 1 day old Warning This is not so');
    expect(text).toContain('See exactly what leaves');
  });

  test('of a file that is refused says where it fails and what to do, and never a value [R31]', async () => {
    const odd = csv.replaceAll(',Female,', ',Unheard-of,').replace(/2024-01-01T10:47[^,]*/, 'soonish');
    const { location } = await prepare(await agreed(withChecks), odd);
    const { text } = await page(`${location}/quality`);
    expect(text).toContain('The file is not good enough to leave');
    expect(text).toContain('Date is of type timestamp Stops it Not so in 1 row, in row 2');
    expect(text).toMatch(/Gender is one of Male and Female Stops it Not so in 39 rows, first in rows \d+, /);
    expect(text).toContain('Drop the corrected file');
    expect(text).not.toMatch(/Unheard-of|soonish/);
  });

  test('says what was not checked where columns are missing, or nothing could be read', async () => {
    const request = await agreed(withChecks);
    const lacking = await prepare(request, csv.replace('Outcome,', 'Result,'));
    const { text } = await page(`${lacking.location}/quality`);
    expect(text).toContain('Every agreed column is there Stops it Missing: Outcome');
    expect(text).toContain('Not checked Put the rest right first');
    const broken = await prepare(request, `${header}\nonly one value\n`);
    expect((await page(`${broken.location}/quality`)).text).toContain('The file can be read Stops it');
  });

  test('does not praise a file that another rule refuses, and leads to what does', async () => {
    const { location } = await prepare(
      await agreed((dataSet) => ({
        ...dataSet,
        ...(dataSet.protection && { protection: { k: 5, suppressionLimit: 0.01 } }),
      })),
      csv,
    );
    const { text } = await page(`${location}/quality`);
    expect(text).toContain('The data is good enough, and another rule refuses it');
    expect(text).toContain('See everything that refused it');
    expect(text).not.toContain('Drop the corrected file');
    const refused = (await page(location ?? '')).text;
    expect(refused).toContain('More would be held back than the 1% that is agreed, so nothing would leave');
  });

  test('is the sender’s alone, also once the release is sent', async () => {
    const { location } = await prepare(await agreed(), csv);
    await service.visit({ method: 'POST', url: `${location}/approve`, session: tom });
    const amina = await session('Amina Yusuf');
    expect((await service.visit({ method: 'GET', url: location ?? '', session: amina })).status).toBe(200);
    const theirs = await service.visit({ method: 'GET', url: `${location}/quality`, session: amina });
    expect(theirs.status).toBe(404);
  });
});

describe('group sizes', () => {
  test('along the curve each says what would leave of this file, and whether it may be [R102]', async () => {
    const { location } = await prepare(await agreed(), csv);
    expect((await page(location ?? '')).text).toContain(
      'Groups of at least 5, as agreed Rows that leave 276 of 301',
    );
    const smaller = (await page(`${location}?k=3`)).text;
    expect(smaller).toContain('Groups of at least 3 Rows that leave 288 of 301 Held back 13 (4.3%)');
    expect(smaller).toContain('Smaller than the 5 that is agreed, so it cannot be chosen');
    expect((await page(`${location}?k=10`)).text).toContain('More would be held back than the 10%');
    for (const nonsense of ['0', '-1', 'ten', '5e999'])
      expect((await page(`${location}?k=${nonsense}`)).text).toContain('Groups of at least 5, as agreed');
  });

  test('that are larger than agreed can be chosen, and the manifest says which it was', async () => {
    const request = await agreed();
    const first = await prepare(request, thrice);
    const shown = await page(`${first.location}?k=10`);
    expect(shown.text).toContain('Drop the file again with groups of at least 10');
    await service.visit({ method: 'POST', url: `${first.location}/withdraw`, session: tom });
    expect((await page(`/requests/${request}/prepare?k=10`)).text).toContain('Groups will be of at least 10');
    const { location } = await prepare(request, thrice, { k: '10' });
    expect((await page(location ?? '')).text).toContain('with groups of at least 10 where 5 is agreed');
    await service.visit({ method: 'POST', url: `${location}/approve`, session: tom });
    const { rows } = await example.superuser.query<{ manifest: Buffer }>(
      'select manifest from releases where reference = $1',
      [location?.split('/').at(-1)],
    );
    const manifest = readManifest(rows[0]?.manifest ?? Buffer.of());
    expect(manifest?.protection?.k).toBe(10);
    expect(manifest?.protection?.smallestGroup).toBeGreaterThanOrEqual(10);
  });

  test.each(['4', '1', '0', '-6', '6.5', 'six', '9999999'])(
    'of %s cannot be chosen, by page or by form',
    async (k) => {
      const request = await agreed();
      expect((await page(`/requests/${request}/prepare?k=${k}`)).status).toBe(409);
      const sent = await prepare(request, csv, { k });
      expect([sent.status, sent.body.includes('Groups must be of at least 5, as agreed')]).toEqual([
        409,
        true,
      ]);
    },
  );

  test('are not asked for where the agreement asks for none', async () => {
    const request = await agreed(({ protection: _, ...dataSet }) => dataSet);
    expect((await prepare(request, csv, { k: '5' })).status).toBe(409);
    const { location } = await prepare(request, csv);
    expect((await page(location ?? '')).text).not.toContain('Larger or smaller groups');
  });
});
