import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aLog, anEntry } from './a-log.fixture.ts';
import { inclusionProof, leafHash, subtreesOf } from './merkle.ts';
import { formatReceipt, parseReceipt, verifyReceipt } from './proof.ts';

const log = aLog(11);
const leaves = log.entries.map(leafHash);
const receipt = {
  entry: log.entries[6] ?? Buffer.alloc(0),
  index: 6,
  proof: inclusionProof(6, 11, subtreesOf(leaves)),
  checkpoint: log.checkpoint,
};
const bytes = formatReceipt(receipt);
const text = bytes.toString();
const failing = (changed: Uint8Array, vkey = log.vkey) =>
  verifyReceipt(changed, { vkey })
    .checks.filter((check) => !check.ok)
    .map((check) => check.name);

describe('a receipt', () => {
  test('is a tlog-proof with the entry in its extra line', () => {
    expect(text.split('\n').slice(0, 3)).toEqual([
      'c2sp.org/tlog-proof@v1',
      `extra ${receipt.entry.toString('base64')}`,
      'index 6',
    ]);
    expect(parseReceipt(bytes)).toEqual(receipt);
  });

  test('verifies with the key of its log, and gives the entry [R31]', () => {
    const verified = verifyReceipt(bytes, { vkey: log.vkey });
    expect(verified.checks.map((check) => [check.name, check.ok])).toEqual([
      ['receipt-format', true],
      ['receipt-entry', true],
      ['receipt-checkpoint', true],
      ['receipt-inclusion', true],
    ]);
    expect(verified.entry).toEqual(anEntry(6));
  });

  test('of the only entry needs no hashes', () => {
    const one = aLog(1);
    const only = formatReceipt({
      entry: one.entries[0] ?? bytes,
      index: 0,
      proof: [],
      checkpoint: one.checkpoint,
    });
    expect(failing(only, one.vkey)).toEqual([]);
  });

  test('fails by name: another log’s key, another entry, another place, another root', () => {
    expect(failing(bytes, aLog(11).vkey)).toEqual(['receipt-checkpoint', 'receipt-inclusion']);
    expect(failing(formatReceipt({ ...receipt, entry: log.entries[5] ?? bytes }))).toEqual([
      'receipt-inclusion',
    ]);
    expect(failing(formatReceipt({ ...receipt, entry: Buffer.from('{}') }))).toEqual([
      'receipt-entry',
      'receipt-inclusion',
    ]);
    expect(failing(formatReceipt({ ...receipt, index: 7 }))).toEqual(['receipt-inclusion']);
    expect(failing(formatReceipt({ ...receipt, proof: receipt.proof.slice(1) }))).toEqual([
      'receipt-inclusion',
    ]);
    expect(failing(formatReceipt({ ...receipt, checkpoint: log.checkpointOf(10) }))).toEqual([
      'receipt-inclusion',
    ]);
  });

  test.each([
    ['no extra line', text.replace(/extra .*\n/, '')],
    ['two extra lines', text.replace(/(extra .*\n)/, '$1$1')],
    ['a leading zero', text.replace('index 6', 'index 06')],
    ['a sign', text.replace('index 6', 'index +6')],
    ['minus zero', text.replace('index 6', 'index -0')],
    ['an index past exact numbers', text.replace('index 6', 'index 9007199254740993')],
    ['a short hash', text.replace(/\n[^\n]{44}\n\n/, '\nAAAA\n\n')],
    ['an empty line before the proof', text.replace('index 6\n', 'index 6\n\n')],
    ['another version', text.replace('@v1', '@v2')],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['nothing', ''],
  ])('is refused with %s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(verifyReceipt(Buffer.from(changed), { vkey: log.vkey }).checks.some((check) => !check.ok)).toBe(
      true,
    );
    expect(verifyReceipt(Buffer.from(changed), { vkey: log.vkey }).entry).toBeNull();
  });

  test('fails with any byte changed, cut off or added', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ by;
        expect(failing(changed)).not.toEqual([]);
        expect(failing(bytes.subarray(0, at))).not.toEqual([]);
        expect(failing(Buffer.concat([bytes, Buffer.of(by)]))).not.toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
