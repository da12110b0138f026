import { strFromU8, unzipSync } from 'fflate';
import { expect, test, vi } from 'vitest';
import { readLaw } from '../law.ts';
import { theExample } from './an-agreement.fixture.ts';
import { type Standing, writeForm } from './forms.ts';
import { writeInThread } from './write-in-thread.ts';

vi.setConfig({ testTimeout: 120_000 });

const agreement = theExample();
const standing: Standing = {
  at: '2026-01-04T10:02:00.000Z',
  open: 0,
  signatures: [
    {
      organisation: 'westmarch-police',
      role: 'Chief executive',
      at: '4 January 2026 at 10:02am',
      fingerprint: 'SHA256:abc',
      proved: true,
    },
    {
      organisation: 'westmarch-opcc',
      role: 'Chief executive',
      at: '3 January 2026 at 9:00am',
      fingerprint: 'SHA256:def',
      proved: false,
    },
  ],
};

test.each(['pdf', 'docx', 'yaml'] as const)(
  'the thread writes %s as it is written anywhere',
  async (form) => {
    const [here, there] = [
      await writeForm(form, agreement, readLaw(), standing),
      await writeInThread({ form, agreement, standing }),
    ];
    expect(Buffer.isBuffer(there) && here.equals(there)).toBe(true);
  },
);

test('a signed agreement says who has signed and whether that proves, and is dated with the last signature', async () => {
  const file = unzipSync(await writeForm('docx', agreement, readLaw(), standing));
  const text = strFromU8(file['word/document.xml'] ?? new Uint8Array()).replace(/<[^>]+>/g, '|');
  expect(text).toMatch(/Signed as\|+Chief executive\|+On\|+4 January 2026 at 10:02am\|+By key\|+SHA256:abc/);
  expect(text).toContain('Proved when this was written');
  expect(text).toContain('It does NOT prove: do not rely on it');
  expect(strFromU8(file['docProps/core.xml'] ?? new Uint8Array())).toContain('2026-01-04T10:02:00Z');
});
