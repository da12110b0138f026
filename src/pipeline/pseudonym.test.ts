import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type OfTexts, pseudonymsWith } from './pseudonym.ts';

const key = randomBytes(32);
const byNode = (value: string) => createHmac('sha256', key).update(value).digest('hex');

function given(of: OfTexts, values: readonly (string | null)[]): (string | null)[] {
  const results: (string | null)[] = [];
  const bytes = values.map((value) => (value === null ? null : Buffer.from(value)));
  of(
    values.length,
    (at) => bytes[at] ?? null,
    (at, text) => {
      results[at] = text;
    },
  );
  return results;
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

test('each key has its own, and a key that is not 32 bytes is refused', () => {
  const [one, other] = [key, randomBytes(32)].map((each) => given(pseudonymsWith(each), ['value'])[0]);
  expect(one).not.toBe(other);
  expect(given(pseudonymsWith(key), ['value'])).toEqual([one]);
  for (const bytes of [0, 31, 33, 64]) expect(() => pseudonymsWith(Buffer.alloc(bytes))).toThrow('32 bytes');
});
