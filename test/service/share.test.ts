import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receivingIdentity } from '../../src/organisations/index.ts';
import { decryptFile } from '../../src/platform/age.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import {
  collectRelease,
  destroyRelease,
  readManifest,
  type Shared,
  verifyPackage,
} from '../../src/releases/index.ts';
import { anExample, aWorkingDay, done, files, rowsOf, type TestExample } from '../support/example.ts';

type Sent = Extract<Shared, { outcome: 'sent' }>;

let example: TestExample;

beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());

async function sent(but = {}): Promise<Sent> {
  const shared = done(await example.share(but));
  if (shared.outcome !== 'sent') throw new Error(JSON.stringify(shared.evaluation.findings[0]));
  return shared;
}

/** Opens a package's data as its recipient. */
async function opened({ receipt }: Sent, dataSet = 'stop-and-search'): Promise<string> {
  const { database, sealer } = example.instance;
  const { organisation } = await example.commandLineOf('westmarch-opcc');
  const actor = { organisationId: organisation.id, personId: null };
  const identity = await database.read(actor, (db) => receivingIdentity(db, sealer, organisation.id));
  const out = join(example.folder, `${dataSet}-${Math.random()}.csv`);
  await decryptFile(join(dirname(receipt), `${dataSet}.csv.age`), out, identity);
  return out;
}

describe('sharing what an agreement in force approves in advance', () => {
  let release: Sent;
  beforeAll(async () => {
    release = await sent();
  });

  test('goes through without a person, in one package of five files [R45] [R58]', () => {
    expect(release.evaluation.verdict).toBe('share');
    expect(release.files.map((file) => file.slice(dirname(file).length + 1))).toEqual([
      'data-movement-record.txt',
      'manifest.json',
      'receipt.tlog-proof',
      'standard-terms.txt',
      'stop-and-search.csv.age',
    ]);
    expect(readdirSync(dirname(release.receipt)).sort()).toEqual(
      release.files.map((file) => file.slice(dirname(file).length + 1)),
    );
  });

  test('leaves out every row of a group smaller than five: 25 of 301 [R102]', async () => {
    const [header = [], ...rows] = rowsOf(files.stopAndSearch);
    const groupOf = (row: string[]) =>
      ['Gender', 'Age range', 'Officer-defined ethnicity'].map((name) => row[header.indexOf(name)]).join('|');
    const sizes = new Map<string, number>();
    for (const row of rows) sizes.set(groupOf(row), (sizes.get(groupOf(row)) ?? 0) + 1);
    const stay = rows.filter((row) => (sizes.get(groupOf(row)) ?? 0) >= 5);
    expect([rows.length, stay.length]).toEqual([301, 276]);

    const [left = [], ...leaving] = rowsOf(await opened(release));
    const expected = stay.map((row) =>
      left.map((name) => {
        const value = row[header.indexOf(name)] ?? '';
        return name === 'Date' ? value.slice(0, 7) : value;
      }),
    );
    expect(leaving).toEqual(expected);
  });

  test('lets only the agreed columns leave, in the agreed order', async () => {
    const [header] = rowsOf(await opened(release));
    expect(header).toEqual([
      'Type',
      'Date',
      'Gender',
      'Age range',
      'Officer-defined ethnicity',
      'Legislation',
      'Object of search',
      'Outcome',
    ]);
  });

  test('describes exactly what left in the manifest, and terms that repeat the agreement [R58] [R112]', async () => {
    const folder = dirname(release.receipt);
    const manifest = readManifest(readFileSync(join(folder, 'manifest.json')));
    const plain = readFileSync(await opened(release));
    expect(manifest?.data).toEqual([
      {
        file: 'stop-and-search.csv.age',
        name: 'stop-and-search.csv',
        sha256: sha256Hex(plain),
        bytes: plain.length,
        rows: 276,
        format: 'csv',
      },
    ]);
    expect(manifest?.rows).toEqual({ in: 301, out: 276, heldBack: 25 });
    expect(manifest).toMatchObject({
      terms: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      protection: { k: 5, smallestGroup: 5, limit: 0.1 },
      validation: 'types',
      columnsLeftOut: 7,
    });
    expect(manifest?.fields.find(({ name }) => name === 'Date')).toEqual({
      name: 'Date',
      type: 'timestamp',
      role: 'other',
      done: 'month',
    });
    const terms = readFileSync(join(folder, 'standard-terms.txt'), 'utf8');
    expect(terms).toContain('Limits. Know before you use it: 25 rows are held back because');
    expect(terms).toContain('Keep it for no longer than 1 year');
    expect(terms).toContain('within 24 hours');
  });

  test('has its data movement record: what, why, where, how and when, and no name of a person [R32] [R55]', () => {
    const record = readFileSync(join(dirname(release.receipt), 'data-movement-record.txt'), 'utf8');
    for (const said of [
      /^Data movement record of release REL-2026-\d{4}\nAs it was sent\.$/m,
      /^Data set: +Stop and search \(stop-and-search\)$/m,
      /^Personal data: +yes$/m,
      /^Marking: +OFFICIAL/m,
      /^How much: +276 of 301 rows and 8 columns left, as CSV; every value is of its type\.$/m,
      /^Columns: +Type; Date \(month\); Gender; /m,
      /^Not sent: +25 rows held back, 7 columns left out$/m,
      /^Agreement: +ISA-2026-001 version 1, /m,
      /^Power: +Police Reform and Social Responsibility Act 2011 s\.36$/m,
      /^DPIA: +.+, screened on /m,
      /^How often: +every month$/m,
      /^Approved by: +The agreement, in advance \(standing approval\)$/m,
      /^From: +Westmarch Police \(westmarch-police\)/m,
      /^To: +Westmarch Police and Crime Commissioner \(westmarch-opcc\)$/m,
      /^Means: +Encrypted to the recipient’s own key \(age\)/m,
      /^Sent: +23 November 2026 at 10:00/m,
      /^Kept for: +1 year from the day it is collected$/m,
    ]) {
      expect(record).toMatch(said);
    }
    for (const name of ['Tom Reyes', 'Helen Marsh', 'Priya', 'Dan Okafor', 'Amina'])
      expect(record).not.toContain(name);
    expect(record).not.toMatch(/^(Collected|Destroyed):/m);
  });

  test('is the same entry, to the byte, in the log of each party and of nobody else [R31]', async () => {
    const about = (entry: string) => entry.includes(`"${release.id}"`);
    const police = (await example.logOf('westmarch-police')).filter(about);
    const commissioner = (await example.logOf('westmarch-opcc')).filter(about);
    expect(police).toHaveLength(1);
    expect(commissioner).toEqual(police);
    expect((await example.logOf('avonbury-council')).filter(about)).toEqual([]);
  });

  test('can be opened by the operating system’s age', async (context) => {
    if (spawnSync('age', ['--version']).error) context.skip('age is not installed here');
    const { database, sealer } = example.instance;
    const { organisation } = await example.commandLineOf('westmarch-opcc');
    const identity = await database.read({ organisationId: organisation.id, personId: null }, (db) =>
      receivingIdentity(db, sealer, organisation.id),
    );
    const key = join(example.folder, 'identity');
    writeFileSync(key, `${identity}\n`, { mode: 0o600 });
    const file = join(dirname(release.receipt), 'stop-and-search.csv.age');
    const { stdout } = spawnSync('age', ['--decrypt', '--identity', key, file]);
    expect(stdout.toString()).toBe(readFileSync(await opened(release), 'utf8'));
  });

  test('leaves nothing in staging', () => {
    expect(example.staged()).toEqual([]);
  });
});

describe('pseudonyms', () => {
  test('are an HMAC that only the holder can make: the same within an agreement, another in each other', async () => {
    const { organisation } = await example.commandLineOf('westmarch-police');
    const key = (agreement: string) =>
      example.instance.pseudonymRoot.derive('pseudonyms', organisation.id, agreement);
    const expected = (agreement: string) =>
      rowsOf(files.streetCrime)
        .slice(1)
        .map(([id = '']) => id && createHmac('sha256', key(agreement)).update(id).digest('hex'));
    const other = await example.agree((agreement) => agreement);
    for (const agreement of ['ISA-2026-001', other.reference]) {
      const release = await sent({ agreement, dataSet: 'street-crime', input: files.streetCrime });
      const [, ...rows] = rowsOf(await opened(release, 'street-crime'));
      expect(rows.map(([id]) => id)).toEqual(expected(agreement));
    }
    expect(expected('ISA-2026-001')).not.toEqual(expected(other.reference));
  });
});

describe('what the agreement does not approve in advance', () => {
  test('is left as a request for a person to decide, in both logs, and nothing leaves [R45]', async () => {
    const out = join(example.folder, 'not-approved');
    const shared = done(await example.share({ purpose: 'complaint-reviews', out }));
    expect(shared).toMatchObject({ outcome: 'waiting', evaluation: { verdict: 'share' } });
    expect(readdirSync(example.folder)).not.toContain('not-approved');
    const last = (await example.logOf('westmarch-police')).at(-1) ?? '';
    // The integrator is asked when somebody needs a proof; a waiting act is already durable.
    const { rows } = await example.superuser.query('select entry from ledger_pending');
    expect([last, ...rows.map((row) => String(row.entry))].join()).toContain(shared.reference);
    expect(example.staged()).toEqual([]);
  });
});

describe('after it arrives', () => {
  test('the recipient collects it, with its own half, and later certifies its destruction [R117]', async () => {
    const release = await sent();
    const recipient = await example.commandLineOf('westmarch-opcc');
    const { instance } = example;
    const out = join(example.folder, 'collected');
    done(await collectRelease(instance, recipient, release.reference, out, aWorkingDay));
    expect(readdirSync(out).sort()).toEqual([
      'collected.tlog-proof',
      'data-movement-record.txt',
      'manifest.json',
      'our-half.tlog-proof',
      'receipt.tlog-proof',
      'standard-terms.txt',
      'stop-and-search.csv',
      'stop-and-search.csv.age',
    ]);
    const { checks } = await verifyPackage(out, null);
    expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['keys-trusted']);

    const method = 'Deleted from the shared drive and its backups';
    done(await destroyRelease(instance, recipient, release.reference, method, null, aWorkingDay));
    const again = join(example.folder, 'collected-again');
    const refused = await collectRelease(instance, recipient, release.reference, again, aWorkingDay);
    expect(refused).toMatchObject({ ok: false, kind: 'conflict' });
    expect(readdirSync(join(instance.folders.packages, release.id))).not.toContain('stop-and-search.csv.age');
  });

  test('nobody else can collect or destroy it, and cannot tell that it is there', async () => {
    const release = await sent();
    for (const slug of ['westmarch-police', 'avonbury-council']) {
      const caller = await example.commandLineOf(slug);
      const out = join(example.folder, `not-for-${slug}`);
      const collected = await collectRelease(example.instance, caller, release.reference, out, aWorkingDay);
      const destroyed = await destroyRelease(
        example.instance,
        caller,
        release.reference,
        'x',
        null,
        aWorkingDay,
      );
      expect([collected, destroyed]).toMatchObject([{ kind: 'not-found' }, { kind: 'not-found' }]);
    }
  });
});
