import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTrustedKeys, verifyPath } from '../../src/overview/verify.ts';
import { readManifest } from '../../src/releases/index.ts';

// What was sent once must verify for ever: packages are as the version of their time made them.

const folder = join(import.meta.dirname, '../vectors/packages');
const packages = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());

describe.each(packages.map(({ name }) => name))('the package %s', (name) => {
  const at = join(folder, name);

  test('verifies, with the keys of its sender and without', async () => {
    for (const keys of [null, await readTrustedKeys(`${at}.keys.json`)]) {
      const verified = await verifyPath(at, keys);
      expect(verified?.checks.filter(({ ok, advisory }) => !ok && !advisory)).toEqual([]);
    }
  });

  test('says what left, in words', async () => {
    const verified = await verifyPath(at, null);
    const manifest = readManifest(readFileSync(join(at, 'manifest.json')));
    expect(manifest?.caveats).toBeUndefined();
    expect(verified?.checks[0]?.detail).toContain(
      'Westmarch Police to Westmarch Police and Crime Commissioner. 276 of 301 rows and 8 columns left, as CSV.',
    );
  });
});
