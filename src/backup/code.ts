import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../platform/seal.ts';
import type { Header } from './rules.ts';

/**
 * The code of something a backup says, in hex: HMAC-SHA-256 under a key that only this instance's master key gives. Whoever
 * has the age recipient can make an age file; nobody else can make this.
 */
export function codeOf(sealer: Sealer, bytes: Buffer): string {
  return createHmac('sha256', sealer.derive('backup')).update(bytes).digest('hex');
}

/** Whether a file of a code holds the code of these bytes. */
export function isCodeOf(sealer: Sealer, bytes: Buffer, code: Buffer): boolean {
  const expected = Buffer.from(`${codeOf(sealer, bytes)}\n`);
  return code.length === expected.length && timingSafeEqual(code, expected);
}

/** What tells whether keys are those of a backup, without saying anything else about them. */
export function keyChecks(keys: { sealer: Sealer; pseudonymRoot: Sealer }): Header['keys'] {
  return {
    master: keys.sealer.derive('backup key check').toString('hex'),
    pseudonyms: keys.pseudonymRoot.derive('backup key check').toString('hex'),
  };
}
