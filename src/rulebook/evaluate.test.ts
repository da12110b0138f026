import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate, type Finding, loadRulebook, type ReleaseFacts, type Rulebook } from './index.ts';
import { copyOfRulebook, factsWith, rulebookFolder } from './testing.fixture.ts';

const rulebook = loadRulebook(rulebookFolder);

function finding(id: string, changes: Record<string, unknown> = {}): Finding | undefined {
  return evaluate(rulebook, factsWith(changes)).findings.find((one) => one.rule === id);
}

/** The rulebook with one rule more, made from columns-present: another severity, scope or condition. */
function rulebookWith(id: string, changes: [text: string, replacement: string][]): Rulebook {
  const folder = copyOfRulebook();
  const made = readFileSync(join(folder, 'columns-present.cedar'), 'utf8').replace(
    '@id("columns-present")',
    `@id("${id}")`,
  );
  writeFileSync(
    join(folder, `${id}.cedar`),
    changes.reduce((text, [from, to]) => text.replace(from, to), made),
  );
  return loadRulebook(folder);
}

const tooMany = {
  'data.heldBack': 86,
  'data.alternatives': [
    { leaveOut: 'Gender', heldBack: 62 },
    { leaveOut: 'Age range', heldBack: 22 },
    { leaveOut: 'Self-defined ethnicity', heldBack: 8 },
  ],
};

describe('a failing rule says what was found, the limit, what would fix it, and its law', () => {
  test('too many rows in small groups [R102]', () => {
    expect(finding('held-back-within-limit', tooMany)).toEqual({
      rule: 'held-back-within-limit',
      title: 'Few enough people stand out',
      severity: 'must',
      outcome: 'fails',
      found: '86 of 301 rows (28.6%) are in groups smaller than 5',
      limit: 'at most 10% of rows',
      fixedBy: 'Leave out Self-defined ethnicity: 8 rows would then be held back',
      cite: [
        'UK GDPR Article 5(1)(c) (not verified)',
        'Data Protection Act 2018 section 37',
        'Data Sharing for the Criminal Justice System Guidance (October 2023) section 7.3',
      ],
    });
  });

  test.each<[string, string, Record<string, unknown>, string, string]>([
    [
      'the recipient is no party',
      'recipient-is-party',
      { recipient: { slug: 'avonbury-council', name: 'Avonbury Council' } },
      'Avonbury Council is not a party to ISA-2026-001',
      'Share with a party instead, or add Avonbury Council to the agreement by a change that every party signs',
    ],
    [
      'the purpose is not in the agreement [R113]',
      'purpose-in-agreement',
      { purpose: 'recruitment' },
      'The purpose asked for is recruitment',
      'Ask for one of those purposes, or add recruitment to the agreement by a change that every party signs',
    ],
    [
      'the data set is not agreed',
      'data-set-agreed',
      { dataSet: 'custody-records' },
      'ISA-2026-001 does not let Westmarch Police share custody-records with Westmarch Police and Crime Commissioner for hold-to-account',
      'Ask for data that the agreement covers, or add custody-records for hold-to-account by a change that every party signs',
    ],
    [
      'one party has not signed [R17, R44]',
      'signed-by-authorised-roles',
      { 'agreement.signedBy': ['westmarch-police'] },
      'Signed for Westmarch Police. Not signed for Westmarch Police and Crime Commissioner by a role that may sign',
      'Ask Westmarch Police and Crime Commissioner to sign. Only a role that may sign can do this',
    ],
    [
      'the agreement has not started [R44]',
      'agreement-in-force',
      { today: '2026-03-31' },
      'ISA-2026-001 has not started: it runs from 1 April 2026 to 31 March 2027, and today is 31 March 2026',
      'Wait until 1 April 2026, or agree an earlier start that every party signs',
    ],
    [
      'the agreement has ended [R44]',
      'agreement-in-force',
      { today: '2027-04-01' },
      'ISA-2026-001 has ended: it runs from 1 April 2026 to 31 March 2027, and today is 1 April 2027',
      'Renew the agreement: agree a new end date that every party signs',
    ],
    [
      'no lawful basis is named [R79, R80]',
      'lawful-basis-and-gateway-named',
      { 'agreement.lawfulBasis': false },
      'For stop-and-search the terms name a legal power and not a lawful basis',
      'Name a lawful basis for stop-and-search in the agreement, by a change that every party signs',
    ],
    [
      'a DPIA is needed and not done [R93]',
      'dpia-screened',
      { 'agreement.dpiaScreening.outcome': 'dpia-needed' },
      'Screened on 16 February 2026 (DPIA-2026-004): a DPIA is needed and has not been done',
      'Do the DPIA with your data protection officer and record it in the agreement',
    ],
    [
      'the file cannot be read [R96]',
      'file-readable',
      { 'data.problem': 'row 17 has 14 values where the header has 15' },
      'The file could not be read: row 17 has 14 values where the header has 15',
      'Correct the file and send it again',
    ],
    [
      'columns are missing [R96]',
      'columns-present',
      { 'data.missing': ['Gender', 'Age range'] },
      '2 columns missing: Gender and Age range',
      'Add Gender and Age range to the file, or agree a new list of columns',
    ],
    [
      'values are of the wrong type [R96]',
      'column-types',
      {
        'data.wrongTypes': [
          { field: 'Date', type: 'timestamp', failed: 30, rows: [4, 9, 12] },
          { field: 'Latitude', type: 'number', failed: 1, rows: [7] },
        ],
      },
      'Date: 30 values not of type timestamp, first in rows 4, 9 and 12. Latitude: 1 value not of type number, in row 7',
      'Correct those values and send the file again',
    ],
    [
      'a check of quality fails [R96, R97]',
      'quality-as-agreed',
      {
        'data.failedChecks': [
          { says: 'Age is from 10 to 17', failed: 30, rows: [4, 9, 12] },
          { says: 'The newest Date is at most 30 days old', failed: 1, rows: [] },
        ],
      },
      'Age is from 10 to 17: not so in 30 rows, first in rows 4, 9 and 12. The newest Date is at most 30 days old: this is not so',
      'Correct those rows and send the file again, or agree that the check only warns',
    ],
    [
      'the preparer approved it [R16]',
      'approver-not-preparer',
      {
        approval: {
          by: 'person',
          preparer: 'p1',
          preparedFor: 'p1',
          approver: 'p1',
          approvedFor: 'p1',
        },
      },
      'The person who prepared the release approved it',
      'Ask another person who may approve, in a role of their own, to look at the release and approve it',
    ],
  ])('%s', (_, rule, changes, found, fixedBy) => {
    expect(finding(rule, changes)).toMatchObject({ outcome: 'fails', found, fixedBy });
  });

  test('a passing rule says what was found, and has nothing to fix', () => {
    expect(finding('held-back-within-limit')).toMatchObject({
      outcome: 'passes',
      found: '25 of 301 rows (8.3%) are in groups smaller than 5',
      fixedBy: null,
    });
  });

  test('a share just over the limit never reads as the limit', () => {
    const found = (heldBack: number) =>
      finding('held-back-within-limit', { 'data.rowsIn': 100_000, 'data.heldBack': heldBack })?.found;
    expect(found(10_001)).toBe('10001 of 100000 rows (10.001%) are in groups smaller than 5');
    expect(found(10_000)).toBe('10000 of 100000 rows (10%) are in groups smaller than 5');
    expect(found(1)).toBe('1 of 100000 rows (0.001%) is in groups smaller than 5');
  });

  test('law that is not yet in force that day is not cited', () => {
    const cited = (today: string) => finding('purpose-in-agreement', { today })?.cite;
    expect(cited('2026-02-04')).not.toContain('UK GDPR Article 8A');
    expect(cited('2026-02-05')).toContain('UK GDPR Article 8A');
  });
});

describe('the verdict', () => {
  test('is a smaller set where leaving out one field lets every must pass, the one holding back the fewest rows', () => {
    const { verdict, smallerSet } = evaluate(rulebook, factsWith(tooMany));
    expect(verdict).toBe('smaller-set');
    expect(smallerSet).toEqual({
      leaveOut: ['Self-defined ethnicity'],
      says: 'Leave out Self-defined ethnicity: 8 rows would then be held back',
    });
  });

  test('is a refusal where another must fails too, and still says what would fix each', () => {
    const { verdict, smallerSet, findings } = evaluate(
      rulebook,
      factsWith({ ...tooMany, purpose: 'recruitment' }),
    );
    expect(verdict).toBe('refuse');
    expect(smallerSet).toBeNull();
    expect(findings[0]?.fixedBy).toBe('Leave out Self-defined ethnicity: 8 rows would then be held back');
  });

  test('refers to a person where only advice fails, and a must that fails outweighs it', () => {
    const withAdvice = rulebookWith('advice', [
      ['("must")', '("should")'],
      ['context.data.missing.isEmpty()', 'context.data.rowsIn > 1000'],
    ]);
    expect(evaluate(withAdvice, factsWith()).verdict).toBe('refer');
    expect(evaluate(withAdvice, factsWith({ purpose: 'recruitment' })).verdict).toBe('refuse');
    const { verdict, findings } = evaluate(withAdvice, factsWith(tooMany));
    expect(verdict).toBe('smaller-set');
    expect(findings.slice(0, 2).map((one) => one.rule)).toEqual(['held-back-within-limit', 'advice']);
  });

  test('says which rulebook and which facts it rests on', () => {
    const one = evaluate(rulebook, factsWith());
    expect(one.rulebook).toBe(rulebook.hash);
    expect(one.factsHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(evaluate(rulebook, factsWith({ 'data.heldBack': 24 })).factsHash).not.toBe(one.factsHash);
  });

  test('lists its findings in the same order every time', () => {
    const worst = factsWith({
      ...tooMany,
      today: '2027-04-01',
      'agreement.signedBy': [],
      'data.missing': ['Gender'],
    });
    const orders = Array.from({ length: 20 }, () =>
      evaluate(rulebook, worst)
        .findings.map((one) => one.rule)
        .join(),
    );
    expect(new Set(orders)).toEqual(
      new Set([
        'agreement-in-force,columns-present,held-back-within-limit,signed-by-authorised-roles,' +
          'approver-not-preparer,column-types,data-set-agreed,dpia-screened,file-readable,' +
          'lawful-basis-and-gateway-named,purpose-in-agreement,quality-as-agreed,recipient-is-party',
      ]),
    );
  });
});

describe('it fails closed', () => {
  test('a rule that errors when it runs is a fault, though Cedar alone would skip it and allow', () => {
    const overflows = rulebookWith('overflows', [
      ['context.data.missing.isEmpty()', 'context.data.rowsIn * 9223372036854775807 > 0'],
    ]);
    expect(() => evaluate(overflows, factsWith())).toThrow(/could not be applied: integer overflow/);
  });

  test('a deny that no rule explains is a fault', () => {
    const noPermit = {
      ...rulebook,
      hash: 'test: no permit',
      permit: 'permit (principal, action, resource) when { false };',
    };
    expect(() => evaluate(noPermit, factsWith())).toThrow(/Cedar says deny because of ""/);
  });

  test('a day on which no rule is in force is a fault', () => {
    expect(() => evaluate(rulebook, factsWith({ today: '2018-05-24' }))).toThrow(
      /no rule in force on 2018-05-24/,
    );
  });

  test('a rule whose last day has passed no longer looks', () => {
    const dated = rulebookWith('dated', [
      ['@severity', '@until("2026-11-22")\n@severity'],
      ['context.data.missing.isEmpty()', 'context.data.rowsIn > 1000'],
    ]);
    expect(evaluate(dated, factsWith({ today: '2026-11-22' })).verdict).toBe('refuse');
    expect(evaluate(dated, factsWith({ today: '2026-11-23' })).verdict).toBe('share');
  });

  test.each<[string, (facts: ReleaseFacts) => object]>([
    ['a release without its approval', (facts) => ({ ...facts, approval: null })],
    ['a release without its data', (facts) => ({ ...facts, data: null })],
    ['a request that already has data', (facts) => ({ ...facts, action: 'decide' })],
    ['a fact that no rule knows', (facts) => ({ ...facts, urgent: true })],
    ['a day that does not exist', (facts) => ({ ...facts, today: '2026-02-30' })],
    ['a limit without a group size', (facts) => ({ ...facts, data: { ...facts.data, k: null } })],
    ['more rows held back than came in', (facts) => ({ ...facts, data: { ...facts.data, heldBack: 302 } })],
    ['a limit finer than a millionth', (facts) => ({ ...facts, data: { ...facts.data, limit: 0.1234567 } })],
  ])('%s is a fault', (_, change) => {
    expect(() => evaluate(rulebook, change(factsWith()) as ReleaseFacts)).toThrow();
  });
});
