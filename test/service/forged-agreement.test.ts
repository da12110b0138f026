import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, FlattenedSign } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import { type Evidence, failing, makeEvidence } from '../support/evidence.ts';

// Agreements by somebody who knows the form of everything and holds keys of his own.

let evidence: Evidence;
beforeAll(async () => {
  evidence = await makeEvidence();
});
afterAll(() => evidence.close());

type SignedFile = {
  payload: string;
  signatures: { header: { jwk: Json }; protected: string; signature: string }[];
};

function agreementFile(): SignedFile {
  return JSON.parse(readFileSync(evidence.agreement, 'utf8')) as SignedFile;
}

const decode = (encoded: string) => Buffer.from(encoded, 'base64url').toString('utf8');
const encode = (text: string) => Buffer.from(text).toString('base64url');

describe('an agreement', () => {
  const forged = async (change: (file: SignedFile) => void, keys: string | null = null) => {
    const file = agreementFile();
    change(file);
    file.signatures.sort((one, other) => (one.protected < other.protected ? -1 : 1));
    const path = join(evidence.folder, 'forged-agreement.json');
    const text = canonicalJson(file);
    expect(text).not.toBe(readFileSync(evidence.agreement, 'utf8'));
    writeFileSync(path, text);
    return failing(path, keys);
  };
  const one = (file: SignedFile, at: number) => {
    const found = file.signatures[at];
    if (!found) throw new Error('The agreement has two signatures');
    return found;
  };

  test('with one signature missing is not signed by all', async () => {
    expect(await forged((file) => file.signatures.pop())).toEqual(['all-parties-signed']);
    expect(await forged((file) => file.signatures.shift())).toEqual(['all-parties-signed']);
  });

  test('with one signature twice is refused', async () => {
    expect(await forged((file) => file.signatures.push(one(file, 0)))).toEqual(['signatures']);
    expect(await forged((file) => file.signatures.splice(1, 1, one(file, 0)))).toEqual([
      'signatures',
      'all-parties-signed',
    ]);
  });

  test('with a word changed and encoded again is not the one that was signed', async () => {
    const words = (file: SignedFile) => {
      file.payload = encode(decode(file.payload).replace('"OFFICIAL"', '"OFFICIAL-SENSITIVE"'));
    };
    expect(await forged(words)).toEqual(['signatures', 'all-parties-signed']);
  });

  test('with words that are no agreement, or in another spelling, is refused', async () => {
    const changes: ((text: string) => string)[] = [
      (text) => `${text} `,
      (text) => text.replace('{', '{ '),
      (text) => text.replace('{', '{"version":1,'),
      (text) => `\ufeff${text}`,
      () => '{}',
      () => '['.repeat(200_000),
    ];
    for (const change of changes) {
      const found = await forged((file) => {
        file.payload = encode(change(decode(file.payload)));
      });
      expect(found).toEqual(['agreement-file']);
    }
  });

  test('in another spelling of its own is refused', async () => {
    const path = join(evidence.folder, 'respelt.json');
    const whole = readFileSync(evidence.agreement, 'utf8');
    for (const text of [
      `${whole}\n`,
      JSON.stringify(JSON.parse(whole), null, 2),
      whole.replace('{', '{"payload":"",'),
      whole.replace('"payload":"', '"payload":"\\u0065').replace('\\u0065e', '\\u0065'),
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    ]) {
      writeFileSync(path, text);
      expect(await failing(path)).toEqual(['agreement-file']);
    }
  });

  test('with the signatures of the two parties swapped is refused', async () => {
    const swap = (part: 'header' | 'protected' | 'signature') => (file: SignedFile) => {
      const [first, second] = [one(file, 0), one(file, 1)];
      file.signatures = [
        { ...first, [part]: second[part] },
        { ...second, [part]: first[part] },
      ];
    };
    for (const part of ['header', 'protected', 'signature'] as const) {
      expect(await forged(swap(part)), part).toEqual(['signatures', 'all-parties-signed']);
    }
  });

  test('with the signatures in another order is refused: it has one spelling', async () => {
    const file = agreementFile();
    file.signatures.reverse();
    const path = join(evidence.folder, 'other-order.json');
    writeFileSync(path, canonicalJson(file));
    expect(await failing(path)).toEqual(['agreement-file']);
  });

  test('signed by a stranger in a party’s name fails by the keys one holds', async () => {
    const sign = await strangerSigns((header) => header);
    expect(await forged(sign), 'without keys nobody can tell').toEqual([]);
    const both = join(evidence.folder, 'keys-of-both.json');
    writeFileSync(both, JSON.stringify(evidence.keysOfBoth));
    expect(await forged(sign, both)).toEqual(['keys-trusted']);
    expect(await forged(sign, evidence.agreement)).toEqual(['keys-trusted']);
  });

  test('signed by a role that may not sign, by no party, or as another kind of thing is refused', async () => {
    for (const header of [{ role: 'practitioner' }, { organisation: 'avonbury-council' }, { typ: 'jws' }]) {
      const sign = await strangerSigns((before) => ({ ...before, ...header }));
      expect(await forged(sign), JSON.stringify(header)).toEqual(['signatures', 'all-parties-signed']);
    }
  });

  test('with the signature of one more is refused', async () => {
    const sign = await strangerSigns((header) => ({ ...header, organisation: 'avonbury-council' }));
    const more = (file: SignedFile) => {
      const before = [...file.signatures];
      sign(file);
      file.signatures.push(...before.slice(0, 1));
    };
    expect(await forged(more)).toContain('signatures');
  });

  type Header = { typ: string; alg: string; kid: string; [name: string]: string };

  // Makes the first signature again with a key of its own, under the header the first signer used.
  async function strangerSigns(change: (header: Header) => Record<string, string>) {
    const file = agreementFile();
    const first = one(file, 0);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk: JsonWebKey = publicKey.export({ format: 'jwk' });
    // A stranger need not say that the lower s is meant, and then either spelling is right.
    const { s: _, ...before } = JSON.parse(decode(first.protected)) as Header;
    const header = change(before as Header);
    const signed = await new FlattenedSign(Buffer.from(file.payload, 'base64url'))
      .setProtectedHeader({ ...header, alg: 'ES256', kid: await calculateJwkThumbprint(jwk) })
      .sign(privateKey);
    return (given: SignedFile) => {
      given.signatures[0] = {
        header: { jwk: jwk as Json },
        protected: signed.protected ?? '',
        signature: signed.signature,
      };
    };
  }
});
