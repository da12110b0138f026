import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Agreement, parseAgreement } from './document.ts';
import { checkLaw, readLaw } from './law.ts';

const law = readLaw();
const text = readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');

/** What the example lacks in law once `change` has been at it, as `path: says`. */
function problemsAfter(change: (agreement: Agreement) => void): string[] {
  const parsed = parseAgreement(text);
  if (!parsed.ok) throw new Error('The example agreement is not valid');
  change(parsed.agreement);
  return checkLaw(parsed.agreement, law).map(({ path, says }) => `${path}: ${says}`);
}

describe('the law as data', () => {
  test.each(['gateways', 'lawfulBases', 'conditions'] as const)(
    'gives each of its %s a source and a status',
    (part) => {
      const provisions = [...law[part].values()];
      expect(provisions.length).toBeGreaterThan(8);
      for (const provision of provisions) {
        expect(provision).toMatchObject({
          law: expect.stringMatching(/./),
          section: expect.stringMatching(/./),
          source: expect.stringMatching(/./),
          status: expect.stringMatching(/./),
        });
        expect(provision.inForceFrom ?? '2018-05-25').toMatch(/^\d{4}-\d\d-\d\d$/);
      }
    },
  );

  test('names s.36 of the 2011 Act as the duty to give a commissioner information [R79]', () => {
    expect(law.gateways.get('G4')).toMatchObject({
      law: 'Police Reform and Social Responsibility Act 2011',
      section: 's.36',
      status: 'verified',
    });
  });
});

describe('an agreement checked against it', () => {
  test('lacks nothing in the example', () => {
    expect(problemsAfter(() => {})).toEqual([]);
  });

  test('may rest only on what is known', () => {
    const problems = problemsAfter(({ terms }) => {
      terms.lawfulBases = terms.lawfulBases.map((basis) => ({ ...basis, basis: 'legitimate' }));
      terms.conditions = terms.conditions.slice(0, 1).map((rule) => ({ ...rule, condition: 'sch1-99' }));
    });
    expect(problems).toEqual([
      'terms.lawfulBases[0].basis: “legitimate” is not in law/lawful-bases.yaml. Use an id from that file.',
      'terms.lawfulBases[1].basis: “legitimate” is not in law/lawful-bases.yaml. Use an id from that file.',
      'terms.conditions[0].condition: “sch1-99” is not in law/conditions.yaml. Use an id from that file.',
    ]);
  });

  test('may not rest on a duty that is enacted and not in force', () => {
    const [problem] = problemsAfter(({ terms }) => {
      const duty = law.gateways.get('G12');
      terms.powers = terms.powers.map((power) => ({
        ...power,
        gateway: 'G12',
        law: duty?.law ?? '',
        section: duty?.section ?? '',
      }));
    });
    expect(problem).toContain('terms.powers[0].gateway: Children Act 2004 s.16LA');
    expect(problem).toContain('not in force on 2026-01-05 (it is not known to be in force)');
  });

  test('may not rest on a provision from before it began', () => {
    const [problem] = problemsAfter((agreement) => {
      agreement.startsOn = '2012-11-21';
      agreement.terms.lawfulBases = [];
    });
    expect(problem).toBe(
      'terms.powers[0].gateway: Police Reform and Social Responsibility Act 2011 s.36: not in force on 2012-11-21 (from 2012-11-22).',
    );
  });

  test('calls a gateway by its own Act and section', () => {
    const problems = problemsAfter(({ terms }) => {
      terms.powers = terms.powers.map((power) => ({ ...power, section: 's.37' }));
    });
    expect(problems).toEqual([
      'terms.powers[0]: G4 is Police Reform and Social Responsibility Act 2011 s.36. Make the two agree.',
    ]);
  });

  test.each<[string, (agreement: Agreement) => void, string]>([
    [
      'a power',
      ({ terms }) => void terms.powers.pop(),
      'No power lets westmarch-police share with westmarch-opcc.',
    ],
    [
      'a lawful basis of the giver',
      ({ terms }) => void terms.lawfulBases.shift(),
      'westmarch-police has no lawful basis.',
    ],
    [
      'a lawful basis of the receiver',
      ({ terms }) => void terms.lawfulBases.pop(),
      'westmarch-opcc has no lawful basis.',
    ],
    [
      'a DPIA screening',
      ({ terms }) => void terms.dpia.shift(),
      'stop-and-search is personal data with no DPIA screening.',
    ],
    [
      'a retention period',
      ({ terms }) => void terms.retention.pop(),
      'street-crime has no retention period.',
    ],
  ])('wants %s for each share', (_, change, says) => {
    const problems = problemsAfter(change);
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toMatch(/^terms\.shares\[\d\]: /);
    expect(problems.join('\n')).toContain(says);
  });
});
