import { randomBytes } from 'node:crypto';

// Letters and digits that are not taken for each other (Crockford's base 32): no I, L, O or U.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code that people can type, of 16 letters and digits in fours: 80 bits. `bytes` are 16 or more, all equally likely. */
export function codeOf(bytes: Uint8Array): string {
  return inFours(bytes.subarray(0, 16));
}

/** A reference that a person can read out: 8 letters and digits in fours, by chance. */
export function newReference(): string {
  return inFours(randomBytes(8));
}

function inFours(bytes: Uint8Array): string {
  const letters = [...bytes].map((byte) => alphabet[byte % 32]);
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}

/** A code as it was meant, however it was typed: small letters, spaces, no hyphens, O for nought, I or L for one. */
export function plainCode(typed: string): string {
  const letters = typed.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return letters.replace(/[^0-9A-Z]/g, '');
}
