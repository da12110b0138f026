import { flattenedVerify, importJWK } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anExample, type TestExample } from '../../test/support/example.ts';
import { findOrganisation } from './index.ts';
import { type DetachedSignature, proveSignature, signAs } from './keys.ts';
import type { PublicKeys } from './rules.ts';

// ES256 gives every signature a twin (r, n - s) that proves the same: which of them is ours is fixed by the signed header.
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const words = Buffer.from('what is signed');
const typ = 'test+jws';

let example: TestExample;
let key: PublicKeys['signing'];
let sign: () => Promise<DetachedSignature>;
beforeAll(async () => {
  example = await anExample();
  const { database, sealer } = example.instance;
  const police = await database.read(null, (db) => findOrganisation(db, 'westmarch-police'));
  if (!police?.keys) throw new Error('The police have no keys');
  key = police.keys.signing;
  const actor = { organisationId: police.id, personId: null };
  sign = () => database.read(actor, (db) => signAs(db, sealer, police.id, { typ }, words));
});
afterAll(() => example.close());

const sOf = (signature: string) =>
  BigInt(`0x${Buffer.from(signature, 'base64url').toString('hex').slice(64)}`);

function twin({ protected: header, signature }: DetachedSignature): DetachedSignature {
  const hex = Buffer.from(signature, 'base64url').toString('hex').slice(0, 64);
  const s = (order - sOf(signature)).toString(16).padStart(64, '0');
  return { protected: header, signature: Buffer.from(hex + s, 'hex').toString('base64url') };
}

test('a signature has one spelling: the lower s, and its twin is refused though the mathematics hold', async () => {
  for (let count = 0; count < 16; count += 1) {
    const signed = await sign();
    expect(sOf(signed.signature) <= order / 2n).toBe(true);
    expect(await proveSignature(signed, typ, words, key)).not.toBeNull();
    const payload = words.toString('base64url');
    await flattenedVerify({ ...twin(signed), payload }, await importJWK(key, 'ES256'));
    expect(await proveSignature(twin(signed), typ, words, key)).toBeNull();
  }
});
