import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPrepared, isReleased, type ReleaseFacts } from './facts.ts';
import { evaluate, loadRulebook } from './index.ts';
import { factsWith, rulebookFolder } from './testing.fixture.ts';

const rulebook = loadRulebook(rulebookFolder);

// Each rule once more, in TypeScript and in other words: what must be true, or null where the rule does not look.
const holds: Record<string, (facts: ReleaseFacts) => boolean | null> = {
  'recipient-is-party': (f) => f.agreement.parties.some((slug) => slug === f.recipient.slug),
  'purpose-in-agreement': (f) => f.agreement.purposes.some((id) => id === f.purpose),
  'data-set-agreed': (f) =>
    f.agreement.parties.includes(f.recipient.slug) && f.agreement.purposes.includes(f.purpose)
      ? f.agreement.shares.some(
          (s) =>
            [s.dataSet, s.purpose, s.from, s.to].join() ===
            [f.dataSet, f.purpose, f.sender.slug, f.recipient.slug].join(),
        )
      : null,
  'signed-by-authorised-roles': (f) =>
    f.agreement.parties.every((party) => f.agreement.signedBy.includes(party)),
  'agreement-in-force': (f) => !(f.today < f.agreement.startsOn) && !(f.today > f.agreement.endsOn),
  'lawful-basis-and-gateway-named': (f) =>
    f.agreement.personalData ? f.agreement.lawfulBasis && f.agreement.gateway : f.agreement.gateway,
  'dpia-screened': ({ today, agreement: { personalData, dpiaScreening: s } }) =>
    personalData
      ? s.done &&
        s.on !== null &&
        s.on <= today &&
        (s.outcome === 'dpia-done' || s.outcome === 'dpia-not-needed')
      : null,
  'file-readable': (f) => (isPrepared(f) ? f.data.problem === null : null),
  'columns-present': (f) => (isPrepared(f) && f.data.problem === null ? f.data.missing.length === 0 : null),
  'column-types': (f) => (isPrepared(f) && f.data.problem === null ? f.data.wrongTypes.length === 0 : null),
  'quality-as-agreed': (f) =>
    isPrepared(f) && f.data.problem === null ? f.data.failedChecks.length === 0 : null,
  'held-back-within-limit': (f) =>
    isPrepared(f) && f.data.problem === null && f.data.k !== null && f.data.limit !== null
      ? BigInt(f.data.heldBack) * 100n <= BigInt(f.data.rowsIn) * BigInt(Math.round(f.data.limit * 100))
      : null,
  'approver-not-preparer': (f) =>
    isReleased(f)
      ? f.approval.by === 'agreement' ||
        new Set([f.approval.preparer, f.approval.preparedFor]).size +
          new Set([f.approval.approver, f.approval.approvedFor]).size ===
          new Set(Object.values(f.approval).filter((one) => one !== 'person')).size
      : null,
};

/** Mostly the ordinary value, so that a good share of cases pass; else one of the others. */
function usually<T>(ordinary: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(ordinary) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const approvedBy = (preparer: string, preparedFor: string, approver: string, approvedFor: string) => ({
  by: 'person',
  preparer,
  preparedFor,
  approver,
  approvedFor,
});

const [police, opcc, council] = ['westmarch-police', 'westmarch-opcc', 'avonbury-council'];
const rows = fc.integer({ min: 0, max: 1000 }).chain((rowsIn) =>
  fc.record({
    'data.rowsIn': fc.constant(rowsIn),
    'data.heldBack': fc.oneof(fc.nat({ max: rowsIn }), fc.constant(Math.floor(rowsIn / 10)), fc.constant(0)),
  }),
);

const facts = fc
  .tuple(
    fc.constantFrom('decide', 'prepare', 'release'),
    rows,
    fc.record({
      today: usually('2026-11-22', '2026-03-31', '2026-04-01', '2027-03-31', '2027-04-01'),
      sender: usually({ slug: police, name: 'Police' }, { slug: opcc, name: 'Commissioner' }),
      recipient: usually(
        { slug: opcc, name: 'Commissioner' },
        { slug: council, name: 'Council' },
        { slug: police, name: 'Police' },
      ),
      purpose: usually('hold-to-account', 'complaint-reviews', 'recruitment'),
      dataSet: usually('stop-and-search', 'street-crime', 'custody-records'),
      'agreement.parties': usually([police, opcc], [police, opcc, council], [police], []),
      'agreement.signedBy': usually([opcc, police], [police], [], [police, opcc, council]),
      'agreement.personalData': fc.boolean(),
      'agreement.lawfulBasis': usually(true, false),
      'agreement.gateway': usually(true, false),
      'agreement.dpiaScreening.done': usually(true, false),
      'agreement.dpiaScreening.on': usually('2026-02-16', null, '2026-11-22', '2026-11-23'),
      'agreement.dpiaScreening.outcome': usually('dpia-not-needed', 'dpia-done', 'dpia-needed', null),
      approval: usually<object>(
        approvedBy('a', 'a', 'b', 'b'),
        { by: 'agreement' },
        approvedBy('a', 'a', 'a', 'a'),
        approvedBy('a', 'a', 'b', 'a'),
        approvedBy('a', 'b', 'b', 'b'),
        approvedBy('a', 'c', 'b', 'c'),
        approvedBy('a', 'c', 'b', 'd'),
      ),
      'data.problem': usually(null, 'not a CSV file'),
      'data.missing': usually<string[]>([], ['Gender'], ['Gender', 'Age range']),
      'data.failedChecks': usually<object[]>([], [{ says: 'Age is from 10 to 17', failed: 1, rows: [2] }]),
      'data.wrongTypes': usually<object[]>([], [{ field: 'Date', type: 'date', failed: 1, rows: [2] }]),
    }),
    usually<{ k: number | null; limit: number | null }>(
      { k: 5, limit: 0.1 },
      { k: 10, limit: 0.29 },
      { k: 5, limit: 0 },
      { k: null, limit: null },
    ),
  )
  .map(([action, rowCounts, rest, protection]): ReleaseFacts => {
    const released = factsWith({
      ...rest,
      ...rowCounts,
      'data.k': protection.k,
      'data.limit': protection.limit,
    });
    const approval = action === 'release' ? released.approval : null;
    return { ...released, action, approval, data: action === 'decide' ? null : released.data };
  });

test('the verdict is share if and only if every rule holds, and exactly the rules that do not hold are listed', () => {
  expect(Object.keys(holds).sort()).toEqual(rulebook.rules.map((rule) => rule.id).sort());
  fc.assert(
    fc.property(facts, (f) => {
      const expected = Object.entries(holds).map(([id, predicate]) => [id, predicate(f)] as const);
      const { verdict, findings } = evaluate(rulebook, f);
      expect(Object.fromEntries(findings.map((one) => [one.rule, one.outcome === 'passes']))).toEqual(
        Object.fromEntries(expected.filter(([, held]) => held !== null)),
      );
      expect(verdict === 'share').toBe(expected.every(([, held]) => held !== false));
    }),
    { numRuns: 400 },
  );
});
