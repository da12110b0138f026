import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { makeVkey, signNote } from './note.ts';

const root = Buffer.alloc(32, 1);
const text = `westmarch/ledger\n42\n${root.toString('base64')}\n`;
const { privateKey } = generateKeyPairSync('ed25519');
const vkey = makeVkey('westmarch/ledger', privateKey);

describe('the text of a checkpoint', () => {
  test('is origin, size and root', () => {
    expect(formatCheckpoint({ origin: 'westmarch/ledger', size: 42, root })).toBe(text);
    expect(parseCheckpoint(text)).toEqual({ origin: 'westmarch/ledger', size: 42, root });
    expect(parseCheckpoint(text.replace('42', '0'))?.size).toBe(0);
  });

  test.each([
    ['an extension line', `${text}more\n`],
    ['no newline at the end', text.slice(0, -1)],
    ['a leading zero', text.replace('42', '042')],
    ['a sign', text.replace('42', '+42')],
    ['less than nothing', text.replace('42', '-42')],
    ['a fraction', text.replace('42', '4.2')],
    ['another way to write a number', text.replace('42', '4e1')],
    ['no size', text.replace('42', '')],
    ['a size past exact numbers', text.replace('42', '9007199254740993')],
    ['no origin', text.replace('westmarch/ledger', '')],
    ['a short root', text.replace(root.toString('base64'), 'AQEB')],
    ['a second spelling of the root', text.replace('E=\n', 'F=\n')],
  ])('refused: %s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(parseCheckpoint(changed)).toBeNull();
  });
});

describe('a signed checkpoint', () => {
  test('opens with the key of its log', () => {
    const signed = signCheckpoint({ origin: 'westmarch/ledger', size: 42, root }, privateKey);
    const opened = openCheckpoint(signed, vkey);
    expect(opened).toEqual({
      ok: true,
      checkpoint: { origin: 'westmarch/ledger', size: 42, root },
      text,
      cosignatures: [],
    });
  });

  test('of another log is refused, though this key signed it', () => {
    const signed = signNote(text.replace('westmarch', 'avonbury'), 'westmarch/ledger', privateKey);
    expect(openCheckpoint(signed, vkey)).toMatchObject({ ok: false, reason: /another log/ });
  });

  test('that is some other text is refused', () => {
    const signed = signNote('hello\n', 'westmarch/ledger', privateKey);
    expect(openCheckpoint(signed, vkey)).toMatchObject({ ok: false, reason: /not a checkpoint/ });
  });
});
