import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeVkey, openNote, parseVkey, signNote } from './note.ts';

// The example of c2sp.org/signed-note.
const exampleVkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const example = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const { privateKey } = generateKeyPairSync('ed25519');
const vkey = makeVkey('westmarch/ledger', privateKey);
const open = (text: string | Uint8Array, key = vkey) => openNote(Buffer.from(text), key);

describe('verifier keys', () => {
  test('the specification’s key is read, and written the same', () => {
    const key = parseVkey(exampleVkey);
    expect(key?.name).toBe('example.com/foo');
    expect(key && makeVkey(key.name, key.publicKey)).toBe(exampleVkey);
  });

  test.each([
    ['nothing', ''],
    ['no key', 'example.com/foo+530d903a'],
    ['a key id of another key', exampleVkey.replace('530d903a', '530d903b')],
    ['capital hex', exampleVkey.replace('530d903a', '530D903A')],
    ['another name', exampleVkey.replace('/foo', '/fop')],
    ['a name with a space', exampleVkey.replace('/foo', ' foo')],
    ['a second spelling of the key', `${exampleVkey.slice(0, -1)}l`],
    ['padding after the key', `${exampleVkey}=`],
    ['a newline after the key', `${exampleVkey}\n`],
    ['another signature type', exampleVkey.replace('+AekyeRr', '+AukyeRr')],
    ['one byte less', exampleVkey.slice(0, -4)],
  ])('refused: %s', (_, text) => {
    expect(parseVkey(text)).toBeNull();
  });

  test('only an Ed25519 key makes one', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => makeVkey('name', publicKey)).toThrow('Ed25519');
    expect(() => makeVkey('two words', privateKey)).toThrow('Not a key name');
  });
});

describe('notes', () => {
  test('the specification’s example opens', () => {
    expect(open(example, exampleVkey)).toEqual({ ok: true, text: 'This is an example message.\n' });
  });

  test('a signed text opens as it was, empty lines and all', () => {
    const text = 'one\n\n\ntwo — three\n';
    expect(open(signNote(text, 'westmarch/ledger', privateKey))).toEqual({ ok: true, text });
  });

  const note = signNote('origin\n5\n', 'westmarch/ledger', privateKey).toString();
  const line = note.split('\n').at(-2) ?? '';
  test.each([
    ['the same signature twice', `${note}${line}\n`],
    ['a cosignature', `${note}${example.split('\n').at(-2)}\n`],
    ['a line after the signature', `${note}more\n`],
    ['no newline at the end', note.slice(0, -1)],
    ['a carriage return', note.replace('5\n', '5\r\n')],
    ['a zero byte', note.replace('5\n', '5\0\n')],
    ['a byte order mark', `\ufeff${note}`],
    ['base64 without its padding', note.replace('=\n', '\n')],
    ['a hyphen for the dash', note.replace('—', '-')],
    ['another name', note.replace('westmarch/ledger', 'westmarch/ledges')],
    ['another text', note.replace('5\n', '6\n')],
    ['no text', `\n${line}\n`],
    ['no signature', 'origin\n5\n\n'],
    ['nothing', ''],
    ['more than 16 KiB', signNote(`${'x'.repeat(17_000)}\n`, 'westmarch/ledger', privateKey)],
    ['bytes that are not UTF-8', Buffer.from(note.replace('5', '\x85'), 'latin1')],
  ])('refused: %s', (_, bytes) => {
    expect(open(bytes).ok).toBe(false);
  });

  test('refused: every change of one byte', () => {
    const bytes = Buffer.from(note);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ by;
        expect(open(changed).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('what a note cannot hold is not signed', () => {
    expect(() => signNote('no newline', 'a', privateKey)).toThrow();
    expect(() => signNote('a tab\there\n', 'a', privateKey)).toThrow();
    expect(() => signNote('half a pair \ud800\n', 'a', privateKey)).toThrow();
    expect(() => signNote('text\n', 'a+b', privateKey)).toThrow();
  });
});
