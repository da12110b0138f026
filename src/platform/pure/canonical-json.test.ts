import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json, parseCanonicalJson } from './canonical-json.ts';

describe('canonical JSON (RFC 8785)', () => {
  test('is the one of the standard’s own example (section 3.2.2)', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(text) as Json)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts names by their UTF-16, as the standard’s example does (section 3.2.3)', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect(Object.keys(JSON.parse(text) as object).filter((name) => name !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
    expect(text.startsWith('{"\\r":0,"1":0')).toBe(true);
  });

  test('of any value is read as that value, and of no other text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
        expect(() => parseCanonicalJson(`${text} `)).toThrow(SyntaxError);
      }),
      { numRuns: 200 },
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('has no %s', (number) => {
    expect(() => canonicalJson(number)).toThrow();
  });

  test.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, the second time as an escape', '{"a":1,"\\u0061":1}'],
    ['names out of order', '{"b":1,"a":2}'],
    ['a space', '{"a": 1}'],
    ['a line end', '{"a":1}\n'],
    ['a byte order mark', '\ufeff{}'],
    ['a number with a needless nought', '1.0'],
    ['a number with an exponent it does not need', '1e2'],
    ['a negative nought', '-0'],
    ['a number longer than it is exact', '12345678901234567890'],
    ['an escape it does not need', '"\\/"'],
    ['a letter as an escape', '"\\u0061"'],
    ['an escape in capitals', '"\\u000F"'],
    ['half a surrogate pair', '"\\ud800"'],
    ['a prototype, twice', '{"__proto__":{},"__proto__":{}}'],
    ['nothing', ''],
    ['two values', '{}{}'],
    ['a comment', '{}//'],
  ])('is not text with %s', (_, text) => {
    expect(() => parseCanonicalJson(text)).toThrow();
  });
});
