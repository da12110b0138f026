import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { BrowserBuffer } from './buffer.ts';

// As much of node:crypto as the verification uses, for a browser. What it uses is synchronous, which WebCrypto is not; the
// library is the one that age-encryption stands on. ES256 is the browser's own, through jose.

const derPrefix = 12; // SubjectPublicKeyInfo of Ed25519 (RFC 8410), before the 32 bytes of the key

type Key = { asymmetricKeyType: 'ed25519'; type: 'public'; export(): BrowserBuffer };

/** SHA-256 of bytes, or of text as UTF-8. */
export function hash(
  _: 'sha256',
  bytes: Uint8Array | string,
  encoding: 'buffer' | 'hex',
): BrowserBuffer | string {
  const sum = BrowserBuffer.from(sha256(typeof bytes === 'string' ? BrowserBuffer.from(bytes) : bytes));
  return encoding === 'hex' ? sum.toString('hex') : sum;
}

/** An Ed25519 public key from its SubjectPublicKeyInfo. */
export function createPublicKey({ key }: { key: Uint8Array }): Key {
  const der = BrowserBuffer.from(key);
  return { asymmetricKeyType: 'ed25519', type: 'public', export: () => der };
}

/** Proves an Ed25519 signature as Node does: RFC 8032, 5.1.7, without the cofactor, and each number spelt one way. */
export function verify(_: null, message: Uint8Array, key: Key, signature: Uint8Array): boolean {
  const { Point } = ed25519;
  const [encodedR, encodedS] = [signature.subarray(0, 32), signature.subarray(32)];
  const publicBytes = key.export().subarray(derPrefix);
  const s = littleEndian(encodedS);
  if (signature.length !== 64 || s >= Point.Fn.ORDER) return false;
  try {
    const a = Point.fromBytes(Uint8Array.from(publicBytes));
    const challenge =
      littleEndian(sha512(BrowserBuffer.concat([encodedR, publicBytes, message]))) % Point.Fn.ORDER;
    const sB = s === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(s);
    return BrowserBuffer.from(sB.add(a.multiplyUnsafe(challenge).negate()).toBytes()).equals(encodedR);
  } catch {
    return false; // not a point of the curve
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) + BigInt(byte), 0n);
}
