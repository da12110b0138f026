import { type KeyObject, sign, verify } from 'node:crypto';
import type { Check } from '../platform/pure/check.ts';
import { formatLine, isBy, makeVkey, parseVkey, type SignatureLine, type VerifierKey } from './note.ts';

/**
 * Cosignatures (c2sp.org/tlog-cosignature, Ed25519 with the time): a witness says that, at that moment, a checkpoint
 * was of the largest tree it had seen of that log, and that it only grew from those before.
 */
export type Cosignature = {
  name: string;
  keyId: Buffer /** Seconds since 1970. */;
  at: number;
  signature: Buffer;
};

const lastSecond = 253_402_300_799; // of the year 9999: a later one is no time, and the specification stops at 2^63-1

/** Cosigns the text of a checkpoint. The key's name is the witness's; the same key must sign nothing else. */
export function cosign(text: string, name: string, privateKey: KeyObject, at: number): Cosignature {
  const key = parseVkey(makeVkey(name, privateKey, 'cosignature'), 'cosignature');
  if (!key || !isTime(at)) throw new Error('Not a name and a time to cosign with');
  return { name, keyId: key.id, at, signature: sign(null, message(text, at), privateKey) };
}

/** The signature line of a cosignature, with its newline. */
export function formatCosignature({ name, keyId, at, signature }: Cosignature): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(at));
  return formatLine({ name, keyId, signature: Buffer.concat([time, signature]) });
}

/** A signature line as a cosignature; null where it has not its form, or its time is none. */
export function readCosignature({ name, keyId, signature }: SignatureLine): Cosignature | null {
  if (signature.length !== 72) return null;
  const at = Number(`0x${signature.subarray(0, 8).toString('hex')}`);
  return isTime(at) ? { name, keyId, at, signature: signature.subarray(8) } : null;
}

/** Whether a cosignature of this text is by this key, and right. */
export function verifyCosignature(text: string, cosignature: Cosignature, key: VerifierKey): boolean {
  const { name, keyId, at, signature } = cosignature;
  return isBy({ name, keyId, signature }, key) && verify(null, message(text, at), key.publicKey, signature);
}

/**
 * Checks the cosignatures of a checkpoint by the witnesses whose verifier keys are held. One by a key that is held and
 * not right fails. One by another key cannot be told from a forgery: it is said, and proves nothing.
 */
export function checkCosignatures(
  text: string,
  cosignatures: readonly Cosignature[],
  vkeys: readonly string[],
): Check[] {
  const keys = vkeys.map((vkey) => parseVkey(vkey, 'cosignature')).filter((key) => key !== null);
  return cosignatures.map((cosignature) => {
    const name = `cosignature ${cosignature.name}`;
    const key = keys.find((one) => isBy(cosignature, one));
    if (!key) {
      const detail = 'By a witness whose key you do not hold. Give its key with --keys, to have it checked.';
      return { name, ok: false, advisory: true, detail };
    }
    const ok = verifyCosignature(text, cosignature, key);
    const when = new Date(cosignature.at * 1000).toISOString();
    return {
      name,
      ok,
      detail: ok ? `Witnessed at ${when}.` : 'The cosignature does not match the checkpoint.',
    };
  });
}

const isTime = (at: number) => Number.isSafeInteger(at) && at > 0 && at <= lastSecond;
const message = (text: string, at: number) => Buffer.from(`cosignature/v1\ntime ${at}\n${text}`);
