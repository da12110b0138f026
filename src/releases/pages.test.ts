import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAgreement } from '../agreements/index.ts';
import type { Caller, Person } from '../organisations/rules.ts';
import { evaluate, loadRulebook, shippedRules } from '../rulebook/index.ts';
import { factsWith } from '../rulebook/testing.fixture.ts';
import type { ReleaseList } from './lists.ts';
import type { Manifest } from './manifest.ts';
import type { KnownRelease } from './page-known.ts';
import { leavesPage } from './page-leaves.ts';
import { listPage } from './page-list.ts';
import { receiptPage } from './page-receipt.ts';
import { refusedPage } from './page-refused.ts';
import { filesOf } from './release-files.ts';
import { CertifyDestruction, type ReleaseState } from './rules.ts';
import type { KeptReport, Preview, Release } from './store.ts';

const now = '2026-11-22T10:00:00.000Z';
const police = { id: 'p', slug: 'westmarch-police', name: 'Westmarch Police' };
const opcc = { id: 'o', slug: 'westmarch-opcc', name: 'Westmarch Police and Crime Commissioner' };
const dan: Person = { id: 'dan', name: 'Dan Okafor', roles: ['practitioner'] };
const tom: Person = { id: 'tom', name: 'Tom Reyes', roles: ['information-asset-owner', 'signatory'] };
const priya: Person = { id: 'priya', name: 'Priya Shah', roles: ['dpo'] };
const amina: Person = { id: 'amina', name: 'Amina Yusuf', roles: ['practitioner'] };
const at = (organisation: typeof police, person: Person): Caller => ({ organisation, person });

const rulebook = loadRulebook(shippedRules);
const passes = evaluate(rulebook, factsWith());
const long = 'a'.repeat(50);

describe('this is exactly what leaves', () => {
  const rows: Preview = [
    { before: ['2024-01-01T10:47:00Z', 'Male', '51.9'], after: ['2024-01', 'Male'], heldBack: false },
    { before: ['2024-01-02T11:00:00Z', 'Female', '51.8'], after: [null, null], heldBack: true },
  ];

  test('each cell says whether it leaves, leaves less exact, is held back or does not leave [R102]', () => {
    const { preview } = leavesPage(prepared(rows), passes, at(police, tom), { tried: false, size: null });
    expect(preview.head).toEqual([
      { text: 'Date', gone: false },
      { text: 'Gender', gone: false },
      { text: 'Latitude', gone: true },
    ]);
    expect(preview.rows.map((row) => row.map((cell) => cell.kind))).toEqual([
      ['less', 'kept', 'gone'],
      ['held', 'held', 'gone'],
    ]);
    expect(preview.rows[0]?.[0]).toMatchObject({ was: '2024-01-01T10:47:00Z', becomes: '2024-01' });
    expect(JSON.stringify(preview.rows[1]?.slice(0, 2))).not.toContain('Female');
  });

  test('long values are compared whole, and cut only to be shown', () => {
    const row = { before: ['', `${long} one`, ''], after: ['', `${long} two`], heldBack: false };
    const [cell] = leavesPage(prepared([row]), passes, at(police, tom), {
      tried: false,
      size: null,
    }).preview.rows.map((one) => one[1]);
    expect(cell?.kind).toBe('less');
    expect(cell?.was.length).toBeLessThan(50);
  });

  test('figures, and a column that is not in the agreement, with why', () => {
    const page = leavesPage(prepared(rows), passes, at(police, tom), { tried: false, size: null });
    expect(page.stats.map((one) => [one.n, one.of])).toEqual([
      ['276', 'of 301'],
      ['2', 'of 3'],
      ['25', null],
      ['5', 'was 1'],
      [undefined, undefined],
    ]);
    expect(page.fields.at(-1)).toMatchObject({ name: 'Latitude', leaves: 'left-out' });
    expect(page.fingerprint.replaceAll(' ', '')).toBe('ab'.repeat(32));
  });

  test.each([
    ['who may, and did not prepare it', tom, true, 'Is this what should leave?'],
    ['who prepared it', dan, false, 'Tom Reyes (information asset owner and signatory) can'],
    ['whose role does not', priya, false, 'Your role cannot approve it. Tom Reyes'],
  ])('approval by %s', (_, person, may, says) => {
    const { approval } = leavesPage(prepared(rows), passes, at(police, person), { tried: false, size: null });
    expect(approval.may).toBe(may);
    expect(`${approval.title} ${approval.says}`).toContain(says);
  });

  test('where only who prepared it could approve, the page says what to do', () => {
    const known = prepared(rows);
    const byTom = { ...known, release: { ...known.release, preparedBy: 'tom' } };
    const { approval } = leavesPage(byTom, passes, at(police, tom), { tried: false, size: null });
    expect(approval).toMatchObject({ may: false, title: 'A colleague must approve this' });
    expect(approval.says).toContain('Nobody else here has a role that approves');
  });

  test('nobody can approve what the rules refuse by now, such as under an agreement that has ended', () => {
    const ended = evaluate(rulebook, factsWith({ today: '2031-01-05' }));
    const page = leavesPage(prepared(rows), ended, at(police, tom), { tried: false, size: null });
    expect(page.approval.may).toBe(false);
    expect(page.failing.map((one) => one.rule)).toContain('agreement-in-force');
  });

  test('the rule about approval is shown once somebody has tried', () => {
    const rule = 'approver-not-preparer';
    const own = evaluate(
      rulebook,
      factsWith({
        approval: {
          by: 'person',
          preparer: 'dan',
          preparedFor: 'dan',
          approver: 'dan',
          approvedFor: 'dan',
        },
      }),
    );
    const failing = (tried: boolean) =>
      leavesPage(prepared(rows), own, at(police, dan), { tried, size: null }).failing.map((one) => one.rule);
    expect(failing(false)).toEqual([]);
    expect(failing(true)).toEqual([rule]);
  });
});

test('what was refused says columns and row numbers, never a value [R31]', () => {
  const known = prepared([]);
  const report = {
    ...aReport(),
    missing: ['Outcome'],
    wrongTypes: [{ field: 'Date', type: 'timestamp' as const, failed: 12, rows: [2, 9] }],
  };
  const page = refusedPage(
    {
      ...known,
      release: { ...known.release, state: 'refused' },
      workings: {
        report,
        encrypted: null,
        findings: evaluate(rulebook, factsWith({ 'data.missing': ['Outcome'] })).findings,
        preview: null,
      },
    },
    at(police, dan),
    null,
  );
  expect(page.failing.map((one) => one.rule)).toEqual(['columns-present']);
  expect(page.rows).toContainEqual(['Columns missing', 'Outcome']);
  expect(page.rows).toContainEqual(['Date', '12 not of type timestamp, first in rows 2 and 9']);
  expect(page.again).toBe('/requests/REQ-2026-0001/prepare');
});

describe('the files that a side may take', () => {
  const proofs = ['manifest.json', 'standard-terms.txt', 'receipt.tlog-proof'];
  const toDate = 'data-movement-to-date.txt';
  const halves = ['our-half.tlog-proof', 'collected.tlog-proof'];
  const data = 'stop-and-search.csv';
  test.each<[ReleaseState, string, string[]]>([
    ['sent', 'p', [`${data}.age`, ...proofs, toDate]],
    ['collected', 'p', [`${data}.age`, ...proofs, toDate]],
    ['destroyed', 'p', [...proofs, toDate]],
    ['sent', 'o', [...proofs, toDate]],
    ['collected', 'o', [data, `${data}.age`, ...proofs, ...halves, toDate]],
    ['destroyed', 'o', [...proofs, ...halves, toDate]],
  ])('%s, to %s', (state, organisation, names) => {
    expect(filesOf(aRelease(state), aManifest(), organisation).map((one) => one.name)).toEqual(names);
  });
});

describe('the receipt', () => {
  const proof = { receipt: Buffer.from(''), half: null, signingKey: 'key' };
  const receipt = (state: ReleaseState, caller: Caller) =>
    receiptPage(left(state, caller), proof, caller, now);

  test('what can be verified is what that person can download', () => {
    const first = (state: ReleaseState, caller: Caller) => receipt(state, caller).commands.list[0]?.lines;
    expect(first('sent', at(police, tom))).toContain('verify FOLDER');
    expect(first('collected', at(opcc, amina))).toContain('verify FOLDER');
    expect(first('sent', at(police, priya))).toContain('verify receipt.tlog-proof');
    expect(first('destroyed', at(police, tom))).toContain('verify receipt.tlog-proof');
    expect(first('destroyed', at(opcc, amina))).toContain('verify receipt.tlog-proof');
  });

  test('each thing to know first is a sentence of its own, and a check that fails is told once', () => {
    const check = { check: 'values', says: 'Gender is one of Male and Female', blocks: false };
    const told = 'Gender is one of Male and Female: not so in 7 rows.';
    const known = left('collected', at(opcc, amina));
    const manifest = {
      ...aManifest(),
      quality: [
        { ...check, failed: 7 },
        { ...check, says: 'There is at least 1 row', failed: 0 },
      ],
      caveats: ['25 rows are held back.', 'Less exact than it is held: Date.', told],
    };
    const { rows } = receiptPage({ ...known, manifest }, proof, at(opcc, amina), now);
    const of = (key: string) => rows.find((row) => row.key === key)?.value;
    expect(of('Know before you use it')).toEqual(manifest.caveats.slice(0, 2));
    expect(of('How good the data is')).toEqual([told, '1 check passes.']);
  });

  test('the approver is named to the sender only', () => {
    expect(JSON.stringify(receipt('sent', at(police, tom)).rows)).toContain('Tom Reyes');
    expect(JSON.stringify(receipt('collected', at(opcc, amina)))).not.toMatch(/Tom Reyes|Dan Okafor/);
  });

  test('only the recipient certifies destruction, while it has the data [R117]', () => {
    expect(receipt('collected', at(opcc, amina)).destroy).toBe('/releases/REL-2026-0001/destroy');
    expect(receipt('destroyed', at(opcc, amina)).destroy).toBeNull();
    expect(receipt('collected', at(police, tom)).destroy).toBeNull();
  });

  test('destruction is certified with how, and a confirmation [R119]', () => {
    const issues = (given: object) =>
      CertifyDestruction.safeParse(given).error?.issues.map((one) => one.path[0]);
    expect(issues({ method: '', certain: '' })).toEqual(['method', 'certain']);
    expect(issues({ method: 'Deleted', certain: 'yes' })).toBeUndefined();
  });
});

test('each line of a list says what it waits for, from either side', () => {
  const tag = (caller: Caller, list: ReleaseList, state: ReleaseState) => {
    const listed = { rows: [aRelease(state)], next: null };
    const known = {
      asked: { list: null, after: null, size: 10 },
      lists: [{ list, listed, count: 1 }],
      partnered: { partner: null, looked: null },
      organisations: new Map([police, opcc].map((one) => [one.id, one])),
      agreements: new Map(),
    };
    return listPage(known, caller, now).sections[0]?.rows[0]?.tag.text;
  };
  expect(tag(at(police, tom), 'approve', 'prepared')).toBe('Approve');
  expect(tag(at(police, tom), 'sent', 'sent')).toBe('Sent');
  expect(tag(at(opcc, amina), 'collect', 'sent')).toBe('Collect');
  expect(tag(at(police, tom), 'kept', 'collected')).toBe('Collected');
  expect(tag(at(opcc, amina), 'kept', 'collected')).toBe('In use');
  expect(tag(at(police, tom), 'closed', 'refused')).toBe('Refused');
});

function prepared(preview: Preview): KnownRelease {
  return {
    ...left('sent', at(police, tom)),
    release: aRelease('prepared'),
    manifest: null,
    workings: { report: aReport(), encrypted: null, findings: [], preview },
  };
}

function left(state: ReleaseState, caller: Caller): KnownRelease {
  const parsed = parseAgreement(
    readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('The example’s agreement is not whole');
  return {
    release: aRelease(state),
    sender: police,
    recipient: opcc,
    request: {
      id: 'r',
      reference: 'REQ-2026-0001',
      agreementId: 'a',
      holderId: police.id,
      recipientId: opcc.id,
      dataSet: 'stop-and-search',
      purpose: 'complaint-reviews',
      need: 'A review turns on it.',
      neededBy: null,
      state: 'agreed',
      raisedByOrganisation: opcc.id,
      raisedByPerson: 'amina',
      raisedAt: now,
    },
    kept: {
      id: 'a',
      state: 'signed',
      digest: '',
      document: '',
      agreement: parsed.agreement,
      partyIds: [opcc.id, police.id],
      signatures: [],
    },
    manifest: aManifest(),
    workings: null,
    people: caller.organisation.id === police.id ? [dan, priya, tom] : [amina],
  };
}

function aRelease(state: ReleaseState): Release {
  const gone = state === 'sent' || state === 'collected' || state === 'destroyed';
  const collected = state === 'collected' || state === 'destroyed';
  return {
    id: 'x',
    reference: 'REL-2026-0001',
    requestId: 'r',
    agreementId: 'a',
    senderId: police.id,
    recipientId: opcc.id,
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    state,
    rulebook: passes.rulebook,
    factsHash: passes.factsHash,
    preparedBy: 'dan',
    preparedUnder: null,
    preparedAt: now,
    approvedBy: gone ? 'tom' : null,
    manifest: null,
    sentAct: null,
    sentAt: gone ? now : null,
    collectedAct: null,
    collectedAt: collected ? now : null,
    destroyedAct: null,
    destroyedAt: state === 'destroyed' ? now : null,
    destructionMethod: state === 'destroyed' ? 'Deleted' : null,
    keepUntil: collected ? '2027-11-22' : null,
  };
}

function aReport(): KeptReport {
  const histogram = [{ size: '1 to 4', rows: 25 }];
  const field = { type: 'string', role: 'quasi-identifier', use: 'keep', done: 'as held' } as const;
  return {
    header: ['Date', 'Gender', 'Latitude'],
    encoding: 'utf-8',
    formulas: [],
    blanks: [],
    last: null,
    neutralised: [],
    input: null,
    fields: [
      { name: 'Date', type: 'timestamp', role: 'other', use: { to: 'month' }, done: 'month' },
      { name: 'Gender', ...field },
    ],
    dropped: ['Latitude'],
    missing: [],
    wrongTypes: [],
    generalisation: null,
    closest: null,
    problem: null,
    quality: [],
    rows: { in: 301, out: 276, heldBack: 25, outside: 0 },
    k: {
      required: 5,
      fields: ['Gender'],
      before: { classes: 33, smallest: 1, rowsBelow: 25, histogram },
      after: { classes: 20, smallest: 5, rowsBelow: 0, histogram },
    },
    heldBackShare: 25 / 301,
    limit: 0.1,
    withinLimit: true,
    alternatives: [],
    curve: null,
    output: { path: '', form: 'csv', sha256: 'ab'.repeat(32), bytes: 1, rows: 276 },
  };
}

function aManifest(): Manifest {
  const keys = (organisation: string, name: string) => ({
    organisation,
    name,
    signing: { crv: 'P-256', kty: 'EC', x: '', y: '' } as const,
    receiving: 'age1',
    log: '',
  });
  return {
    chirograph: 'manifest/1',
    release: { id: 'x', reference: 'REL-2026-0001', sentAt: now },
    from: { id: police.id, keys: keys(police.slug, police.name) },
    to: { id: opcc.id, keys: keys(opcc.slug, opcc.name) },
    agreement: { reference: 'ISA-2026-001', version: 1, digest: 'sha256:' },
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    decision: { request: 'REQ-2026-0001', by: 'person', rulebook: '', facts: '' },
    marking: 'OFFICIAL',
    retention: { period: 'P1Y', method: 'Delete every copy' },
    rows: { in: 301, out: 276, heldBack: 25 },
    protection: { k: 5, fields: ['Gender'], smallestGroup: 5 },
    fields: [{ name: 'Date', type: 'timestamp', role: 'other', done: 'month' }],
    columnsLeftOut: 1,
    data: [
      {
        file: 'stop-and-search.csv.age',
        name: 'stop-and-search.csv',
        sha256: 'ab'.repeat(32),
        bytes: 1,
        rows: 276,
        format: 'csv',
      },
    ],
    files: [{ name: 'stop-and-search.csv.age', sha256: 'cd'.repeat(32), bytes: 1 }],
  };
}
