import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildVerify, verifyScript } from '../../scripts/build-verify.ts';

test('the script of the verify page is made from the code as it is: if not, run npm run build:verify', async () => {
  const kept = readFileSync(join(import.meta.dirname, '../..', verifyScript), 'utf8');
  expect((await buildVerify()) === kept).toBe(true);
  // Nothing of Node is asked for, and nothing is fetched.
  expect(kept).not.toMatch(/from\s*["'`]|import\s*\(|\bfetch\b|XMLHttpRequest|WebSocket|sendBeacon/);
});
