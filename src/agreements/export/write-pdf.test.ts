import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Agreement, agreementDigest } from '../document.ts';
import { readLaw } from '../law.ts';
import { naughty, sayingEverywhere, theExample, withClauses } from './an-agreement.fixture.ts';
import { unsigned, writeForm } from './forms.ts';
import { isMissing, saying, veraPdf, veraPdfIsMissing } from './pdf-tools.fixture.ts';

// What is written is judged by other people's tools: veraPDF, qpdf, poppler.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const law = readLaw();
const pdf = (agreement: Agreement) => writeForm('pdf', agreement, law, unsigned(agreement));

const example = theExample();
const [kept, ...alsoKept] = example.terms.retention;
const tall = 'A row with a zebra. '.repeat(500);
const kinds: [string, Agreement][] = [
  ['the example', example],
  ['every naughty text as a clause', withClauses(naughty)],
  ['marks of XML', sayingEverywhere('Health & <b>Care</b> ]]> and "more"')],
  ['a word of five thousand letters', sayingEverywhere('x'.repeat(5000))],
  ['Arabic and Hebrew', sayingEverywhere('هذه اتفاقية between שני צדדים')],
  [
    'a draft with blanks, one of them longer than a line',
    {
      ...sayingEverywhere(`Before [say ${'what is so and why it is so '.repeat(6)}] and after`),
      startsOn: '[say the first day]',
      reference: '[say a reference]',
    },
  ],
  ['two hundred clauses', withClauses(Array.from({ length: 200 }, (_, at) => `Clause ${at}. `.repeat(40)))],
  [
    'a row that no page holds',
    {
      ...example,
      terms: { ...example.terms, retention: kept ? [{ ...kept, method: tall }, ...alsoKept] : [] },
    },
  ],
];

let folder: string;
let files: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chirograph-pdf-'));
  files = kinds.map((_, at) => join(folder, `${at}.pdf`));
  for (const [at, [, agreement]] of kinds.entries()) writeFileSync(files[at] ?? '', await pdf(agreement));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (at: number) =>
  execFileSync('pdftotext', ['-layout', files[at] ?? '', '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });

test('the same agreement gives the same bytes', async () => {
  expect((await pdf(example)).equals(readFileSync(files[0] ?? ''))).toBe(true);
});

describe.skipIf(veraPdfIsMissing)(`veraPDF${saying(veraPdfIsMissing)}`, () => {
  test('finds each to be PDF/A-3a, whatever it says', () => {
    expect(veraPdf(files)).toBe(kinds.map(() => '3a true\n').join(''));
  });
});

describe.skipIf(isMissing('qpdf'))(`qpdf${saying(isMissing('qpdf'))}`, () => {
  test.each(kinds.map(([kind], at) => [kind, at] as const))(
    'finds nothing wrong with the file of %s',
    (_kind, at) => {
      expect(execFileSync('qpdf', ['--check', files[at] ?? ''], { encoding: 'utf8' })).toContain('No syntax');
    },
  );

  test('takes out the JSON inside, whose hash is the digest', () => {
    const json = execFileSync('qpdf', ['--show-attachment=ISA-2026-001.json', files[0] ?? '']);
    expect(`sha256:${createHash('sha256').update(json).digest('hex')}`).toBe(agreementDigest(example));
  });
});

describe.skipIf(isMissing('pdftotext'))(`poppler${saying(isMissing('pdftotext'))}`, () => {
  test('reads every clause, the digest and the place of each page', () => {
    const text = textOf(0);
    const lines = text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining(example.clauses.map(({ id, heading }) => `${id} ${heading}`)),
    );
    expect(text).toContain(agreementDigest(example));
    expect(text).toMatch(/Page 1 of \d+/);
    expect(text.match(/OFFICIAL\n/g)?.length).toBeGreaterThan(10);
  });

  test('finds the contents, with the pages that the sections are on', () => {
    const pages = textOf(0).split('\f');
    const place = Number(/^4 +The agreement +(\d+)$/m.exec(pages[0] ?? '')?.[1]);
    expect(pages[place - 1]).toMatch(/^4 +The agreement$/m);
  });

  test('hears headings, lists, and tables whose cells have heads', () => {
    const heard = execFileSync('pdfinfo', ['-struct', files[0] ?? ''], { encoding: 'utf8' });
    for (const element of ['H1', 'H2', 'P', 'TOC', 'Table', 'TH', 'TD']) expect(heard).toContain(element);
  });

  test('says the title and the language, as they are', () => {
    const said = execFileSync('pdfinfo', [files[2] ?? ''], { encoding: 'utf8' });
    expect(said).toContain('Title:           Health & <b>Care</b> ]]> and "more"');
    expect(execFileSync('pdfinfo', ['-meta', files[2] ?? ''], { encoding: 'utf8' })).toContain(
      'Health &amp; &lt;b&gt;Care&lt;/b&gt; ]]&gt;',
    );
  });

  test('reads a box for each letter that the fonts lack, and how many there are', () => {
    const text = textOf(4).replace(/\s+/g, ' ');
    expect(text).toContain('□□□ □□□□□□□ between □□□ □□□□□');
    expect(text).toMatch(/\d+ characters are in no letter of these fonts, and printed as □/);
  });

  test('finds no word of a long row lost between its pages', () => {
    expect(textOf(7).match(/zebra/g)).toHaveLength(500);
  });
});
