import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { agreementPage, agreementsPage, roleToSign } from './agreement-page.ts';
import { type Agreement, agreementDigest, parseAgreement } from './document.ts';
import { readLaw } from './law.ts';
import { registerOf, registerPage } from './register-page.ts';
import { Register, standingOf } from './rules.ts';
import type { KeptAgreement } from './store.ts';
import { dataSetsShown } from './terms-tables.ts';

const law = readLaw();
const agreement = theExample();
const police = { id: 'o1', slug: 'westmarch-police', name: 'Westmarch Police' };
const opcc = { id: 'o2', slug: 'westmarch-opcc', name: 'Westmarch Police and Crime Commissioner' };
const tom = { organisation: police, roles: ['information-asset-owner', 'signatory'] as const };
const helen = { organisation: opcc, roles: ['chief-executive', 'signatory'] as const };
const dan = { organisation: police, roles: ['practitioner'] as const };
const today = '2026-11-22';

describe('where an agreement stands', () => {
  const about = {
    state: 'signed' as const,
    startsOn: '2026-01-05',
    endsOn: '2026-12-31',
    signed: 2,
    parties: 2,
  };
  test.each([
    ['2026-01-04', 'coming', 'Starts on 5 January 2026'],
    ['2026-01-05', 'in-force', '360 days left'],
    ['2026-12-30', 'in-force', '1 day left'],
    ['2026-12-31', 'in-force', 'Today is its last day'],
    ['2027-01-01', 'over', 'Ended on 31 December 2026'],
  ])('signed, on %s: %s', (day, tone, left) => {
    expect(standingOf(about, day)).toMatchObject({ tone, left });
  });

  test('a draft says how many have signed; an ended one shares nothing', () => {
    expect(standingOf({ ...about, state: 'draft', signed: 1 }, today).left).toBe(
      '1 of 2 parties have signed',
    );
    expect(standingOf({ ...about, state: 'ended' }, today).tone).toBe('over');
  });
});

describe('who may sign [R17]', () => {
  test('a person whose role the agreement names, of a party that has not signed a draft', () => {
    expect(roleToSign(kept('draft', []), tom)).toBe('information-asset-owner');
    expect(roleToSign(kept('draft', ['o1']), tom)).toBeNull();
    expect(roleToSign(kept('draft', ['o1']), helen)).toBe('chief-executive');
    expect(roleToSign(kept('draft', []), dan)).toBeNull();
    expect(roleToSign(kept('signed', []), tom)).toBeNull();
  });

  test('a body that is no party cannot', () => {
    const council = {
      organisation: { id: 'o3', slug: 'avonbury-council', name: 'Avonbury Council' },
      roles: tom.roles,
    };
    expect(roleToSign(kept('draft', []), council)).toBeNull();
  });
});

describe('the page of an agreement', () => {
  const proof = {
    organisationId: 'o1',
    organisation: 'westmarch-police',
    fingerprint: 'print',
    proved: true,
  };
  const page = agreementPage(kept('draft', ['o1']), [proof], helen, law, today);

  test('every clause is there, numbered and headed as it is, and every link within the page has its place', () => {
    expect(page.clauses.map((clause) => clause.id)).toEqual(agreement.clauses.map((clause) => clause.id));
    expect(page.clauses.find((one) => one.id === '2.1')).toMatchObject({
      level: 4,
      heading: 'Holding the Chief Constable to account',
    });
    const clauses = new Set(page.clauses.map((clause) => clause.id));
    for (const row of page.tables.flatMap((table) => table.rows)) expect(clauses).toContain(row.clause);
    for (const { href } of page.sections) expect(clauses).toContain(href.replace('#clause-', ''));
  });

  test('no term is left out: every part of the terms is in a table', () => {
    const shown = page.tables.reduce((sum, table) => sum + table.rows.length, 0);
    const { terms } = agreement;
    const conditions = new Set(terms.conditions.map((one) => `${one.dataSet} ${one.condition} ${one.clause}`))
      .size;
    const lists = [
      terms.purposes,
      terms.powers,
      terms.lawfulBases,
      terms.shares,
      terms.retention,
      terms.dpia,
    ];
    expect(shown).toBe(lists.reduce((sum, list) => sum + list.length, 0) + conditions + 9);
    expect(page.dataSets.map((one) => one.fields.length)).toEqual(
      terms.datasets.map((one) => one.fields.length),
    );
  });

  test('terms read as people speak, with the law and the day its text is of', () => {
    const rows = page.tables
      .flatMap((table) => table.rows.map((row) => `${row.says} ${row.checked ?? ''} ${row.note ?? ''}`))
      .join('\n');
    expect(rows).toContain('Section 36 of the Police Reform and Social Responsibility Act 2011');
    expect(rows).toContain('Article 6(1)(c) of the UK GDPR: legal obligation Checked against the text of');
    expect(rows).toContain('1 year from the day on which it is collected by the recipient');
    expect(rows).toContain('Tell the partner within 24 hours');
    expect(rows).toContain('Approved in advance by this agreement');
    expect(rows).toContain('A person decides each time');
    expect(page.dataSets[0]?.says).toContain(
      'Rows alike in Gender, Age range and Officer-defined ethnicity in a group of fewer than 5 are held back. If that is more than 10% of the rows, nothing leaves.',
    );
    expect(page.dataSets[1]?.fields[0]).toMatchObject({ name: 'Crime ID', leaves: 'as-a-code' });
  });

  test('which rows leave and how good they must be is said in words [R96]', () => {
    const [first, ...others] = agreement.terms.datasets;
    if (!first) throw new Error('The example has no data set');
    const asking: Agreement['terms']['datasets'][number] = {
      ...first,
      rows: [{ field: 'Gender', is: ['Male', 'Female'] }],
      checks: [{ check: 'row-count', least: 10 }],
      fields: first.fields.map((field) =>
        field.name === 'Gender' ? { ...field, required: true, warnings: ['required'] } : field,
      ),
    };
    const changed = { ...agreement, terms: { ...agreement.terms, datasets: [asking, ...others] } };
    expect(parseAgreement(canonicalJson(changed))).toMatchObject({ ok: true });
    expect(dataSetsShown(changed)[0]?.says).toContain('Only rows whose Gender is one of Male and Female.');
    expect(dataSetsShown(changed)[0]?.checks).toEqual([
      { title: 'Nothing leaves unless', says: ['There are at least 10 rows'] },
      { title: 'The recipient is told if it is not so that', says: ['Gender is never blank'] },
    ]);
  });

  test('a signature is shown as proved or not, and who may still sign', () => {
    expect(page.signatures).toMatchObject([
      { says: 'Information asset owner, 15 December 2025 at 10:00am', tag: { text: 'Proved now' } },
      { says: 'Not signed yet. May sign: chief executive.', tag: { text: 'Waiting' } },
    ]);
    const forged = agreementPage(kept('draft', ['o1']), [{ ...proof, proved: false }], helen, law, today);
    expect(forged.signatures[0]?.tag.text).toBe('Does not prove');
  });

  test('who may sign is asked to, for the party they bind; the file is there once somebody has', () => {
    expect(page.sign).toEqual({
      action: '/agreements/ISA-2026-001/sign',
      as: 'chief executive',
      for: 'Police and Crime Commissioner for Westmarch',
    });
    expect(page.download).toBe('/agreements/ISA-2026-001.json');
    const unsigned = agreementPage(kept('draft', []), [], dan, law, today);
    expect([unsigned.sign, unsigned.download]).toEqual([null, null]);
  });

  test('the list says with whom, and what waits for a signature', () => {
    const listed = { rows: [kept('draft', ['o1'])], next: null };
    const asked = { list: null, after: null, size: 10 };
    const partnered = { partner: null, looked: null };
    const known = { asked, lists: [{ list: 'draft' as const, listed, count: 1 }], partnered };
    const [drafts] = agreementsPage(known, helen, today).sections;
    expect(drafts?.title).toBe('To be signed');
    expect(drafts?.rows[0]).toMatchObject({ canSign: true, left: '1 of 2 parties have signed' });
    expect(drafts?.rows[0]?.facts).toContainEqual(['With', 'Chief Constable of Westmarch Police']);
  });
});

describe('the public register', () => {
  const signed = { agreement, digest: agreementDigest(agreement) };
  const nobody = { partner: null, looked: null };
  const pageOf = (next: string | null, start = true) =>
    registerPage({ register: registerOf([signed], law, today), start, next, body: null }, nobody);

  test('agreements in force, in the form that is published', () => {
    const register = registerOf([signed], law, today);
    expect(Register.parse(register).agreements).toHaveLength(1);
    expect(register.agreements[0]?.law).toContain('UK GDPR Art 6(1)(e)');
    expect(pageOf(null).says).toBe('1 agreement in force on 22 November 2026');
  });

  test('a page of many says which it is, and leads on and back', () => {
    const first = pageOf('/register?after=ISA-2026-001~1');
    expect(first.says).toBe('The first 1 agreement in force on 22 November 2026, by reference');
    expect([first.start, first.next]).toEqual([null, '/register?after=ISA-2026-001~1']);
    const last = pageOf(null, false);
    expect(last.says).toBe('The last 1 agreement in force on 22 November 2026, by reference');
    expect([last.start, last.next]).toEqual(['/register', null]);
  });

  test('no contact, address or post is on it', () => {
    const text = JSON.stringify([registerOf([signed], law, today), pageOf(null)]);
    for (const party of agreement.parties) {
      const { spoc, dpo } = party.contacts;
      for (const private_ of [spoc.email, dpo.email, spoc.title, party.address, agreement.owner]) {
        expect(text).not.toContain(private_);
      }
    }
    expect(text).not.toContain('@');
  });
});

function kept(state: KeptAgreement['state'], signedBy: string[]): KeptAgreement {
  return {
    id: 'a1',
    state,
    digest: agreementDigest(agreement),
    document: canonicalJson(agreement),
    agreement,
    partyIds: ['o1', 'o2'],
    signatures: signedBy.map((organisationId) => ({
      organisationId,
      role: 'information-asset-owner',
      protected: '',
      signature: '',
      publicKey: '{}',
      signedAt: '2025-12-15T10:00:00.000Z',
    })),
  };
}

function theExample(): Agreement {
  const parsed = parseAgreement(
    readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('The example agreement does not parse');
  return parsed.agreement;
}
