import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import decodeQR from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { codeOf, plainCode } from '../platform/pure/codes.ts';
import { sealerOf } from '../platform/seal.ts';
import { knowsDevice, rememberDevice } from './device.ts';
import { newPasswordHash } from './passwords.ts';
import { browserOf, expiryOf, idleEnd, isRecent, waitWords } from './sign-in-rules.ts';
import { networkOf } from './throttle.ts';
import { newTotpSecret, qrPath, showSecret, stepOfCode, totpAddress } from './totp.ts';

const at = '2026-11-23T10:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(at) + seconds * 1000).toISOString();

describe('codes of an app', () => {
  // RFC 6238 appendix B, SHA-1: the last six of its eight digits. Its secret is "12345678901234567890" in base 32.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  test.each([
    ['1970-01-01T00:00:59Z', '287082', 1],
    ['2005-03-18T01:58:29Z', '081804', 37037036],
    ['2005-03-18T01:58:31Z', '050471', 37037037],
    ['2009-02-13T23:31:30Z', '005924', 41152263],
    ['2033-05-18T03:33:20Z', '279037', 66666666],
    ['2603-10-11T11:33:20Z', '353130', 666666666],
  ])('are those of RFC 6238 at %s', (moment, code, step) => {
    expect(stepOfCode(secret, code, moment)).toBe(step);
  });

  test('count one step before and after, and no further', () => {
    const moment = (seconds: number) =>
      new Date(Date.parse('2005-03-18T01:58:31Z') + seconds * 1000).toISOString();
    expect([-62, -32, -30, 28, 58, 59].map((s) => stepOfCode(secret, '050471', moment(s)) !== null)).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test.each(['', '28708', '2870822', '２８７０８２', '28708a', '-87082', '2.7082'])('%j is none', (code) => {
    expect(stepOfCode(secret, code, '1970-01-01T00:00:59Z')).toBeNull();
  });

  test('a key is 160 bits, and another each time', () => {
    expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(newTotpSecret());
    expect(showSecret(secret)).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
  });

  test('the picture is read by a decoder, whatever is in the address', () => {
    for (const whose of [
      'sam.lee@avonbury.example',
      `o'brien+x&secret=B@avonbury.example`,
      `${'x'.repeat(200)}@y.example`,
    ]) {
      const address = totpAddress(secret, 'avonbury-council', whose);
      const url = new URL(address);
      expect([url.searchParams.getAll('secret'), url.searchParams.get('issuer')]).toEqual([
        [secret],
        'Chirograph avonbury-council',
      ]);
      expect(decodeQR(picture(qrPath(address)))).toBe(address);
    }
  });
});

/** The modules of a path as an image of four pixels each, as a camera would see it. */
function picture({ size, path }: { size: number; path: string }) {
  const scale = 4;
  const data = new Uint8ClampedArray(size * size * scale * scale * 4).fill(255);
  for (const [, x = '', y = '', width = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(width)) * scale; column++) {
        data.fill(0, (row * size * scale + column) * 4, (row * size * scale + column) * 4 + 3);
      }
    }
  }
  return { width: size * scale, height: size * scale, data };
}

test('a code that people type is read as it was meant', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const code = codeOf(bytes);
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l');
      expect(plainCode(typed)).toBe(code.replaceAll('-', ''));
    }),
  );
});

describe('a known browser', () => {
  const sealer = sealerOf(randomBytes(32));

  test('is known for whoever signed in there, and for nobody else', () => {
    const cookie = rememberDevice(sealer, null, 'p1');
    expect(knowsDevice(sealer, cookie, 'p1')).toBe(cookie.split('.')[0]);
    expect(knowsDevice(sealer, cookie, 'p2')).toBeNull();
    expect(knowsDevice(sealerOf(randomBytes(32)), cookie, 'p1')).toBeNull();
    expect(cookie).not.toContain('p1');
  });

  test('is known for the last five, under one number', () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f'];
    const cookie =
      people.reduce<string | null>((known, one) => rememberDevice(sealer, known, one), null) ?? '';
    expect(people.map((one) => knowsDevice(sealer, cookie, one) !== null)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(rememberDevice(sealer, cookie, 'f')).toBe(cookie);
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{22}(\.[A-Za-z0-9_-]{22}){5}$/);
  });

  test.each([null, '', '.', 'x', `${'A'.repeat(22)}.`, '..'])('is not made up of %j', (cookie) => {
    expect(knowsDevice(sealer, cookie, 'p1')).toBeNull();
  });

  test('a mark does not move to another number', () => {
    const [, mark] = rememberDevice(sealer, null, 'p1').split('.');
    expect(knowsDevice(sealer, `${'B'.repeat(22)}.${mark}`, 'p1')).toBeNull();
  });
});

describe('a password', () => {
  const whose = { name: 'Priya Shah', email: 'p.shah@westmarch.example' };
  test.each([
    ['correct horse battery', null],
    ['priyas own horse 77', null],
    ['elevenchars', '12 characters'],
    ['😀'.repeat(11), '12 characters'],
    ['password1234', 'first that anybody'],
    ['Password-1234', 'first that anybody'],
    ['qwertyuiop[]', 'first that anybody'],
    ['ABCDEFGHIJKLMNOP', 'first that anybody'],
    ['abababababab', 'first that anybody'],
    ['winterwinter', 'first that anybody'],
    ['!!!!!!!!!!!!', 'first that anybody'],
    ['Priya Shah 2026', 'without your name'],
    ['p.shah rides a bike', 'without your name'],
    ['ｐｒｉｙａｓｈａｈ１２３', 'without your name'],
    ['x y'.repeat(70), 'at most 200'],
  ])('%j: %s', async (password, fault) => {
    const chosen = await newPasswordHash(password, whose);
    expect(chosen.ok ? null : chosen.says).toEqual(fault === null ? null : expect.stringContaining(fault));
  });
});

describe('times', () => {
  test('half a sign-in lasts a quarter of an hour, a whole one twelve; unused, an hour', () => {
    expect(expiryOf(at, null)).toBe(later(15 * 60));
    expect(expiryOf(at, at)).toBe(later(12 * 3600));
    expect(idleEnd(at, later(12 * 3600))).toBe(later(3600));
    expect(idleEnd(later(11.5 * 3600), later(12 * 3600))).toBe(later(12 * 3600));
  });

  test('a proof holds for ten minutes, and one from the future for nothing', () => {
    expect([0, 599, 600, 86_400].map((s) => isRecent(at, later(s)))).toEqual([true, true, false, false]);
    expect([-30, -120].map((s) => isRecent(at, later(s)))).toEqual([true, false]);
  });

  test.each([
    [0.2, 'in 1 second.'],
    [15, 'in 15 seconds.'],
    [90, 'in 90 seconds.'],
    [91, 'in 2 minutes, at 10:02am.'],
    [900, 'in 15 minutes, at 10:15am.'],
  ])('%d seconds to wait are said as %j', (seconds, words) => {
    expect(waitWords(at, later(seconds))).toBe(`There were too many wrong attempts. Try again ${words}`);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Safari/537.36 Edg/139.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Safari/537.36',
    'Chrome on Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari on an iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36',
    'Samsung Internet on Android',
  ],
  ['curl/8.5.0', 'A browser we do not know'],
  ['<script>alert(1)</script>', 'A browser we do not know'],
  ['', 'A browser we do not know'],
])('%j is %s', (agent, words) => {
  expect(browserOf(agent)).toBe(words);
});
