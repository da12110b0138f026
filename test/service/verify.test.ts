import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPath } from '../../src/overview/verify.ts';
import { type Evidence, failing, filesUnder, makeEvidence } from '../support/evidence.ts';
import {
  byteChanges,
  otherLengths,
  replacements,
  type Tampering,
  whileTampered,
} from '../support/tampering.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await makeEvidence();
});
afterAll(() => evidence.close());

/** What each tampering with one file leads to, where no check that is named as expected fails. */
async function unnoticed(at: string, file: string, expected: RegExp, tamperings: Tampering[]) {
  const seen: string[] = [];
  const path = join(at, file);
  for (const tampering of tamperings) {
    const found = await whileTampered(path, tampering, () => failing(at));
    if (!found.some((name) => expected.test(name))) seen.push(`${file}, ${tampering.what}: ${found}`);
  }
  return seen;
}

const everyWay = (path: string, seed: string) => [
  ...byteChanges(readFileSync(path), seed),
  ...otherLengths,
  ...replacements,
];

// What does not belong: an innocent name, a hidden one, one that looks alike, and one of another kind of evidence.
const strangers: (string | Buffer)[] = [
  'x',
  '.hidden',
  'manifest.json ',
  'checkpoint',
  'stop-and-search.csv.age.tmp',
];
const notText = Buffer.of(0x78, 0xff);

async function strangersUnnoticed(at: string, names = strangers, within = at): Promise<string[]> {
  const seen: string[] = [];
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${within}/`), Buffer.from(name)]);
    writeFileSync(path, 'x');
    const found = await failing(at).finally(() => rmSync(path));
    if (found.length === 0) seen.push(String(name));
  }
  const folder = join(within, 'an empty folder');
  mkdirSync(folder);
  if ((await failing(at)).length === 0) seen.push(folder);
  rmSync(folder, { recursive: true });
  expect(await failing(at)).toEqual([]);
  return seen;
}

describe('a package', () => {
  const files: [string, RegExp][] = [
    ['data-movement-record.txt', /^hash data-movement-record\.txt$/],
    ['manifest.json', /^(manifest|entry-names-manifest)$/],
    ['receipt.tlog-proof', /^receipt(-format|-entry|-checkpoint|-inclusion)?$/],
    ['standard-terms.txt', /^hash standard-terms\.txt$/],
    ['stop-and-search.csv.age', /^hash stop-and-search\.csv\.age$/],
  ];

  test('[R31] [R58] [R112] holds the data, the standard terms, the receipt and the manifest, and verifies', async () => {
    expect(readdirSync(evidence.package).sort()).toEqual(files.map(([name]) => name));
    expect(await failing(evidence.package)).toEqual([]);
    const terms = readFileSync(join(evidence.package, 'standard-terms.txt'), 'utf8');
    expect(terms).toContain('Use this data only for this purpose: Hold the Chief Constable to account');
    expect(terms).toContain('Freedom of Information Act 2000');
  });

  test.each(files)('[R31] [R58] [R112] any change to %s is noticed', async (file, expected) => {
    const path = join(evidence.package, file);
    expect(await unnoticed(evidence.package, file, expected, everyWay(path, `package ${file}`))).toEqual([]);
    expect(await failing(evidence.package)).toEqual([]);
  });

  test('a file that was added is noticed, also one whose name is not text', async () => {
    expect(await strangersUnnoticed(evidence.package, [...strangers, notText])).toEqual([]);
  });
});

describe('a collected folder', () => {
  const files: [string, RegExp][] = [
    ['collected.tlog-proof', /^collected\.tlog-proof$/],
    ['data-movement-record.txt', /^hash data-movement-record\.txt$/],
    ['manifest.json', /^(manifest|entry-names-manifest)$/],
    ['our-half.tlog-proof', /^our-half\.tlog-proof$/],
    ['receipt.tlog-proof', /^receipt/],
    ['standard-terms.txt', /^hash standard-terms\.txt$/],
    ['stop-and-search.csv', /^hash stop-and-search\.csv$/],
    ['stop-and-search.csv.age', /^hash stop-and-search\.csv\.age$/],
  ];
  const opened = 'stop-and-search.csv';

  test('[R31] holds both halves of the record and verifies', async () => {
    expect(readdirSync(evidence.collected).sort()).toEqual(files.map(([name]) => name));
    expect(await failing(evidence.collected)).toEqual([]);
  });

  test.each(files)('any change to %s is noticed', async (file, expected) => {
    const ways = everyWay(join(evidence.collected, file), `collected ${file}`).filter(
      ({ what }) => file !== opened || what !== 'deleted',
    );
    expect(await unnoticed(evidence.collected, file, expected, ways)).toEqual([]);
    expect(await failing(evidence.collected)).toEqual([]);
  });

  test('still verifies when the opened data is deleted, for it may have been destroyed since', async () => {
    const deleted = { what: 'deleted', apply: (path: string) => rmSync(path) };
    const found = await whileTampered(join(evidence.collected, opened), deleted, () =>
      failing(evidence.collected),
    );
    expect(found).toEqual([]);
  });

  test('a file that was added is noticed', async () => {
    expect(await strangersUnnoticed(evidence.collected, [...strangers, notText])).toEqual([]);
  });
});

describe('an exported log', () => {
  test('[R31] any change to any of its files is noticed', async () => {
    const files = filesUnder(evidence.log);
    expect(files.filter((file) => !file.startsWith('tile/'))).toEqual(['checkpoint', 'vkey']);
    expect(files.length).toBeGreaterThanOrEqual(4);
    const seen: string[] = [];
    for (const file of files) {
      const ways = everyWay(join(evidence.log, file), `log ${file}`);
      seen.push(...(await unnoticed(evidence.log, file, /^log-/, ways)));
    }
    expect(seen).toEqual([]);
    expect(await failing(evidence.log)).toEqual([]);
  });

  test('a file that was added is noticed', async () => {
    const names = strangers.filter((name) => name !== 'checkpoint');
    expect(await strangersUnnoticed(evidence.log, names)).toEqual([]);
    expect(await strangersUnnoticed(evidence.log, strangers, join(evidence.log, 'tile'))).toEqual([]);
  });
});

describe('one file alone', () => {
  // By itself a file may be reached by a link; whether it is there at all is for the caller to see.
  const alone = (path: string, seed: string) =>
    everyWay(path, seed).filter(({ what }) => what !== 'deleted' && !what.startsWith('a link'));

  test('[R31] any change to a receipt is noticed', async () => {
    const ways = alone(join(evidence.package, 'receipt.tlog-proof'), 'receipt');
    const path = join(evidence.folder, 'receipt.tlog-proof');
    writeFileSync(path, readFileSync(join(evidence.package, 'receipt.tlog-proof')));
    expect(await failing(path)).toEqual([]);
    expect(await unnoticed(path, '', /^(receipt-.+|known-form|manifest)$/, ways)).toEqual([]);
  });

  test('any change to a signed agreement is noticed', async () => {
    expect(await failing(evidence.agreement)).toEqual([]);
    const expected = /^(agreement-file|signatures|known-form|manifest)$/;
    const ways = alone(evidence.agreement, 'agreement');
    expect(await unnoticed(evidence.agreement, '', expected, ways)).toEqual([]);
  });

  test('that is not there is nothing', async () => {
    expect(await verifyPath(join(evidence.folder, 'nothing'), null)).toBeNull();
  });
});
