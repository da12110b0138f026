import { describe, expect, test } from 'vitest';
import { canonicalBase64, sha256, sha256Hex } from './hash.ts';

// FIPS 180-4, as NIST's examples give it.
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('SHA-256 is that of the standard, of bytes and of text as UTF-8', () => {
  expect(sha256Hex('abc')).toBe(abc);
  expect(sha256(Buffer.from('abc')).toString('hex')).toBe(abc);
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Hex('é')).toBe(sha256Hex(Buffer.from([0xc3, 0xa9])));
});

describe('base64 has one spelling', () => {
  test.each([
    ['', []],
    ['AA==', [0]],
    ['AAA=', [0, 0]],
    ['+/+/', [251, 255, 191]],
  ])('%j', (text, bytes) => {
    expect(canonicalBase64(text)).toEqual(Buffer.from(bytes));
  });

  test.each([
    ['without its padding', 'AA'],
    ['with too much of it', 'AAAA===='],
    ['with bits left over that are not zero', 'AB=='],
    ['in the spelling of URLs', '-_-_'],
    ['with a line end', 'AA==\n'],
    ['with a space', 'AA =='],
    ['with something after it', 'AA==AA=='],
    ['with a sign that is none of its own', 'A*=='],
  ])('%s is refused', (_, text) => {
    expect(canonicalBase64(text)).toBeNull();
  });
});
