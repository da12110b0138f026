import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementDigest, parseAgreement } from '../document.ts';
import { readLaw } from '../law.ts';
import { naughty, sayingEverywhere, theExample, withClauses } from './an-agreement.fixture.ts';
import { formOf, unsigned, writeForm } from './forms.ts';

const law = readLaw();

/** The digest of an agreement that was written and read again. */
async function digestAgain(form: 'yaml' | 'json', agreement = theExample()): Promise<string> {
  const parsed = parseAgreement(
    (await writeForm(form, agreement, law, unsigned(agreement))).toString('utf8'),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return agreementDigest(parsed.agreement);
}

describe.each(['yaml', 'json'] as const)('what was written as %s and is read again', (form) => {
  test('has the same digest', async () => {
    expect(await digestAgain(form)).toBe(agreementDigest(theExample()));
  });

  test('has the same digest whatever is said in it', async () => {
    for (const agreement of [withClauses(naughty), ...naughty.slice(-20).map(sayingEverywhere)]) {
      expect(await digestAgain(form, agreement)).toBe(agreementDigest(agreement));
    }
    // Words are trimmed when they are read, and half characters are no text.
    const anything = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed().trim());
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        fc.pre(text !== '');
        const agreement = withClauses([text]);
        expect(await digestAgain(form, agreement)).toBe(agreementDigest(agreement));
      }),
      { numRuns: 50 },
    );
  });
});

test('the JSON is the very bytes that are signed: their hash is the digest', async () => {
  const agreement = theExample();
  const json = await writeForm('json', agreement, law, unsigned(agreement));
  expect(`sha256:${createHash('sha256').update(json).digest('hex')}`).toBe(agreementDigest(agreement));
});

test.each([
  ['a.docx', 'docx'],
  ['A.YAML', 'yaml'],
  ['a.b.json', 'json'],
  ['a.doc', null],
  ['docx', null],
  ['a.constructor', null],
])('the name %s asks for %s', (name, form) => {
  expect(formOf(name)).toBe(form);
});
