import { describe, expect, it, test } from 'vitest';
import type { Day } from '../../platform/pure/dates.ts';
import { readText } from '../read/read-text.ts';
import { lint } from './lint.ts';
import { readLintLaw } from './lint-law.ts';

const law = readLintLaw();
const today = '2026-11-22' as Day;
const linted = (text: string, asOf = today) => lint(readText(text), law, asOf);
const statusOf = (text: string, id: string) => linted(text).components.find((one) => one.id === id)?.status;
const outdatedIn = (text: string) => linted(text).outdated.map(({ id, line }) => `${id}:${line}`);
const faultsIn = (text: string, asOf = today) =>
  linted(text, asOf).logic.map(({ id, line }) => `${id}:${line}`);

// In our own words: a short agreement with some of what is asked.
const agreement = `# Data Sharing Agreement

Reference: DSA-2025-014, version 1.2, issued 3 March 2025. Document owner: the Records Manager.

| Contents | Page |
| --- | --- |
| 1 Purpose | 2 |
| 2 Retention | 3 |

## 1 Purpose

This agreement is between Northby Council and the Chief Constable of Eastmoor Police. The purpose of this agreement is to
reduce harm to children.

Section 115 of the Crime and Disorder Act 1998 is the power of both parties. Both rely on the lawful basis of public task.

## 2 Retention

The data are kept for two years and then securely deleted. A certificate of destruction is sent.

## 3 Start

It starts on 1 April 2025 and is reviewed every year.

Signed: the Records Manager
Date: 28 March 2025
`;

describe('a component', () => {
  it.each([
    ['C02', 'weak'],
    ['C05', 'present'],
    ['C09', 'present'],
    ['C10', 'present'],
    ['C16', 'missing'],
    ['C29', 'present'],
    ['C44', 'not-applicable'],
  ])('%s is %s', (id, status) => {
    expect(statusOf(agreement, id)).toBe(status);
  });

  it('tells where it is and what it lacks', () => {
    const found = linted(agreement).components.find(({ id }) => id === 'C29');
    expect(found).toEqual({
      id: 'C29',
      status: 'present',
      evidence: [
        {
          line: 19,
          text: expect.stringMatching(/^(The data are kept|A certificate)/),
        },
      ],
      lacks: [],
    });
    const c16 = linted(agreement).components.find(({ id }) => id === 'C16');
    expect(c16?.lacks).toEqual(['an assessment', 'its result, date or reference']);
  });

  it.each([
    ['what is left out', 'This agreement does not cover freedom of information requests.', 'C20'],
    ['a heading with nothing under it', '## Data protection impact assessment\n\nSee the annex.', 'C16'],
    ['an entry in a list of contents', 'Contents\n\nHuman rights ........ 4\nComplaints ....... 7\n', 'C15'],
    ['what is still to be agreed', 'The data protection officers are to be confirmed.', 'C03'],
    [
      'law on how information is handled, as a power to share',
      'The Data Protection Act 2018, section 35.',
      'C09',
    ],
    ['activities, as a regime', 'It is about law enforcement activities.', 'C12'],
  ])('is not found in %s', (_, text, id) => {
    expect(statusOf(text, id)).toBe('missing');
  });

  it.each([
    ['a question that nobody answered', 'Has a DPIA been carried out?', 'C16'],
    ['a place to fill in', 'The DPIA is [insert reference and date].', 'C16'],
    ['what is not there yet', 'No data protection impact assessment has been carried out.', 'C16'],
    ['a definition', '“Controller” has the meaning given in Article 4.', 'C04'],
    [
      'a power of the common law, as a duty of confidence',
      'The police rely on their common law powers.',
      'C14',
    ],
    ['what is changed in Acts', 'A statute is meant as amended from time to time.', 'C34'],
  ])('is not found in %s', (_, text, id) => {
    expect(statusOf(text, id)).toBe('missing');
  });

  it.each([
    ['what leads in to a list', 'Information is shared about:\n\n- tenants\n- their carers', 'C07'],
    [
      'the question beside it',
      'C4  Who are the people?    Patients and\n                           carers\nC5  What?                  Nothing',
      'C07',
    ],
    ['the heading', '## How long it is kept\n\nSix years after the case is closed.', 'C29'],
    [
      'the sentence before, in the paragraph',
      'A subject access request may reach either party. Whoever gets it answers it within a month.',
      'C19',
    ],
    ['a table', '| Retention period | Lists: 12 months |', 'C29'],
    ['a table that is set with spaces', 'Case file      Police      kept for 7 years', 'C29'],
  ])('is read with %s', (_, text, id) => {
    expect(statusOf(text, id)).not.toBe('missing');
  });

  it.each([
    ['No criminal offence data is shared.', 'C12'],
    ['The file does not include special category data.', 'C11'],
  ])('does not apply where it is said that there is none: %s', (text, id) => {
    expect(statusOf(text, id)).toBe('not-applicable');
  });

  it('takes 72 hours for the partner as too late, and for the Commissioner as the law', () => {
    const lacks = (text: string) => linted(text).components.find(({ id }) => id === 'C31')?.lacks;
    expect(lacks('A breach is told to the other party within 72 hours.')).toContain(
      'how soon, in less than the 72 hours there are for the Commissioner',
    );
    expect(lacks('A breach is told to the other party within 12 hours, to the ICO within 72 hours.')).toEqual(
      ['what is told and how they work together'],
    );
  });

  it('is found by what it says of its absence, where that is what is asked', () => {
    expect(statusOf('There is no transfer outside the United Kingdom.', 'C30')).toBe('present');
  });

  it.each([
    [
      '## What if we fall out?\n\nThe two contacts try to settle it within a week, then the directors.',
      'C36',
      'present',
    ],
    ['## How do we keep the data right?\n\nNames are checked before a marker is set.', 'C22', 'present'],
    ['## Who publishes the figures?\n\nThe annual table is approved by the board.', 'C38', 'present'],
  ])('is found beneath a question that names it: %j', (text, id, status) => {
    expect(statusOf(text, id)).toBe(status);
  });

  it('asks a section of every Act that is relied on', () => {
    const one = 'Section 14 of the Offender Management Act 2007 applies.';
    expect(statusOf(one, 'C09')).toBe('present');
    expect(statusOf(`${one}\n\nSo does the Localism Act 2011.`, 'C09')).toBe('weak');
  });

  it('changes to missing when its evidence goes, and no other changes that did not stand on those lines', () => {
    const before = linted(agreement).components;
    for (const { id, evidence, status } of before) {
      if (status === 'missing' || status === 'not-applicable') continue;
      const gone = new Set(evidence.map(({ line }) => line));
      const rest = agreement
        .split('\n')
        .map((line, at) => (gone.has(at + 1) ? '' : line))
        .join('\n');
      for (const after of linted(rest).components) {
        const was = before.find((one) => one.id === after.id);
        if (after.id === id && id !== 'C01') expect([id, after.status]).toEqual([id, 'missing']);
        else if (!was?.evidence.some(({ line }) => gone.has(line))) expect(after).toEqual(was);
      }
    }
  });
});

describe('out of date', () => {
  it.each([
    ['under the Data Protection Act (1998)', ['D01:1']],
    ['under the Data Protection\nAct 1998, and so on', ['D01:1']],
    ['The term “data owner” is not used here.', []],
    ['Addresses in .gsi.gov.uk were closed and must not be used.', []],
    ['Old papers marked CONFIDENTIAL are kept.', []],
    ['A tenant pays a £10 charge for a key.', []],
    ['There is a fee of £10 for a request to see what is held.', ['D32:1']],
    ['Its office is 3 Safe Harbour Court.', []],
    ['The Data Protection Act 1998 was repealed in 2018.', []],
    ['A privacy impact assessment (PIA) was made.', ['D15:1']],
    ['It stays within the EEA.', ['D12:1']],
    ['It stays within the UK and the EEA.', []],
    ['marked OFFICIAL SENSITIVE', ['D09:1']],
    ['marked OFFICIAL-SENSITIVE', []],
    ['ISO/IEC 27001:2013', ['D10:1']],
    ['ISO/IEC 27001:2022', []],
    ['The GDPR applies.', ['D14:1']],
    ['The UK GDPR (“the GDPR”) applies. The GDPR binds both.', []],
    ['Breaches are reported to the other party within 72 hours.', ['D39:1']],
    ['Breaches are reported to the Information Commissioner within 72 hours.', []],
    ['It supersedes the agreement of 2016, which had been made under the Data Protection Act 1998.', []],
    ['She took over from the former Police Authority.', []],
    ['Public Health England sits on the board.', ['D24:1']],
    ['A fax must not be used.', []],
    ['It is sent by fax to the ward.', ['D34:1']],
    ['The alarm becomes the property of the household.', []],
    ['All information remains the property of the sender.', ['D41:1']],
    ['Turn left into Queen Street.', []],
    ['Her Majesty’s Inspectorate', ['D35:1']],
    ['It stays within the UK or the EU.', ['D12:1']],
    ['A fee of £10 is asked, and the answer is given within 40 days.', ['D32:1']],
    ['“GDPR” means the UK GDPR.\n\nThe GDPR binds both.', []],
    ['marked CONFIDENTIAL', ['D08:1']],
    ['It is confidential.', []],
    ['The form is [here](#).', ['D40:1']],
    ['The form is [here](https://example.org).', []],
    ['in line with the Act as outlined above', ['D42:1']],
    ['Cases went to a Community Rehabilitation Company. That arrangement came to an end in 2021.', []],
    ['Cases go to a Community Rehabilitation Company. It has an office.', ['D25:1']],
    ['E2  How?          Not by e-mail,\n                  post or fax.\nE3  When?         Monthly', []],
    ['GDPR     the UK GDPR\nDPO      an officer\n\nThe GDPR binds both.', []],
    ['Goods brought in from outside the European Union are seized.', []],
  ])('%j: %j', (text, found) => {
    expect(outdatedIn(text)).toEqual(found);
  });

  it('is not what was right on the day', () => {
    expect(linted('ISO/IEC 27001:2013', '2020-01-01' as Day).outdated).toEqual([]);
  });
});

describe('what does not fit', () => {
  it('is nothing where it does, apart from what is missing', () => {
    expect(faultsIn(agreement, '2025-06-01' as Day)).toEqual(['no-sar-procedure:1', 'contents-mismatch:21']);
  });

  it('is a signature after the first day, and a review that was missed', () => {
    const late = agreement.replace('28 March 2025', '2/4/25');
    expect(faultsIn(late, '2025-06-01' as Day)).toContain('signed-after-start:26');
    expect(faultsIn(agreement, '2026-04-01' as Day)).toContain('review-overdue:23');
    expect(faultsIn(`${agreement}\nDate of last review: April 2026\n`, '2026-04-01' as Day)).not.toContain(
      'review-overdue:23',
    );
    expect(linted(late).dates).toEqual({
      commencement: '2025-04-01',
      signatures: ['2025-04-02'],
      reviewsDue: ['2026-04-01'],
      reviewsRecorded: [],
      overdueSince: '2026-04-01',
      nextReview: '2027-04-01',
    });
  });

  it('does not take the day of a review that was made for the next one', () => {
    const text = agreement.replace(
      'is reviewed every year.',
      'is reviewed every year. It was last reviewed on 3 June 2026.',
    );
    expect(linted(text, '2026-07-01' as Day).dates).toMatchObject({
      reviewsRecorded: ['2026-06-03'],
      nextReview: '2027-04-01',
    });
  });

  it.each([
    ['reviewed six months after it starts and then every twelve months', ['2025-10-01']],
    [
      'reviewed six months after commencement, and annually from the date of commencement',
      ['2025-10-01', '2026-04-01'],
    ],
    ['reviewed in June of every year', ['2025-06-01', '2026-06-01']],
    ['reviewed on its first anniversary and every two years from then on', ['2026-04-01']],
  ])('counts the reviews of what is %s', (rule, due) => {
    const text = agreement.replace('is reviewed every year', `is ${rule}`);
    expect(linted(text, '2026-09-01' as Day).dates.reviewsDue).toEqual(due);
  });

  it('takes roles of the parties for no bodies', () => {
    const text =
      'Between Northby Council and Eastmoor Police.\n\nThe SPOCs must agree.\n\nSignatures\n\nNorthby Council: 1 May 2025\n\nEastmoor Police: 1 May 2025';
    expect(faultsIn(text)).not.toContain('party-not-bound:3');
  });

  it.each([
    ['The agreement starts on completion of the pilot.', 'start-date-vague:1'],
    ['It will come into operation as soon as the portal is ready.', 'start-date-vague:1'],
    [
      'It may be given to any school, without asking.\n\nIt is never released to anybody else unless the manager has given written permission.',
      'onward-rules-conflict:3',
    ],
    [
      '## Freedom of information requests\n\nThe hospital may not release anything unless the police have agreed in writing.',
      'foi-consent-conflict:3',
    ],
    ['Records are shredded when no longer needed.', 'retention-no-period:1'],
    [
      'It is not passed to third parties without the written consent of the sender.\n\nThird parties get it with the approval of the board.',
      'onward-rules-conflict:3',
    ],
    [
      'Freedom of information is observed.\n\nNothing is released without the consent of the force, also on requests from the public.',
      'foi-consent-conflict:3',
    ],
    ['Signed:\n\nActing Chief Executive, Northby Council\n\nDate: 1 May 2025', 'acting-signatory:3'],
    ['Signatures\n\nNorthby Council - Interim Director - A. Name - signed 1 May 2025', 'acting-signatory:3'],
    ['The protocol begins in Spring 2019.', 'start-date-vague:1'],
    ['It is reviewed every two years. The next review is due in May 2021.', 'review-overdue:1'],
    [
      '| Date it comes into force | 1 May 2024 |\n\n## Signatures\n\n| Date | 3 May 2024 |',
      'signed-after-start:5',
    ],
    [
      'Partners can pass it on to other shops if they think it helps.\n\nIt must not be given to any person without the written authority of the Chief Constable.',
      'onward-rules-conflict:3',
    ],
    [
      'The parties are:\n\n(a) Northby Council\n(b) Eastmoor Police\n(c) Larch Homes\n\nSignatures\n\nFor Northby Council: A. Name, 1 May 2025\n\nFor Eastmoor Police: B. Name, 1 May 2025',
      'party-not-bound:5',
    ],
    [
      'Between Northby Council and Eastmoor Police.\n\nHazel Support Line must delete it.\n\nSignatures\n\nNorthby Council: 1 May 2025',
      'party-not-bound:3',
    ],
    [
      'Between Northby Police and the Northby Commissioner.\n\nThe Northby Children’s Hub will send a return.\n\nSignatures\n\nNorthby Police: 1 May 2025\n\nCommissioner: 1 May 2025',
      'party-not-bound:3',
    ],
    [
      'It may share the information with its contractors where it considers that they need it.\n\nNothing is disclosed to anyone without the written approval of the supplier.',
      'onward-rules-conflict:3',
    ],
    [
      'It is disclosed to nobody unless the force has given written approval. This applies equally to requests under the Freedom of Information Act.',
      'foi-consent-conflict:1',
    ],
    ['People have rights to see their information, which the parties respect.', 'no-sar-procedure:1'],
    [
      'H1  When does it begin?   Early spring, once it is ready\nH2  And end?              2029',
      'start-date-vague:1',
    ],
    [
      'Files may not leave the team in any circumstances.\n\nWhere it would help, the team may pass the file on to the sergeant.',
      'onward-rules-conflict:3',
    ],
    [
      '## Requests from the public\n\nFreedom of information is observed.\n\nNothing is released unless the sender has given its consent.',
      'foi-consent-conflict:5',
    ],
  ])('%j: %s', (text, fault) => {
    expect(faultsIn(text)).toContain(fault);
  });
});

test('a blank of a template that nobody filled in is told at its place; a link, and what a law leaves out, are none', () => {
  const text =
    'It ends after [insert period].\n\nSee [Insert tab](https://a.example) and “he [the tenant] pays”.\n\nKept [say how long].';
  expect(faultsIn(text).filter((one) => one.startsWith('blank-left'))).toEqual([
    'blank-left:1',
    'blank-left:5',
  ]);
});

test('a sentence that never ends, and a file of nothing, are read', () => {
  expect(readText('').sentences).toEqual([]);
  const long = readText(`${'a '.repeat(5_000)}${'b'.repeat(5_000)}`).sentences;
  expect(long.length).toBeGreaterThan(6);
  expect(Math.max(...long.map(({ text }) => text.length))).toBe(2_000);
});
