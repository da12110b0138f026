import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  FlattenedSign,
  flattenedVerify,
  importJWK,
} from 'jose';
import type { Db, Tx } from '../platform/database.ts';
import { canonicalJson, type Json } from '../platform/pure/canonical-json.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Sealer } from '../platform/seal.ts';
import type { Organisation, PublicKeys } from './rules.ts';
import { findKey, saveKey } from './store.ts';

/** One signature over some bytes: a JWS without its payload (RFC 7515 appendix F). */
export type DetachedSignature = { protected: string; signature: string };

/** Makes an organisation's signing key (ES256) and the key it receives files with (age, X25519). Returns their ids. */
export async function makeKeys(
  tx: Tx,
  organisation: Organisation,
  sealer: Sealer,
  at: Instant,
): Promise<string[]> {
  const organisationId = organisation.id;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signing = privateKey.export({ type: 'pkcs8', format: 'der' });
  const signingId = await saveKey(tx, {
    organisationId,
    purpose: 'signing',
    publicKey: canonicalJson(publicKey.export({ format: 'jwk' }) as Json),
    sealed: sealer.seal(signing, sealedAs('signing', organisationId)),
    at,
  });
  const identity = await generateX25519Identity();
  const receivingId = await saveKey(tx, {
    organisationId,
    purpose: 'receiving',
    publicKey: await identityToRecipient(identity),
    sealed: sealer.seal(Buffer.from(identity), sealedAs('receiving', organisationId)),
    at,
  });
  return [signingId, receivingId];
}

/**
 * Signs bytes as an organisation (ES256). `header` is protected with them; its `typ` says what is signed, so that one
 * thing is never taken for another. `kid` is the key's RFC 7638 thumbprint; `s` says that of the two spellings that a
 * signature has, this is the one with the lower s (decision 0007).
 */
export async function signAs(
  db: Db,
  sealer: Sealer,
  organisationId: string,
  header: { typ: string; [name: string]: string },
  bytes: Uint8Array,
): Promise<DetachedSignature> {
  const { publicKey, sealed } = await findKey(db, organisationId, 'signing');
  const key = createPrivateKey({
    key: sealer.open(sealed, sealedAs('signing', organisationId)),
    format: 'der',
    type: 'pkcs8',
  });
  const kid = await calculateJwkThumbprint(JSON.parse(publicKey));
  const protectedHeader = { ...header, alg: 'ES256', kid, s: 'low' };
  const jws = await new FlattenedSign(bytes).setProtectedHeader(protectedHeader).sign(key);
  if (jws.protected === undefined) throw new Error('A signature without its header');
  return {
    protected: jws.protected,
    signature: isLow(jws.signature) ? jws.signature : twinOf(jws.signature),
  };
}

/** The age identity (`AGE-SECRET-KEY-1...`) an organisation decrypts with. A secret. */
export async function receivingIdentity(db: Db, sealer: Sealer, organisationId: string): Promise<string> {
  const { sealed } = await findKey(db, organisationId, 'receiving');
  return sealer.open(sealed, sealedAs('receiving', organisationId)).toString('utf8');
}

/**
 * Proves one detached ES256 signature over bytes by a key, strictly: base64url spelt one way, the type the one
 * expected, `kid` this key's, the lower s where the header says so. The protected header, or null for anything else.
 */
export async function proveSignature(
  signature: DetachedSignature,
  typ: string,
  bytes: Uint8Array,
  key: PublicKeys['signing'],
): Promise<Record<string, unknown> | null> {
  const parts = [signature.protected, signature.signature];
  if (parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part)) return null;
  try {
    const header = decodeProtectedHeader(signature);
    if (header.alg !== 'ES256' || header.typ !== typ) return null;
    if ((await calculateJwkThumbprint(key)) !== header.kid) return null;
    if (header['s'] === 'low' && !isLow(signature.signature)) return null;
    const payload = Buffer.from(bytes).toString('base64url');
    const options = { algorithms: ['ES256'] };
    await flattenedVerify({ ...signature, payload }, await importJWK(key, 'ES256'), options);
    return header as Record<string, unknown>;
  } catch {
    return null;
  }
}

// The order of P-256 (FIPS 186-5, SP 800-186 s.3.2.1.3): (r, s) and (r, n - s) prove the same.
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function isLow(signature: string): boolean {
  return sOf(signature) <= order / 2n;
}

function twinOf(signature: string): string {
  const other = (order - sOf(signature)).toString(16).padStart(64, '0');
  const r = Buffer.from(signature, 'base64url').subarray(0, 32);
  return Buffer.concat([r, Buffer.from(other, 'hex')]).toString('base64url');
}

function sOf(signature: string): bigint {
  return BigInt(`0x${Buffer.from(signature, 'base64url').subarray(32).toString('hex') || '0'}`);
}

/** The fingerprint of a signing key, as people compare it: its RFC 7638 thumbprint. */
export function signingFingerprint(key: PublicKeys['signing']): Promise<string> {
  return calculateJwkThumbprint(key);
}

const sealedAs = (purpose: string, organisationId: string) => `organisation ${purpose} key ${organisationId}`;
