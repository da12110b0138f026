/**
 * The two blocks of HMAC-SHA-256 (RFC 2104): the 32-byte key, filled up to a block with zeros, masked for the
 * inner and for the outer hash. With them SQL needs nothing but sha256.
 */
export function hmacPads(key: Buffer): { inner: Buffer; outer: Buffer } {
  const block = Buffer.concat([key, Buffer.alloc(64 - key.length)]);
  const masked = (mask: number) => Buffer.from(block.map((byte) => byte ^ mask));
  return { inner: masked(0x36), outer: masked(0x5c) };
}
