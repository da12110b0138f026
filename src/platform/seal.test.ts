import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealerOf } from './seal.ts';

const master = randomBytes(32);
const sealer = sealerOf(master);
const secret = Buffer.from('a private key');
const sealed = sealer.seal(secret, 'signing key of somebody');

describe('a sealed secret', () => {
  test('opens with the key and the words it was sealed with, also after a restart', () => {
    expect(sealerOf(Buffer.from(master)).open(sealed, 'signing key of somebody')).toEqual(secret);
    expect(sealer.open(sealer.seal(Buffer.alloc(0), ''), '')).toEqual(Buffer.alloc(0));
  });

  test('does not show what it holds, and is never sealed the same way twice', () => {
    expect(sealed.includes(secret)).toBe(false);
    expect(sealer.seal(secret, 'signing key of somebody')).not.toEqual(sealed);
  });

  test('does not open for something else, or under another key', () => {
    for (const context of ['signing key of somebody else', 'signing key of somebod', '']) {
      expect(() => sealer.open(sealed, context), context).toThrow();
    }
    expect(() => sealerOf(randomBytes(32)).open(sealed, 'signing key of somebody')).toThrow();
  });

  test('does not open when any bit of any byte has changed', () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      expect(() => sealer.open(changed, 'signing key of somebody'), `byte ${at}`).toThrow();
    }
  });

  test('does not open when it is cut short anywhere, or longer', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(
        () => sealer.open(sealed.subarray(0, length), 'signing key of somebody'),
        `${length} bytes`,
      ).toThrow();
    }
    expect(() => sealer.open(Buffer.concat([sealed, Buffer.alloc(1)]), 'signing key of somebody')).toThrow();
  });
});

describe('a derived key', () => {
  test('is the same for the same words, and another for any others or under another master key', () => {
    expect(sealer.derive('database role', 'app')).toEqual(sealerOf(master).derive('database role', 'app'));
    const keys = [
      sealer.derive('database role', 'app'),
      sealer.derive('database role', 'worker'),
      sealer.derive('database roleapp'),
      sealer.derive('database', 'role app'),
      sealer.derive('database role","app'),
      sealer.derive('app', 'database role'),
      sealer.derive('seal'),
      sealerOf(randomBytes(32)).derive('database role', 'app'),
      master,
    ];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length);
    for (const key of keys) expect(key).toHaveLength(32);
  });
});

test.each([0, 16, 31, 33])('%i bytes are no master key', (length) => {
  expect(() => sealerOf(Buffer.alloc(length))).toThrow('32 bytes');
});
