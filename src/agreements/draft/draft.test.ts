import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { Day } from '../../platform/pure/dates.ts';
import { blanksIn } from '../blanks.ts';
import { checkDocument } from '../check-document.ts';
import { readLaw } from '../law.ts';
import { readLintLaw } from '../lint/lint-law.ts';
import { readText } from '../read/read-text.ts';
import { clausesOf } from './clauses.ts';
import { draftAgreement } from './draft-agreement.ts';
import { findTerms } from './find-terms.ts';
import { periodOf, spansIn } from './measures.ts';
import { writeReadDraft } from './write-read.ts';

const lintLaw = readLintLaw();
const law = readLaw();

// In our own words.
const agreement = `# Data Sharing Agreement

Reference: DSA/2025/014. Document owner: the Records Manager. Marking: OFFICIAL.

## 1 Parties and purpose

This agreement is between Northby Council and the Chief Constable of Eastmoor Police. Each is an independent controller.

1.1 The purpose of this agreement is to reduce harm to children who go missing in Northby.

## 2 Law

Section 115 of the Crime and Disorder Act 1998 is the power of both. The lawful basis is Article 6(1)(e) of the UK GDPR, and for health data Article 9(2)(g) with Schedule 1, paragraph 18.

## 3 What is shared

The data items are: name, date of birth, and place where last seen.

## 4 Keeping

The information is retained for seven years after the case is closed, and then securely deleted.

A breach is reported to the other party within 24 hours.

It is not passed to a third party without the written consent of the party that gave it. Nothing is transferred outside the United Kingdom.

## 5 Running it

This agreement starts on 1 April 2025 and ends on 31 March 2028. It is first reviewed six months after that day, and every two years from then. Either party may withdraw by giving 30 days’ notice.

Signed: the Records Manager
`;

const readOf = (text: string) => {
  const reading = readText(text);
  const clauses = clausesOf(reading);
  const suggestions = findTerms(reading, clauses, lintLaw, law, '2026-11-22' as Day);
  return { title: reading.title?.text ?? '', clauses, suggestions };
};
describe('clauses', () => {
  const text = `# Information sharing agreement

## 1 Introduction

It is between the two bodies below. It has been made to:

- Describe the security procedures.
- Set out the legal gateway.

It is to protect children who go missing.
`;

  test('paragraphs stay paragraphs, and lists lists', () => {
    expect(readOf(text).clauses.at(-1)?.text.split('\n')).toEqual([
      'It is between the two bodies below. It has been made to:',
      '- Describe the security procedures.',
      '- Set out the legal gateway.',
      'It is to protect children who go missing.',
    ]);
  });

  test('what the document is to describe is no purpose of the data', () => {
    const purposes = readOf(text).suggestions.filter(({ name }) => name.startsWith('purposes'));
    expect(purposes.map(({ value }) => value)).not.toContain('Describe the security procedures.');
  });
});

const valuesOf = (text: string) =>
  Object.fromEntries(readOf(text).suggestions.map(({ name, value }) => [name, value]));

describe('clauses', () => {
  it('are what stands under a heading, and a paragraph with a number of its own', () => {
    expect(readOf(agreement).clauses.map(({ id, heading }) => [id, heading])).toEqual([
      ['0', null],
      ['1', 'Parties and purpose'],
      ['1.1', null],
      ['2', 'Law'],
      ['3', 'What is shared'],
      ['4', 'Keeping'],
      ['5', 'Running it'],
    ]);
    expect(readOf(agreement).clauses[2]?.text).toBe(
      'The purpose of this agreement is to reduce harm to children who go missing in Northby.',
    );
  });

  it('have numbers of ours where they have none, and a letter where one comes again', () => {
    const ids = (text: string) => clausesOf(readText(text)).map(({ id }) => id);
    expect(ids('# One\n\nText.\n\n# Two\n\nText.')).toEqual(['1', '2']);
    expect(ids('## 1 One\n\nText.\n\n## 1 Again\n\nText.\n\n## Three\n\nText.')).toEqual(['1', '1A', '2']);
  });
});

test('what can be read of the terms, each with its clause and its words', () => {
  expect(valuesOf(agreement)).toMatchObject({
    reference: 'DSA-2025-014',
    startsOn: '2025-04-01',
    endsOn: '2028-03-31',
    marking: 'OFFICIAL',
    'parties[0]': 'Northby Council',
    'parties[1]': 'Chief Constable of Eastmoor Police',
    role: 'controller',
    'powers[0]': 'G1',
    'lawfulBases[0]': 'gdpr-6-1-e',
    'conditions[0]': 'gdpr-9-2-g',
    'conditions[1]': 'sch1-18',
    'fields[0]': 'name',
    'fields[1]': 'date of birth',
    'retention.period': 'P7Y',
    'incidents.tellPartnerWithinHours': 24,
    'onward.rule': 'written-consent',
    'outsideUk.rule': 'never',
    'review.firstAfter': 'P6M',
    'review.every': 'P2Y',
    'termination.noticeDays': 30,
  });
  const [retention] = readOf(agreement).suggestions.filter(({ name }) => name === 'retention.period');
  expect(retention).toMatchObject({ clause: '4', confidence: 'sure', place: { line: 21 } });
  expect(retention?.quote).toContain('retained for seven years');
});

test('what is said twice and not alike is unsure, and what is not said is nothing', () => {
  const twice = `${agreement}\nRecords are retained for ten years.\n`;
  const [retention] = readOf(twice).suggestions.filter(({ name }) => name === 'retention.period');
  expect(retention?.confidence).toBe('unsure');
  expect(valuesOf('An agreement about nothing in particular.')).toEqual({});
});

describe('the draft', () => {
  const read = readOf(agreement);
  const draft = (confirmed: readonly string[]) => draftAgreement(read, new Set(confirmed), law);

  it('has nothing in it that nobody confirmed: the rest is to be said', () => {
    const { document } = draft([]);
    const retention = (document['terms'] as { retention: unknown[] }).retention;
    expect(retention).toMatchObject([{ period: 'P7Y [say if this is right]', clause: '4' }]);
    expect(blanksIn(document).map(({ path }) => path)).toContain('terms.retention[0].period');
  });

  it('has what was confirmed, as a term has it', () => {
    const { document } = draft(['retention.period', 'incidents.tellPartnerWithinHours']);
    expect(document['terms']).toMatchObject({
      retention: [{ period: 'P7Y' }],
      incidents: { tellPartnerWithinHours: 24, clause: '4' },
    });
  });

  it('says in YAML, beside each value, where it was read', () => {
    const text = writeReadDraft(draft([]), 'a.md');
    expect(text).toMatch(
      /# Clause 4, line 21, sure: “The information is retained[^\n]*\n +period: P7Y \[say if this is right\]/,
    );
    expect(parse(text)).toEqual(draft([]).document);
  });

  it('is checked as any agreement: everything that is to be said, at its line [R40]', () => {
    const text = writeReadDraft(draft([]), 'a.md');
    const checked = checkDocument(text, law);
    expect(checked.ok).toBe(false);
    if (checked.ok) return;
    const period = checked.problems.find(({ path }) => path === 'terms.retention[0].period');
    expect(text.split('\n')[(period?.line ?? 0) - 1]).toContain('P7Y [say if this is right]');
  });

  it('of a document that says nothing is all to be said [R40]', () => {
    const nothing = draftAgreement({ title: '', clauses: [], suggestions: [] }, new Set(), law);
    expect(checkDocument(writeReadDraft(nothing, 'b.txt'), law).ok).toBe(false);
  });
});

test.each([
  ['7 years', 'P7Y'],
  ['twenty-eight (28) days', 'P28D'],
  ['six-month', 'P6M'],
  ['2 working weeks', 'P14D'],
  ['48 hours', null],
])('%s is %s', (text, period) => {
  expect(spansIn(text).map(periodOf)).toEqual([period]);
});
