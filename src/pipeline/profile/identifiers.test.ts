import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { type Engine, openEngine } from '../engine.ts';
import { literal } from '../literal.ts';
import { checks, type FormKind, identifiers, searchFor } from './identifiers.ts';

// Every kind in the real engine: what is one, what only looks like one, and both inside sentences.

vi.setConfig({ testTimeout: 60_000 });

const vectors = join(import.meta.dirname, '../../../test/vectors/identifiers');
let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identifiers-'));
  engine = await openEngine(folder);
  for (const check of checks) await engine.run(check);
});
afterAll(async () => {
  engine?.close();
  await rm(folder, { recursive: true });
});

/** For each text what is found in it: `kind: found`, in the order of the kinds. */
async function find(texts: readonly string[]): Promise<string[][]> {
  const lists = identifiers.map((identifier) => {
    const { candidates, sound } = searchFor(identifier);
    return `list_transform(${sound(candidates)}, lambda one: ${literal(`${identifier.kind}: `)} || one)`;
  });
  const values = texts.map((text, at) => `(${at}, ${literal(text)})`).join(', ');
  const rows = await engine.rows(
    `select to_json(list_concat(${lists.join(', ')})) as found from (values ${values}) as t(place, value) order by place`,
  );
  return rows.map((row) => JSON.parse(String(row['found'])) as string[]);
}

const right: Record<FormKind, string[]> = {
  email: ['amina.yusuf+work@bedfordshire.police.example', 'o’neill@example.uk', 'DPO@EXAMPLE.GOV.UK'],
  phone: [
    '07700 900123',
    '07700900123',
    '07700 900 123',
    '020 7946 0958',
    '(020) 7946 0958',
    '0113 496 0000',
    '01632 96000',
    '0800 123 456',
    '+44 7700 900123',
    '+44 (0)20 7946 0958',
    '0044 1632 960123',
  ],
  postcode: ['SW1A 1AA', 'MK40 2AB', 'M1 1AE', 'mk402ab', 'EC1A1BB', 'GIR 0AA', 'BF1 3AA'],
  'ni-number': ['AB123456C', 'AB 12 34 56 C', 'jk123456d'],
  'nhs-number': ['9434765919', '943 476 5919', '943-476-5919'],
  'vehicle-registration': ['AB12 CDE', 'AB51CDE', 'A123 ABC', 'ABC 123A', 'ab12cde'],
  'pnc-id': ['2003/0011985X', '20030011985X', '03/11985X', '79/163001B', '2003/0011985x'],
  'crime-reference': [
    'c2bbe1606bc1048281a0616bd4bfb93c69ff6c7553a4052f8b7e471f223bc49e',
    '40/12345/23',
    'BCH/2345/2024',
  ],
  'payment-card': [
    '4111 1111 1111 1111',
    '4111111111111111',
    '5555-5555-5555-4444',
    '378282246310005',
    '3782 822463 10005',
    '6011111111111117',
  ],
  'ip-address': [
    '192.168.0.1',
    '::1',
    '2001:db8::ff00:42:8329',
    'fe80:0:0:0:204:61ff:fe9d:f156',
    '::ffff:192.0.2.1',
  ],
};

describe.each(Object.entries(right))('%s', (kind, values) => {
  it('is found as a whole value and nothing else is', async () => {
    const found = await find(values);
    for (const [at, value] of values.entries()) {
      expect(
        found[at]?.map((one) => one.split(': ')[0]),
        value,
      ).toEqual([kind]);
    }
  });
  it('is found in sentences, next to one another', async () => {
    // The older forms of registrations stand alone: in a sentence they look like much else.
    const inText = kind === 'vehicle-registration' ? values.slice(0, 2) : values;
    const texts = inText.flatMap((value) => [
      `Caller gave ${value}, then left.`,
      `(${value})`,
      `${value};${value}`,
    ]);
    const found = await find(texts);
    for (const [at, text] of texts.entries()) {
      const times = at % 3 === 2 ? 2 : 1;
      expect(
        found[at]?.filter((one) => one.startsWith(`${kind}: `)),
        text,
      ).toHaveLength(times);
    }
  });
});

test.each([
  ['one digit is wrong', ['9434765918', '4111 1111 1111 1112', '2003/0011985Y', '03/11986X', '79/163002B']],
  ['a prefix was never given out', ['BG123456A', 'QQ123456C', 'AO123456A', 'AB123456E', '9111111111111119']],
  ['there is no such area', ['MA1 1AA', 'QQ1 1AA', 'ZZ9 9ZZ', 'M1 1CA']],
  ['one digit is repeated', ['0000000000', '1111111111']],
  [
    'it is a part of something longer',
    ['0.9434765919', '9434765919.5', '19434765919', 'XAB123456CX', '1.2.3.4.5', '40/12345/23/7'],
  ],
  [
    'it is a day or a time',
    ['2024-01-31', '31/01/2024', '01-12-2024 10:30', '2024-01-31T23:30:00Z', '10:30:45', '17:45:10:12'],
  ],
  [
    'it is a place or a road',
    ['On or near A421', 'Barnet 007B', 'E01000253', 'M1 1st exit', 'M25 CAR PARK', 'Flat 12/5A'],
  ],
  ['it is a number', ['51.877270', '-0.414871', '256.1.1.1', '07700', '1234567890123456789012345']],
  ['it is code', ['std::vector', 'a@b', '@handle', 'x:y:z', '12:34:56:78:9a:bc']],
])('is not found where %s', async (_, texts) => {
  expect(await find(texts)).toEqual(texts.map(() => []));
});

test('every number kept for tests is an NHS number', async () => {
  const numbers = (await readFile(join(vectors, 'nhs-numbers.csv'), 'utf8'))
    .replace('\ufeff', '')
    .trim()
    .split(/\s+/);
  expect(numbers).toHaveLength(9);
  expect(await find(numbers)).toEqual(numbers.map((number) => [`nhs-number: ${number}`]));
});

test('postcodes are told from other texts as another library does, and only in areas that there are', async () => {
  const { tests } = JSON.parse(await readFile(join(vectors, 'postcode-validation.json'), 'utf8')) as {
    tests: { base: string; expected: boolean }[];
  };
  const found = await find(tests.map(({ base }) => base));
  for (const [at, { base, expected }] of tests.entries()) {
    const kinds = found[at]?.map((one) => one.split(': ')[0]);
    expect(kinds?.includes('postcode'), base).toBe(expected && !base.startsWith('MA'));
  }
});

describe('checksums', () => {
  const many = { numRuns: 200, endOnFailure: true };

  // Each is computed here by its own definition, once more.
  function nhsCheck(nine: string): number {
    const sum = [...nine].reduce((all, digit, at) => all + Number(digit) * (10 - at), 0);
    return (11 - (sum % 11)) % 11;
  }
  function luhnCheck(digits: string): number {
    const doubled = [...digits]
      .reverse()
      .map((digit, at) => (at % 2 === 0 ? Number(digit) * 2 : Number(digit)));
    const sum = doubled.reduce((all, one) => all + (one > 9 ? one - 9 : one), 0);
    return (10 - (sum % 10)) % 10;
  }
  const pncLetter = (year: number, serial: number) =>
    'ZABCDEFGHJKLMNPQRTUVWXY'.charAt((year * 10_000_000 + serial) % 23);

  const digits = (length: number) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
      .map((all) => all.join(''));

  test('of the ten numbers with the same nine digits, the NHS number is the one that fits', async () => {
    const starts = fc.sample(
      digits(9).filter((nine) => new Set(nine).size > 1),
      many,
    );
    const texts = starts.flatMap((nine) => Array.from({ length: 10 }, (_, last) => `${nine}${last}`));
    const found = await find(texts);
    for (const [at, text] of texts.entries()) {
      const fits = nhsCheck(text.slice(0, 9)) === Number(text[9]);
      expect(
        found[at]?.some((one) => one.startsWith('nhs-number')),
        text,
      ).toBe(fits);
    }
  });

  test('of ten cards with the same digits, one is a card', async () => {
    const texts = fc
      .sample(digits(14), many)
      .flatMap((rest) => Array.from({ length: 10 }, (_, last) => `4${rest}${last}`));
    const found = await find(texts);
    for (const [at, text] of texts.entries()) {
      const fits = luhnCheck(text.slice(0, 15)) === Number(text[15]);
      expect(
        found[at]?.some((one) => one.startsWith('payment-card')),
        text,
      ).toBe(fits);
    }
  });

  test('a PNC id has one letter, and it is the same long and short', async () => {
    const years = fc.integer({ min: 1950, max: 2049 });
    const ids = fc.sample(fc.tuple(years, fc.integer({ min: 100, max: 9_999_999 })), many);
    const wrong = (letter: string) => (letter === 'Z' ? 'A' : 'Z');
    const texts = ids.flatMap(([year, serial]) => {
      const letter = pncLetter(year % 100, serial);
      const short = `${String(year % 100).padStart(2, '0')}/${serial}`;
      const long = `${year}/${String(serial).padStart(7, '0')}`;
      return [`${long}${letter}`, `${short}${letter}`, `${long}${wrong(letter)}`, `${short}${wrong(letter)}`];
    });
    const found = await find(texts);
    for (const [at, text] of texts.entries()) {
      expect(found[at]?.includes(`pnc-id: ${text}`), text).toBe(at % 4 < 2);
    }
  });
});
