import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { always, hostile, parseCsv } from '../../test/support/hostile-texts.ts';
import { dataSetOf, field, pseudonymKey, release } from '../../test/support/pipeline.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const hmac = (value: string, of = pseudonymKey) =>
  createHmac('sha256', of).update(value, 'utf8').digest('hex');

describe('a pseudonym', () => {
  const person = dataSetOf(field('person', { role: 'identifier', use: 'pseudonymise' }), field('other'));

  // RFC 4231 has no 32-byte keys; the keys of its cases 1 and 2 filled up with zeros to 32 bytes are the same keys
  // (RFC 2104 fills a key up to the block), so its results hold. Case 3: 50 bytes of 0xdd are not UTF-8.
  it.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '4a656665',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
  ])('is right on RFC 4231 (key %s)', async (hex, value, expected) => {
    const { text } = await release(
      `person,other\n${value},x\n`,
      person,
      Buffer.from(hex.padEnd(64, '0'), 'hex'),
    );
    expect(text).toBe(`person,other\n${expected},x\n`);
  });

  it('is the HMAC-SHA-256 of the value as UTF-8, whatever the value and the key; blank stays blank', async () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 50 }), keys, async (values, of) => {
        const { text } = await release(
          `person,other\n${values.map((v) => `${always(v)},x\n`).join('')}`,
          person,
          of,
        );
        expect(parseCsv(text ?? '').slice(1)).toEqual(values.map((v) => [v === '' ? '' : hmac(v, of), 'x']));
      }),
      { numRuns: 40 },
    );
  });

  it('is the same wherever the value stands', async () => {
    const { text } = await release(
      'a,b\nx,y\ny,x\n',
      dataSetOf(field('a', { use: 'pseudonymise' }), field('b', { use: 'pseudonymise' })),
    );
    expect(parseCsv(text ?? '').slice(1)).toEqual([
      [hmac('x'), hmac('y')],
      [hmac('y'), hmac('x')],
    ]);
  });
});
