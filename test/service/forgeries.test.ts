import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readTrustedKeys, verifyPath } from '../../src/overview/verify.ts';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import { type Evidence, failing, makeEvidence } from '../support/evidence.ts';

// What a forger sends who knows the form of everything and holds keys of his own.

let ours: Evidence;
/** A whole other instance, with bodies of the same names and ids, and keys of its own. */
let theirs: Evidence;
let folder: string;
beforeAll(async () => {
  ours = await makeEvidence();
  theirs = await makeEvidence();
  folder = join(ours.folder, 'sent');
});
afterAll(() => {
  ours.close();
  theirs.close();
});
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(ours.package, folder, { recursive: true });
});

const rewrite = (name: string, change: (text: string) => string) => {
  const path = join(folder, name);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
};

describe('keys', () => {
  test('a package made whole by somebody else verifies, but not by the keys of who it says it is from', async () => {
    expect(await failing(theirs.package)).toEqual([]);
    expect(await failing(theirs.package, ours.keys)).toEqual(['keys-trusted']);
    expect(await failing(theirs.package, theirs.keys)).toEqual([]);
  });

  test('the same is so of a receipt, a log and an agreement', async () => {
    const both = join(ours.folder, 'keys-of-both.json');
    writeFileSync(both, JSON.stringify(ours.keysOfBoth));
    for (const path of [theirs.log, theirs.agreement, join(theirs.package, 'receipt.tlog-proof')]) {
      expect(await failing(path), path).toEqual([]);
      expect(await failing(path, both), path).toContain('keys-trusted');
    }
    for (const path of [ours.log, ours.agreement, join(ours.package, 'receipt.tlog-proof')]) {
      expect(await failing(path, both), path).toEqual([]);
    }
  });

  test('without keys, the check asks for a comparison and does not fail', async () => {
    for (const path of [ours.package, ours.log, ours.agreement, join(ours.package, 'receipt.tlog-proof')]) {
      const checks = (await verifyPath(path, null))?.checks ?? [];
      expect(checks.find(({ name }) => name === 'keys-trusted')).toMatchObject({ ok: false, advisory: true });
    }
  });

  test('an agreement signed by both is keys to verify a package by', async () => {
    expect(await failing(ours.package, ours.agreement)).toEqual([]);
    expect(await failing(ours.collected, ours.agreement)).toEqual([]);
    expect(await failing(theirs.package, ours.agreement)).toEqual(['keys-trusted']);
  });

  test('the keys of the recipient are not those of the sender', async () => {
    const recipient = join(ours.folder, 'recipient.json');
    const organisations = ours.keysOfBoth.organisations.slice(1);
    writeFileSync(recipient, JSON.stringify({ chirograph: 'keys/1', organisations }));
    expect(await failing(ours.package, recipient)).toEqual(['keys-trusted']);
  });

  test('what is not keys is not taken for keys', async () => {
    const broken = join(ours.folder, 'broken.json');
    const page = readFileSync(ours.keys, 'utf8');
    for (const text of ['', '{}', '[]', page.slice(0, -2), page.replace('keys/1', 'keys/2')]) {
      writeFileSync(broken, text);
      expect(await readTrustedKeys(broken), text).toBeNull();
    }
    for (const path of [ours.folder, ours.log, join(ours.package, 'manifest.json')]) {
      expect(await readTrustedKeys(path), path).toBeNull();
    }
    const { payload, signatures } = JSON.parse(readFileSync(ours.agreement, 'utf8')) as Record<string, Json>;
    const first = Array.isArray(signatures) ? signatures.slice(0, 1) : [];
    writeFileSync(broken, canonicalJson({ payload: payload ?? null, signatures: first }));
    expect(await readTrustedKeys(broken), 'an agreement not signed by all').toBeNull();
  });
});

describe('files of another release', () => {
  const from = (other: string, name: string) => cpSync(join(other, name), join(folder, name));

  test('[R31] the receipt of another release does not prove this one', async () => {
    from(ours.otherPackage, 'receipt.tlog-proof');
    expect(await failing(folder)).toEqual(['entry-names-manifest', 'manifest-signature']);
  });

  test('[R31] the receipt of the same release in another log does not prove this one', async () => {
    from(theirs.package, 'receipt.tlog-proof');
    expect(await failing(folder)).toContain('receipt-checkpoint');
  });

  test('the manifest of another release names other files', async () => {
    from(ours.otherPackage, 'manifest.json');
    const found = await failing(folder);
    expect(found).toContain('files');
    expect(found).toContain('entry-names-manifest');
  });

  test('manifest and receipt of another release do not fit these files', async () => {
    from(ours.otherPackage, 'manifest.json');
    from(ours.otherPackage, 'receipt.tlog-proof');
    expect(await failing(folder)).toEqual(
      expect.arrayContaining(['files', 'hash standard-terms.txt', 'hash street-crime.csv.age']),
    );
  });

  test('[R58] the standard terms of another release are not the ones that were sent', async () => {
    from(ours.otherPackage, 'standard-terms.txt');
    expect(await failing(folder)).toEqual(['hash standard-terms.txt']);
  });

  test('the data of another release is not what was sent', async () => {
    cpSync(join(ours.otherPackage, 'street-crime.csv.age'), join(folder, 'stop-and-search.csv.age'));
    expect(await failing(folder)).toEqual(['hash stop-and-search.csv.age']);
  });

  test('two files of a package under each other’s names are noticed', async () => {
    const terms = readFileSync(join(folder, 'standard-terms.txt'));
    from(ours.package, 'standard-terms.txt');
    cpSync(join(folder, 'stop-and-search.csv.age'), join(folder, 'standard-terms.txt'));
    writeFileSync(join(folder, 'stop-and-search.csv.age'), terms);
    expect(await failing(folder)).toEqual(['hash stop-and-search.csv.age', 'hash standard-terms.txt']);
  });

  test('opened data that is not what was sent is noticed, also beside a package that was not collected', async () => {
    writeFileSync(join(folder, 'stop-and-search.csv'), 'Gender,Age range\nMale,18-24\n');
    expect(await failing(folder)).toEqual(['hash stop-and-search.csv']);
  });

  test('[R31] the recipient’s proofs are of its own log, this release and the right act', async () => {
    const collected = join(ours.collected, 'collected.tlog-proof');
    const half = join(ours.collected, 'our-half.tlog-proof');
    const put = (one: string, other: string) => {
      cpSync(one, join(folder, 'our-half.tlog-proof'));
      cpSync(other, join(folder, 'collected.tlog-proof'));
    };
    put(half, collected);
    expect(await failing(folder)).toEqual([]);
    put(collected, half);
    expect(await failing(folder)).toEqual(['our-half.tlog-proof', 'collected.tlog-proof']);
    put(join(folder, 'receipt.tlog-proof'), collected);
    expect(await failing(folder), 'the sender’s half for both').toEqual(['our-half.tlog-proof']);
    put(join(theirs.collected, 'our-half.tlog-proof'), join(theirs.collected, 'collected.tlog-proof'));
    expect(await failing(folder)).toEqual(['our-half.tlog-proof', 'collected.tlog-proof']);
  });
});

describe('a manifest in another spelling', () => {
  test.each<[string, (text: string) => string]>([
    ['a key given twice', (text) => text.replace('{', '{\n  "marking": "OFFICIAL",')],
    [
      'a key given twice with the same value',
      (text) => text.replace('"dataSet"', '"dataSet": "", "dataSet"'),
    ],
    ['CRLF line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['a trailing space', (text) => `${text} `],
    ['no last newline', (text) => text.slice(0, -1)],
    ['an escape for a letter', (text) => text.replace('"manifest/1"', '"manifest\\u002f1"')],
    ['a number with an exponent', (text) => text.replace(/"in": (\d+)/, '"in": $1e0')],
    ['minus zero', (text) => text.replace(/"columnsLeftOut": \d+/, '"columnsLeftOut": -0')],
    ['one line', (text) => JSON.stringify(JSON.parse(text))],
    ['an unknown key', (text) => text.replace('{', '{\n  "note": "",')],
    ['__proto__', (text) => text.replace('{', '{\n  "__proto__": {},')],
    ['nothing but depth', () => '['.repeat(400_000)],
    ['depth that closes', () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}\n`],
    ['over a megabyte', (text) => `${text}${' '.repeat(1_000_001)}`],
  ])('%s is refused', async (_, change) => {
    rewrite('manifest.json', change);
    expect(await failing(folder)).toEqual(['manifest']);
  });

  test.each(['../x', '/etc/passwd', '..', 'a/b', '.age', '', 'x\\u0000', 'con taining', '-rf'])(
    'one that names the file “%s” is refused',
    async (name) => {
      rewrite('manifest.json', (text) => text.replaceAll('"standard-terms.txt"', `"${name}"`));
      expect(await failing(folder)).toEqual(['manifest']);
    },
  );

  test('one of other words, as well written as ours, is not the one in the log', async () => {
    rewrite('manifest.json', (text) => text.replace('"marking": "OFFICIAL"', '"marking": "NONE"'));
    expect(await failing(folder)).toEqual(['entry-names-manifest', 'manifest-signature']);
  });
});

describe('a receipt in another spelling', () => {
  const extra = /^extra (.*)$/m;

  test.each<[string, (text: string) => string]>([
    ['base64 without its padding', (text) => text.replace(/=+$/m, '')],
    ['base64 whose spare bits are set', (text) => text.replace(/(?<=\n[^\n ]{42}).(?==\n)/, respell)],
    ['base64url for base64', (text) => text.replace(extra, (line) => line.replace(/[+/=]|.$/, '_'))],
    ['a space in the base64', (text) => text.replace(extra, 'extra  $1')],
    ['CRLF line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['an index with a zero before it', (text) => text.replace(/^index /m, 'index 0')],
    ['an index below nothing', (text) => text.replace(/^index /m, 'index -')],
    ['an index no number holds', (text) => text.replace(/^index \d+/m, 'index 18446744073709551616')],
    ['a proof with a hash too many', (text) => text.replace(/\n\n/, `\n${'A'.repeat(43)}=\n\n`)],
    ['a signature twice', (text) => text.replace(/(— .*\n)$/, '$1$1')],
    ['a signature of nobody', (text) => `${text}— nobody.example AAAA\n`],
    ['no signature', (text) => text.replace(/— .*\n$/, '')],
    ['70 KB', (text) => `${text}${'x'.repeat(70_000)}`],
    ['70 KB of hashes', (text) => text.replace(/\n\n/, `\n${`${'A'.repeat(43)}=\n`.repeat(1_600)}\n`)],
    ['deep JSON for an entry', (text) => text.replace(extra, `extra ${base64('['.repeat(3_000))}`)],
    ['an entry too long', (text) => text.replace(extra, `extra ${base64(' '.repeat(9_000))}`)],
    ['nothing', () => ''],
  ])('%s is refused', async (_, change) => {
    rewrite('receipt.tlog-proof', change);
    expect((await failing(folder)).filter((name) => name.startsWith('receipt'))).not.toEqual([]);
    const alone = join(folder, 'receipt.tlog-proof');
    expect((await failing(alone))[0]).toMatch(/^(receipt-|known-form)/);
  });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  // The last character before `=` carries two spare bits.
  function respell(last: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    return alphabet[alphabet.indexOf(last) + 1] ?? last;
  }
});
