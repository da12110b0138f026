import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Agreement } from '../../src/agreements/index.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { approveRelease, prepareRelease, type Shared } from '../../src/releases/index.ts';
import { anExample, aWorkingDay, done, files, rulebook, type TestExample } from '../support/example.ts';

type Refused = Extract<Shared, { outcome: 'refused' }>;

let example: TestExample;
let out: string;
let tries = 0;

beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());
beforeEach(() => {
  tries += 1;
  out = join(example.folder, `refused-${tries}`);
});

/** Shares what must be refused, and sees that a refusal is as good as a release: in both logs, and nothing left over. */
async function refused(but = {}, parties = ['westmarch-police', 'westmarch-opcc']): Promise<Refused> {
  const shared = done(await example.share({ out, ...but }));
  if (shared.outcome !== 'refused') throw new Error(`It was not refused: ${shared.outcome}`);
  expect(existsSync(out)).toBe(false);
  expect(example.staged()).toEqual([]);
  await integratePending(example.instance);
  const entries = await Promise.all(parties.map((slug) => example.logOf(slug)));
  const halves = entries.map((log) => log.filter((entry) => entry.includes(shared.reference)));
  expect(halves[0]).toHaveLength(1);
  expect(halves[1]).toEqual(halves[0]);
  expect(JSON.parse(halves[0]?.[0] ?? '{}')).toMatchObject({
    act: 'request.refused',
    detail: { failing: failing(shared), rulebook: shared.evaluation.rulebook },
  });
  for (const finding of shared.evaluation.findings.filter((one) => one.outcome === 'fails')) {
    expect(finding.found).not.toBe('');
    expect(finding.limit).not.toBe('');
    expect(finding.fixedBy).toBeTruthy();
    expect(finding.cite.length).toBeGreaterThan(0);
  }
  return shared;
}

function failing({ evaluation }: Pick<Refused, 'evaluation'>): string[] {
  return evaluation.findings.filter((finding) => finding.outcome === 'fails').map((finding) => finding.rule);
}

/** January's file with its text changed. */
function changed(name: string, change: (text: string) => string): string {
  const path = join(example.folder, `${name}.csv`);
  writeFileSync(path, change(readFileSync(files.stopAndSearch, 'utf8')));
  return path;
}

/** January's file without a column. */
function without(column: string): (text: string) => string {
  return (text) => {
    const rows = text.split('\n').map((line) => line.split(','));
    const at = rows[0]?.indexOf(column) ?? -1;
    return rows.map((row) => row.toSpliced(at, 1).join(',')).join('\n');
  };
}

describe('the rules refuse, and say all of it', () => {
  test('a purpose that is not in the agreement [R113]', async () => {
    expect(failing(await refused({ purpose: 'marketing' }))).toEqual(['purpose-in-agreement']);
  });

  test('a data set that the agreement does not cover', async () => {
    expect(failing(await refused({ dataSet: 'custody-records' }))).toEqual(['data-set-agreed']);
  });

  test('a recipient who is no party: the refusal is in the log of the one it named, too [R31]', async () => {
    const shared = await refused({ to: 'avonbury-council' }, ['westmarch-police', 'avonbury-council']);
    expect(failing(shared)).toContain('recipient-is-party');
  });

  test('a day before the agreement starts [R44]', async () => {
    expect(failing(await refused({ now: '2026-01-04T23:59:00.000Z' }))).toEqual(['agreement-in-force']);
    done(await example.share({ now: '2026-01-05T00:00:00.000Z' }));
  });

  test('a day past its end, in London [R44]', async () => {
    expect(failing(await refused({ now: '2031-01-05T00:00:00.000Z' }))).toEqual(['agreement-in-force']);
  });

  test('an agreement that one party has not signed [R44]', async () => {
    const { reference } = await example.agree((agreement) => agreement, ['Tom Reyes']);
    expect(failing(await refused({ agreement: reference }))).toEqual(['signed-by-authorised-roles']);
  });

  test('a signature by a role that may not sign, even if the database says that it is signed [R17]', async () => {
    const { reference } = await example.agree((agreement) => agreement, ['Tom Reyes']);
    const { superuser } = example;
    await superuser.query(
      `insert into agreement_signatures
       select a.id, $2, s.person_id, 'chief-executive', s.protected_header, s.signature, s.public_key, s.signed_at, s.parties
       from agreements a join agreement_signatures s on s.agreement_id = a.id where a.reference = $1`,
      [reference, (await example.commandLineOf('westmarch-opcc')).organisation.id],
    );
    await superuser.query(`update agreements set state = 'signed' where reference = $1`, [reference]);
    expect(failing(await refused({ agreement: reference }))).toEqual(['signed-by-authorised-roles']);
  });

  test('words that were changed after they were signed [R44]', async () => {
    const { reference } = await example.agree((agreement) => agreement);
    done(await example.share({ agreement: reference }));
    await example.superuser.query(
      `update agreements set document = replace(document, '"k":5', '"k":2') where reference = $1`,
      [reference],
    );
    expect(failing(await refused({ agreement: reference }))).toEqual(['signed-by-authorised-roles']);
  });

  test('personal data that was never screened for a DPIA [R93]', async () => {
    const unscreened = (agreement: Agreement) => ({ ...agreement, terms: { ...agreement.terms, dpia: [] } });
    const { reference } = await example.agree(unscreened);
    expect(failing(await refused({ agreement: reference }))).toEqual(['dpia-screened']);
  });

  test('personal data with no power or lawful basis in the terms [R80]', async () => {
    const lawless = (agreement: Agreement) => ({
      ...agreement,
      terms: { ...agreement.terms, powers: [], lawfulBases: [] },
    });
    const { reference } = await example.agree(lawless);
    expect(failing(await refused({ agreement: reference }))).toEqual(['lawful-basis-and-gateway-named']);
  });
});

describe('the data refuse', () => {
  test('a column that is missing, and a value of the wrong type in another, at once [R96]', async () => {
    const input = changed('bad', (text) =>
      without('Gender')(text.replace('2024-01-01T10:50', 'on new year’s day')),
    );
    const shared = await refused({ input });
    expect(failing(shared)).toEqual(['column-types', 'columns-present']);
    expect(shared.report).toMatchObject({ missing: ['Gender'], wrongTypes: [{ field: 'Date', rows: [3] }] });
  });

  test('a value of the wrong type, by its row and never by what it says [R96]', async () => {
    const input = changed('wrong-type', (text) => text.replace('2024-01-01T10:47', 'Jane Doe of 4 High St'));
    const shared = await refused({ input });
    expect(failing(shared)).toEqual(['column-types']);
    expect(JSON.stringify(shared)).not.toContain('Jane');
    expect(shared.evaluation.findings[0]?.found).toContain('row 2');
  });

  describe('and the agreement says how good it must be [R96, R97]', () => {
    const asking = (severity: 'blocking' | 'warning') =>
      example.agreeOn((one) =>
        one.id === 'stop-and-search'
          ? {
              ...one,
              rows: [{ field: 'Gender', not: ['Other'] }],
              checks: [{ check: 'age', field: 'Date', most: 'P1D', severity }],
            }
          : one,
      );

    test('data that is too old does not leave', async () => {
      const { reference } = await asking('blocking');
      const shared = await refused({ agreement: reference });
      expect(failing(shared)).toEqual(['quality-as-agreed']);
      expect(shared.evaluation.findings[0]?.found).toBe(
        'The newest Date is at most 1 day old: this is not so',
      );
    });

    test('where that only warns it leaves, and the recipient reads it in the manifest and in the terms', async () => {
      const { reference } = await asking('warning');
      const shared = done(await example.share({ out, agreement: reference }));
      expect(shared.outcome).toBe('sent');
      const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
      expect(manifest.quality).toEqual([
        { check: 'age', says: 'The newest Date is at most 1 day old', failed: 1, blocks: false },
      ]);
      expect(readFileSync(join(out, 'standard-terms.txt'), 'utf8')).toContain(
        'Quality. Do not use it where this matters: The newest Date is at most 1 day old: this is not so.',
      );
    });
  });

  test('more rows to hold back than the limit: self-defined ethnicity, with the smaller set that passes [R102]', async () => {
    const swapped = changed('self-defined', (text) => {
      const [header = '', ...rows] = text.split('\n');
      const names = header
        .replace('Self-defined', 'SELF')
        .replace('Officer-defined', 'Self-defined')
        .replace('SELF', 'Officer-defined');
      return [names, ...rows].join('\n');
    });
    const shared = await refused({ input: swapped });
    expect(failing(shared)).toEqual(['held-back-within-limit']);
    expect(shared.evaluation).toMatchObject({
      verdict: 'smaller-set',
      smallerSet: { leaveOut: ['Officer-defined ethnicity'] },
    });
    expect(shared.evaluation.findings[0]?.found).toBe('86 of 301 rows (28.6%) are in groups smaller than 5');
  });

  test.each([
    ['nothing at all', () => ''],
    ['a header and no rows', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
    ['a row with a column too many', (text: string) => text.replace('\n', '\nextra,')],
    ['a quotation mark that never closes', (text: string) => text.replace('\n', '\n"')],
    ['bytes that are not text', (text: string) => text.replace('Male', '\0')],
  ])('a file with %s', async (name, change) => {
    const shared = await refused({ input: changed(name.replaceAll(' ', '-'), change) });
    expect(failing(shared)).toEqual(['file-readable']);
  });

  test('everything that is wrong is listed, not only the first [R31]', async () => {
    const input = changed('all-wrong', without('Gender'));
    const but = { input, purpose: 'marketing', to: 'avonbury-council', now: '2031-02-01T10:00:00.000Z' };
    const shared = await refused(but, ['westmarch-police', 'avonbury-council']);
    expect(failing(shared)).toEqual([
      'agreement-in-force',
      'columns-present',
      'lawful-basis-and-gateway-named',
      'purpose-in-agreement',
      'recipient-is-party',
    ]);
  });
});

describe('two people', () => {
  test('whoever prepared a release cannot approve it; the refusal is in both logs, and a colleague can', async () => {
    const { instance } = example;
    const tom = await example.personNamed('Tom Reyes');
    const request = await example.agreedRequest();
    const prepare = async (by: string) =>
      done(
        await prepareRelease(
          instance,
          rulebook,
          await example.personNamed(by),
          request,
          files.stopAndSearch,
          null,
          aWorkingDay,
        ),
      );

    const byTom = await prepare('Tom Reyes');
    expect(done(await approveRelease(instance, rulebook, tom, byTom.id, null, aWorkingDay)).outcome).toBe(
      'refused',
    );
    await integratePending(instance);
    const about = (entry: string) => entry.includes('release.refused') && entry.includes(byTom.reference);
    const police = (await example.logOf('westmarch-police')).filter(about);
    expect(police).toHaveLength(1);
    expect(police[0]).toContain('approver-not-preparer');
    expect((await example.logOf('westmarch-opcc')).filter(about)).toEqual(police);

    const byDan = await prepare('Dan Okafor');
    expect(done(await approveRelease(instance, rulebook, tom, byDan.id, null, aWorkingDay)).outcome).toBe(
      'sent',
    );
    expect(example.staged()).toEqual([]);
  });

  test('a role that may not approve is refused before the rules are asked', async () => {
    const dan = await example.personNamed('Dan Okafor');
    const refusal = await approveRelease(example.instance, rulebook, dan, 'REL-2026-0001', null, aWorkingDay);
    expect(refusal).toMatchObject({ ok: false, kind: 'no-authority' });
  });
});
