class Bytes extends Uint8Array {
  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, at) => byte === other[at]);
  }

  override toString(encoding = 'utf8'): string {
    if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (encoding === 'utf8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this);
    let text = '';
    for (let at = 0; at < this.length; at += 0x8000)
      text += String.fromCharCode(...this.subarray(at, at + 0x8000));
    const base64 = btoa(text);
    return encoding === 'base64'
      ? base64
      : base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }
}

/**
 * As much of Node's Buffer as the verification uses, for a browser: the code that verifies is the same there. Decoding never
 * throws, as Node's does not; every reader encodes again and compares.
 */
export const BrowserBuffer: {
  from(from: string | ArrayLike<number>, encoding?: string): Bytes;
  of(...bytes: number[]): Bytes;
  alloc(length: number, fill?: number): Bytes;
  concat(parts: readonly Uint8Array[]): Bytes;
} = Object.assign(Bytes, {
  from: (from: string | ArrayLike<number>, encoding = 'utf8') =>
    new Bytes(typeof from === 'string' ? decode(from, encoding) : from),
  of: (...bytes: number[]) => new Bytes(bytes),
  alloc: (length: number, fill = 0) => new Bytes(length).fill(fill) as Bytes,
  concat: (parts: readonly Uint8Array[]) => {
    const whole = new Bytes(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  },
});
export type BrowserBuffer = Bytes;

function decode(text: string, encoding: string): Uint8Array {
  if (encoding === 'utf8') return new TextEncoder().encode(text);
  if (encoding === 'hex')
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const plain = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '');
  // One letter over is no byte.
  const letters = plain.length % 4 === 1 ? plain.slice(0, -1) : plain;
  return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
}
