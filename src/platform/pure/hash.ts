import { hash } from 'node:crypto';

/** SHA-256, 32 bytes. Text is hashed as UTF-8. */
export function sha256(bytes: Uint8Array | string): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/**
 * Bytes of standard base64, or null unless encoding them again gives the same text: several last
 * characters decode alike, and a proof must have one spelling only.
 */
export function canonicalBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
