import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inconsistencies } from './consistency.ts';
import { type Agreement, parseAgreement } from './document.ts';

const text = readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');

/** The inconsistencies of the example once `spoil` has been at it, as `path: says`. */
function problemsAfter(spoil: (agreement: Agreement) => void): string[] {
  const parsed = parseAgreement(text);
  if (!parsed.ok) throw new Error('The example agreement is not valid');
  spoil(parsed.agreement);
  return inconsistencies(parsed.agreement).map(({ path, says }) => `${path}: ${says}`);
}

function first<T>(list: T[]): T {
  const [item] = list;
  if (item === undefined) throw new Error('The example has none');
  return item;
}

test('the example agrees with itself', () => {
  expect(problemsAfter(() => {})).toEqual([]);
});

test.each<[string, (agreement: Agreement) => void, string]>([
  [
    'a term whose clause nobody wrote',
    ({ terms }) => {
      terms.onward.clause = '4.99';
    },
    'terms.onward.clause: There is no clause “4.99”.',
  ],
  [
    'a power for somebody who is no party',
    ({ terms }) => {
      first(terms.powers).to = 'avonbury-council';
    },
    'terms.powers[0].to: There is no party “avonbury-council”. There are: westmarch-police, westmarch-opcc.',
  ],
  [
    'a lawful basis of somebody who is no party',
    ({ terms }) => {
      first(terms.lawfulBases).party = 'avonbury-council';
    },
    'terms.lawfulBases[0].party: There is no party “avonbury-council”.',
  ],
  [
    'a share for a purpose that is not agreed',
    ({ terms }) => {
      first(terms.shares).purpose = 'recruitment';
    },
    'terms.shares[0].purpose: There is no purpose “recruitment”. There are: hold-to-account, complaint-reviews.',
  ],
  [
    'retention for a data set that is not described',
    ({ terms }) => {
      first(terms.retention).dataSet = 'custody';
    },
    'terms.retention[0].dataSet: There is no data set “custody”.',
  ],
  [
    'an end before the start',
    (agreement) => {
      agreement.endsOn = '2025-12-31';
    },
    'endsOn: The end, 2025-12-31, is before the start, 2026-01-05.',
  ],
  [
    'a party that shares with itself',
    ({ terms }) => {
      first(terms.shares).to = 'westmarch-police';
    },
    'terms.shares[0].to: “westmarch-police” would share with itself.',
  ],
  [
    'one party twice',
    ({ parties }) => {
      parties.push(first(parties));
    },
    'parties[2]: “westmarch-police” is used twice.',
  ],
  [
    'one clause number twice',
    ({ clauses }) => {
      clauses.splice(1, 0, first(clauses));
    },
    'clauses[1]: “1” is used twice.',
  ],
  [
    'one column twice',
    ({ terms }) => {
      const { fields } = first(terms.datasets);
      fields.push(first(fields));
    },
    'terms.datasets[0].fields[8]: “Type” is used twice.',
  ],
  [
    'two retention periods for one data set',
    ({ terms }) => {
      terms.retention.push({ ...first(terms.retention), period: 'P7Y' });
    },
    'terms.retention[2]: “stop-and-search” is used twice.',
  ],
])('refuses %s', (_, spoil, problem) => {
  expect(problemsAfter(spoil)).toEqual([expect.stringContaining(problem)]);
});
