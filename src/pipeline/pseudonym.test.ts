import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type OfTexts, pseudonymsWith } from './pseudonym.ts';

const key = randomBytes(32);
const byNode = (value: string) => createHmac('sha256', key).update(value).digest('hex');

// The texts as the engine has them: what is longer than 12 bytes is elsewhere, and a blank leaves anything.
function given(of: OfTexts, values: readonly (string | null)[]): (string | null)[] {
  const bytes = values.map((value) => Buffer.from(value ?? 'anything, and long'));
  const texts = Buffer.concat(
    bytes.map((value) => {
      const text = Buffer.alloc(16, 0xff);
      text.writeUInt32LE(value.length);
      if (value.length <= 12) value.copy(text, 4);
      return text;
    }),
  );
  const parts = of(
    texts,
    values.length,
    (at) => values[at] === null,
    (at) => bytes[at] ?? Buffer.alloc(0),
  ).map((part) => Buffer.from(part));
  return values.map((value, at) => {
    const digits = parts.map((part) => {
      const length = part.readUInt32LE(at * 16);
      return part.toString('latin1', at * 16 + 4, at * 16 + 4 + length);
    });
    return value === null ? null : digits.join('');
  });
}

test('a pseudonym is the HMAC-SHA-256 of the value, whatever its length and whatever stands beside it', () => {
  const lengths = [...Array(200).keys(), 8_119, 8_120, 8_121, 8_200, 100_000];
  const values = lengths.map((length, at) => '\uFEFFNHS 4857773456 é€'.repeat(6_000).slice(at, at + length));
  const ofTexts = pseudonymsWith(key);
  for (const some of [values, values.toReversed(), values.filter((_, at) => at % 3 === 0)])
    expect(given(ofTexts, some)).toEqual(some.map(byNode));
});

test('any number of values, and blank stays blank', () => {
  const ofTexts = pseudonymsWith(key);
  for (let count = 0; count < 10; count += 1) {
    const values = Array.from({ length: count }, (_, at) => (at % 4 === 1 ? null : `value ${at}`));
    expect(given(ofTexts, values)).toEqual(values.map((value) => value && byNode(value)));
  }
});

test('a chunk of the engine, and more text than there is room for', () => {
  const ofTexts = pseudonymsWith(key);
  const short = Array.from({ length: 2_048 }, (_, at) => (at % 7 === 0 ? null : `${at}`));
  const long = Array.from({ length: 100 }, (_, at) => `${at} `.repeat(1_500 + at));
  for (const values of [short, long, short])
    expect(given(ofTexts, values)).toEqual(values.map((value) => value && byNode(value)));
  expect(() =>
    ofTexts(
      new Uint8Array(16 * 2_049),
      2_049,
      () => false,
      () => new Uint8Array(),
    ),
  ).toThrow(RangeError);
});

test('each key has its own, and a key that is not 32 bytes is refused', () => {
  const [one, other] = [key, randomBytes(32)].map((each) => given(pseudonymsWith(each), ['value'])[0]);
  expect(one).not.toBe(other);
  expect(given(pseudonymsWith(key), ['value'])).toEqual([one]);
  for (const bytes of [0, 31, 33, 64]) expect(() => pseudonymsWith(Buffer.alloc(bytes))).toThrow('32 bytes');
});
