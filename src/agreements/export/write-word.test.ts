import { strFromU8, unzipSync } from 'fflate';
import { SaxesParser } from 'saxes';
import { expect, test, vi } from 'vitest';
import type { Agreement } from '../document.ts';
import { agreementDigest } from '../document.ts';
import { readLaw } from '../law.ts';
import { naughty, sayingEverywhere, theExample, withClauses } from './an-agreement.fixture.ts';
import { unsigned, writeForm } from './forms.ts';

vi.setConfig({ testTimeout: 120_000 });

const law = readLaw();
const word = (agreement: Agreement) => writeForm('docx', agreement, law, unsigned(agreement));

/** The parts of a Word file by their names, each read whole by another's parser: not well formed is a fault. */
function partsOf(file: Uint8Array): Record<string, string> {
  const parts = Object.entries(unzipSync(file)).map(([name, bytes]) => [name, strFromU8(bytes)] as const);
  for (const [, xml] of parts) {
    new SaxesParser().write(xml).close();
  }
  return Object.fromEntries(parts);
}

const paragraphs = (xml: string) => xml.match(/<w:p>.*?<\/w:p>/gs) ?? [];
const said = (xml: string) =>
  (xml.match(/<w:t [^>]*>[^<]*|<w:br\/>/g) ?? []).map((one) => one.replace(/<[^>]*>/, '')).join('');

test('the same agreement gives the same bytes', async () => {
  expect(await word(theExample())).toEqual(await word(theExample()));
});

test('clauses are headings that Word numbers and that its navigation knows', async () => {
  const xml = partsOf(await word(theExample()))['word/document.xml'] ?? '';
  const headings = paragraphs(xml).filter((one) => one.includes('w:val="Heading'));
  const shown = headings.map((one) => [
    /Heading(\d)/.exec(one)?.[1],
    /<w:ilvl w:val="(\d)"/.exec(one)?.[1] ?? null,
    said(one),
  ]);
  expect(shown).toContainEqual(['1', '0', 'Powers and legal framework']);
  expect(shown).toContainEqual(['2', '1', 'Power to share']);
  expect(shown).toContainEqual(['1', null, 'Signature page']);
  expect(shown.filter(([, level]) => level !== null)).toHaveLength(theExample().clauses.length);
});

test('each table of the terms repeats its head, and each party has a place to sign', async () => {
  const agreement = theExample();
  const xml = partsOf(await word(agreement))['word/document.xml'] ?? '';
  const tables = xml.match(/<w:tbl>.*?<\/w:tbl>/gs) ?? [];
  const headed = tables.filter((one) => one.includes('<w:tblHeader/>'));
  expect(headed.map((one) => said(one.match(/<w:tr>.*?<\/w:tr>/s)?.[0] ?? ''))).toContain(
    'WhoLawful basisClause',
  );
  const toSign = tables.filter((one) => said(one).startsWith('Signed for and on behalf of'));
  expect(toSign.map((one) => said(one).replace(/May sign.*/, ''))).toEqual(
    agreement.parties.map(
      ({ legalName }) => `Signed for and on behalf of the ${legalName}, a corporation sole`,
    ),
  );
});

test('what says who a party is stays on one page', async () => {
  const xml = partsOf(await word(theExample()))['word/document.xml'] ?? '';
  const [party = ''] = (xml.match(/<w:tbl>.*?<\/w:tbl>/gs) ?? []).filter((one) =>
    said(one).includes('Legal status'),
  );
  const rows = party.match(/<w:tr>.*?<\/w:tr>/gs) ?? [];
  expect(rows.map((row) => row.includes('<w:keepNext/>'))).toEqual(rows.map((_, at) => at < rows.length - 1));
});

test('every page says which agreement it is of, its marking and its place; the file says so too, in British English', async () => {
  const agreement = theExample();
  const parts = partsOf(await word(agreement));
  const [header = '', footer = ''] = [parts['word/header1.xml'], parts['word/footer1.xml']];
  expect(said(header)).toContain('ISA-2026-001, version 1');
  expect(said(header)).toContain('OFFICIAL');
  expect(said(footer)).toContain(agreementDigest(agreement));
  expect(footer).toMatch(/PAGE.*NUMPAGES/s);
  expect(parts['docProps/core.xml']).toContain(`<dc:title>${agreement.title}</dc:title>`);
  expect(parts['docProps/core.xml']?.match(/2026-01-05T00:00:00Z/g)).toHaveLength(2);
  expect(parts['docProps/custom.xml']).toContain(agreementDigest(agreement));
  expect(parts['word/styles.xml']).toContain('w:val="en-GB"');
});

test('whatever is said in it, it is XML that reads', async () => {
  const all = partsOf(await word(withClauses(naughty)))['word/document.xml'] ?? '';
  expect(all).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  for (const text of naughty.slice(-20)) expect(partsOf(await word(sayingEverywhere(text)))).toBeDefined();
});

test('what turns words round is shown as its number', async () => {
  const xml = partsOf(await word(sayingEverywhere('pays \u202Eton')))['word/document.xml'] ?? '';
  expect(xml).toContain('pays \\u202eton');
});

test('what is for people has no machine words in it: no short names, no law in short', async () => {
  const xml = partsOf(await word(theExample()))['word/document.xml'] ?? '';
  const text = paragraphs(xml).map(said).join('\n');
  expect(text).toContain('Hold the Chief Constable to account');
  expect(text).toContain('Section 36 of the Police Reform and Social Responsibility Act 2011');
  expect(text.match(/hold-to-account|complaint-reviews|\bs\.36|\bSch 1|\bArt \d/g)).toBeNull();
  expect(text.split('How the law that it cites was checked')[0]).not.toContain('Checked against');
});

test('a clause without a heading is numbered, and lines of a list are a list', async () => {
  const agreement = theExample();
  const clauses = [
    { id: '1', heading: 'One', text: 'All of:\n(a) this;\n(b) that.\nAnd no more.' },
    { id: '2', heading: 'Two', text: '(a) these\n(b) those' },
    { id: '3', heading: 'Three', text: '(i) odd\n(iv) odder' },
    { id: '1.1', text: 'No heading here.' },
  ];
  const xml = partsOf(await word({ ...agreement, clauses }))['word/document.xml'] ?? '';
  const plain = paragraphs(xml).find((one) => said(one) === 'No heading here.');
  expect(plain).toContain('<w:ilvl w:val="1"/>');
  expect(paragraphs(xml).map(said)).toEqual(
    expect.arrayContaining(['this;', 'that.', 'And no more.', 'these', '(i)odd', '(iv)odder']),
  );
  const listOf = (text: string) =>
    /<w:numId w:val="(\d+)"/.exec(paragraphs(xml).find((one) => said(one) === text) ?? '')?.[1];
  expect(listOf('this;')).toBe(listOf('that.'));
  expect(listOf('these')).not.toBe(listOf('this;'));
});

test('two hundred clauses are written', async () => {
  const clauses = Array.from({ length: 200 }, (_, at) => ({
    id: String(at + 1),
    text: `Clause number ${at}.`,
  }));
  const xml = partsOf(await word({ ...theExample(), clauses }))['word/document.xml'] ?? '';
  expect(xml.match(/<w:ilvl w:val="0"\/>/g)).toHaveLength(200);
});
