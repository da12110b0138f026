import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import {
  type Agreement,
  agreementDigest,
  agreementJsonSchema,
  type ParsedAgreement,
  parseAgreement,
} from './document.ts';

const exampleText = readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');

function agreementOf(parsed: ParsedAgreement): Agreement {
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, says }) => `${path}: ${says}`).join('\n'));
  return parsed.agreement;
}

const example = () => agreementOf(parseAgreement(exampleText));

/** The problems of the example once `spoil` has been at it, as `path: says`. */
// biome-ignore lint/suspicious/noExplicitAny: a test breaks the document in ways its type forbids
function problemsAfter(spoil: (agreement: any) => void): string[] {
  const spoilt = structuredClone(example());
  spoil(spoilt);
  const parsed = parseAgreement(stringify(spoilt));
  return parsed.ok ? [] : parsed.problems.map(({ path, says }) => `${path}: ${says}`);
}

describe('the example agreement', () => {
  test('states its parties, purposes, powers, lawful bases, data, security and review [R38, R50]', () => {
    const { reference, parties, terms } = example();
    expect(reference).toBe('ISA-2026-001');
    expect(parties.map((party) => party.organisation)).toEqual(['westmarch-police', 'westmarch-opcc']);
    expect(terms.purposes.map((purpose) => purpose.id)).toEqual(['hold-to-account', 'complaint-reviews']);
    expect(terms.powers.map((power) => power.gateway)).toEqual(['G4']);
    expect(terms.lawfulBases.map((basis) => basis.basis)).toEqual(['gdpr-6-1-c', 'gdpr-6-1-e']);
    expect(terms.retention.map((rule) => rule.period)).toEqual(['P1Y', 'P1Y']);
    expect(terms.review).toMatchObject({ firstAfter: 'P6M', every: 'P12M' });
  });

  test('gives standing approval for accountability and none for complaint reviews [R45]', () => {
    const standing = example().terms.shares.map((share) => [
      share.dataSet,
      share.purpose,
      share.standingApproval,
    ]);
    expect(standing).toEqual([
      ['stop-and-search', 'hold-to-account', true],
      ['street-crime', 'hold-to-account', true],
      ['stop-and-search', 'complaint-reviews', false],
    ]);
  });

  test('lists columns that the files of data.police.uk have', () => {
    const columns: Record<string, string> = {
      'stop-and-search':
        'Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,Outcome linked to object of search,Removal of more than just outer clothing',
      'street-crime':
        'Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context',
    };
    for (const { id, fields } of example().terms.datasets) {
      expect(columns[id]?.split(',')).toEqual(expect.arrayContaining(fields.map((field) => field.name)));
    }
  });
});

describe('the digest', () => {
  test('is the same however the text is laid out', () => {
    const agreement = example();
    const upsideDown = Object.fromEntries(Object.entries(agreement).reverse());
    const digest = agreementDigest(agreement);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(agreementDigest(agreementOf(parseAgreement(JSON.stringify(agreement))))).toBe(digest);
    expect(agreementDigest(agreementOf(parseAgreement(JSON.stringify(upsideDown, null, '\t'))))).toBe(digest);
    expect(agreementDigest(agreementOf(parseAgreement(stringify(agreement, { lineWidth: 40 }))))).toBe(
      digest,
    );
  });

  test('changes with one word of a clause and with one number of a term', () => {
    const words = example();
    const numbers = example();
    for (const clause of words.clauses) clause.text = clause.text.replace('24 hours', '25 hours');
    numbers.terms.incidents.tellPartnerWithinHours = 25;
    expect(new Set([example(), words, numbers].map(agreementDigest)).size).toBe(3);
  });
});

describe('the shape', () => {
  test('is told with all its problems at once, each with what to do', () => {
    expect(
      problemsAfter((agreement) => {
        delete agreement.title;
        agreement.startsOn = '5 January 2026';
        agreement.marking = 'SECRET';
        agreement.terms.incidents.tellPartnerWithinHours = 'a day';
      }),
    ).toEqual([
      'title: This is missing. Add it.',
      'startsOn: Write a day as YYYY-MM-DD, such as 2026-01-05.',
      'marking: This must be one of: OFFICIAL, OFFICIAL-SENSITIVE.',
      'terms.incidents.tellPartnerWithinHours: This must be a number.',
    ]);
  });

  test('refuses a misspelt term rather than drop it silently', () => {
    const problems = problemsAfter((agreement) => {
      const [dataSet] = agreement.terms.datasets;
      dataSet.protecton = dataSet.protection;
      delete dataSet.protection;
    });
    expect(problems).toEqual([
      'terms.datasets[0]: There is no such part here: protecton. Check the spelling, or take it out.',
    ]);
  });

  test('wants each party to say whether it is controller or processor, and its registration [R5, R22]', () => {
    const problems = problemsAfter((agreement) => {
      delete agreement.parties[0].role;
      delete agreement.parties[1].registration;
    });
    expect(problems).toEqual([
      'parties[0].role: This is missing. Choose one of: controller, joint-controller, processor.',
      'parties[1].registration: This is missing. Add it.',
    ]);
  });

  test('names the roles that may sign, from the roles there are [R16]', () => {
    const [problem] = problemsAfter((agreement) => {
      agreement.parties[0].maySign = ['chief-constable'];
    });
    expect(problem).toMatch(/^parties\[0\]\.maySign\[0\]: This must be one of: practitioner, spoc, dpo/);
  });

  test('gives the originator time: a partner is told of an incident in under 72 hours', () => {
    const [problem] = problemsAfter((agreement) => {
      agreement.terms.incidents.tellPartnerWithinHours = 72;
    });
    expect(problem).toContain('fewer than 72 hours');
  });

  test.each([
    [
      'a clause number read as a fraction',
      'clauses:\n  - id: 4.10\n    text: x',
      'clauses[0].id: This must be text.',
    ],
    ['an unknown use of a field', 'terms: { datasets: [{ fields: [{ use: hash }] }] }', 'Choose keep, drop'],
    ['no agreement at all', '', 'document: This must be a group of named values.'],
  ])('explains %s', (_, text, says) => {
    const parsed = parseAgreement(text);
    const problems = parsed.ok ? [] : parsed.problems.map(({ path, says }) => `${path}: ${says}`);
    expect(problems.join('\n')).toContain(says);
  });

  test('is published as a JSON Schema that allows nothing else', () => {
    const schema = agreementJsonSchema();
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(Object.keys(example()));
  });
});

describe('the text', () => {
  const bomb = `a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]`;

  test.each([
    [
      'a name given twice',
      'reference: A\nreference: B',
      'line 2: This name is given twice. Keep one of them.',
    ],
    ['a name given twice in JSON', '{"version": 1, "version": 2}', 'line 1: This name is given twice.'],
    ['a tag', 'title: !!binary aGk=', 'line 1: There is a tag here'],
    [
      'a tag in a text that says it is YAML 1.1',
      '%YAML 1.1\n---\ntitle: !!binary aGk=',
      'line 3: There is a tag here',
    ],
    ['a second document', 'version: 1\n---\nversion: 2', 'line 2: A second document starts here.'],
    ['aliases that unfold', bomb, 'document: A document is written out in full.'],
    ['an open bracket', 'parties: [', 'line 1: This is not plain YAML or JSON:'],
    [
      'a text of over a million characters',
      `# ${'x'.repeat(1_000_000)}`,
      'document: This is over a million characters',
    ],
  ])('is refused with %s', (_, text, says) => {
    const parsed = parseAgreement(text);
    expect(
      parsed.ok ? 'accepted' : parsed.problems.map(({ path, says }) => `${path}: ${says}`).join('\n'),
    ).toContain(says);
  });

  test('keeps days as written, also where YAML 1.1 would make them moments', () => {
    const parsed = parseAgreement(`%YAML 1.1\n---\n${exampleText}`);
    expect(agreementDigest(agreementOf(parsed))).toBe(agreementDigest(example()));
  });
});

test('half of a character is no text: what holds one is refused at its place, and not a fault', () => {
  const half = JSON.stringify({ ...example(), title: '\uD800 agreement' });
  expect(parseAgreement(half)).toEqual({
    ok: false,
    problems: [
      { path: 'title', says: 'This holds half of a character. Write the whole character, or take it out.' },
    ],
  });
});
