import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type KeptAgreement, parseAgreement } from '../agreements/index.ts';
import type { Caller, Person } from '../organisations/rules.ts';
import { evaluate, loadRulebook, shippedRules } from '../rulebook/index.ts';
import { factsWith } from '../rulebook/testing.fixture.ts';
import type { RequestList } from './lists.ts';
import { askPage, messageOf, typedIn } from './page-ask.ts';
import { confirmPage, decidePage } from './page-decide.ts';
import type { KnownRelease, KnownRequest } from './page-known.ts';
import { letterOf } from './page-letter.ts';
import { type KnownLists, listPage } from './page-list.ts';
import { requestPage } from './page-request.ts';
import { MakeRequest, type RequestState } from './rules.ts';
import type { DataRequest, Decision } from './store.ts';

const now = '2026-11-22T10:00:00.000Z';
const police = { id: 'p', slug: 'westmarch-police', name: 'Westmarch Police' };
const opcc = { id: 'o', slug: 'westmarch-opcc', name: 'Westmarch Police and Crime Commissioner' };
const tomReyes: Person = { id: 'tom', name: 'Tom Reyes', roles: ['information-asset-owner'] };
const danOkafor: Person = { id: 'dan', name: 'Dan Okafor', roles: ['practitioner'] };
const tom: Caller = { organisation: police, person: tomReyes };
const dan: Caller = { organisation: police, person: danOkafor };
const amina: Caller = {
  organisation: opcc,
  person: { id: 'amina', name: 'Amina Yusuf', roles: ['practitioner'] },
};
const kept = theAgreement();
const rulebook = loadRulebook(shippedRules);
const asked = { action: 'decide', approval: null, data: null };
const passes = evaluate(rulebook, factsWith(asked));
const fails = evaluate(rulebook, factsWith({ ...asked, purpose: 'recruitment' }));

describe('deciding', () => {
  test('every check passes: both answers are offered, and neither is chosen', () => {
    const page = decidePage(known(), passes, tom, now);
    expect(page.verdict).toMatchObject({ tone: 'share', says: `All ${passes.findings.length} checks pass.` });
    expect(page.choices.map((one) => one.value)).toEqual(['share', 'refuse']);
    expect(page.choices.some((one) => 'checked' in one)).toBe(false);
  });

  test('what law or signed terms forbid cannot be agreed to: only a refusal is offered', () => {
    const page = decidePage(known(), fails, tom, now);
    expect(page.verdict.tone).toBe('refuse');
    expect(page.choices.map((one) => one.value)).toEqual(['refuse']);
    expect(page.failing.map((one) => one.rule)).toContain('purpose-in-agreement');
    expect(page.failing.every((one) => one.fixedBy !== null && one.cite.length > 0)).toBe(true);
  });

  test('each column says what leaves of it, and the limit says when nothing does [R102]', () => {
    const { fields, protection } = decidePage(known(), passes, tom, now);
    const leaves = Object.fromEntries(fields.map((one) => [one.name, one.leaves]));
    expect(leaves).toMatchObject({ Date: 'less-exact', Gender: 'as-asked' });
    expect(protection).toContain('fewer than 5 are held back');
    expect(protection).toContain('more than 10% of the rows, nothing leaves');
  });

  test.each([
    ['2026-12-18', '26 days left', false],
    ['2026-11-25', '3 days left', true],
    ['2026-11-23', '1 day left', true],
    ['2026-11-22', 'due today', true],
    ['2026-11-20', '2 days late', true],
  ])('needed by %s: %s', (neededBy, left, soon) => {
    expect(decidePage(known({ neededBy }), passes, tom, now).clock).toMatchObject({ left, soon });
  });

  test('the partner’s past is counted, and destruction that is overdue is said', () => {
    const past = {
      requests: [{ request: aRequest(), decision: aDecision('share') }],
      releases: [
        aRelease({ state: 'destroyed', destroyedAt: now }),
        aRelease({ state: 'collected', keepUntil: '2026-11-21' }),
      ],
      overdue: 1,
    };
    const page = decidePage({ ...known(), past }, passes, tom, now);
    expect(page.partner.facts).toEqual([
      ['Requests', '1 before, 1 shared, 0 refused'],
      ['Releases', '2 sent, 2 collected'],
      ['Destruction', 'certified 1 of 2, 1 overdue'],
    ]);
    expect(page.before.map((one) => one.reasons)).toEqual(['It is needed.']);
  });

  test('of a partner of many years the newest hundred are weighed, and all that is overdue is counted', () => {
    const hundred = <T>(one: T) => Array.from({ length: 100 }, () => one);
    const requests = hundred({ request: aRequest(), decision: aDecision('share') });
    const past = { requests, releases: hundred(aRelease({ state: 'sent' })), overdue: 101 };
    expect(decidePage({ ...known(), past }, passes, tom, now).partner.facts).toEqual([
      ['Requests', 'of the newest 100, 100 shared, 0 refused'],
      ['Releases', 'of the newest 100, 100 sent, 0 collected'],
      ['Destruction', 'certified 0 of 100, more than 100 overdue'],
    ]);
  });
});

describe('before a decision is sent', () => {
  test('reasons are filled in from the checks, and stay as they were changed', () => {
    expect(confirmPage(known(), fails, 'refuse', null).reasons).toContain('recruitment');
    expect(confirmPage(known(), passes, 'refuse', null).reasons).toBe('');
    expect(confirmPage(known(), passes, 'share', 'My own words.').reasons).toBe('My own words.');
  });

  test('what is shown is what the other side reads after', () => {
    const shown = confirmPage(known(), fails, 'refuse', 'Not agreed.').letter;
    const decision = { ...aDecision('refuse'), reasons: 'Not agreed.', findings: fails.findings };
    const read = requestPage({ ...known({ state: 'refused' }), decision }, amina, false, now).letter;
    expect(read).toEqual(shown);
  });

  test('a refusal with nothing that fails does not speak of what fails', () => {
    expect(confirmPage(known(), passes, 'refuse', null).next.join()).not.toContain('fails');
    expect(confirmPage(known(), fails, 'refuse', null).next.join()).toContain('what fails');
  });
});

describe('a request as others see it', () => {
  test('a person is named only to their own organisation', () => {
    const decision = aDecision('share');
    const ours = { ...known({ state: 'agreed' }), decision, people: [tomReyes] };
    expect(JSON.stringify(requestPage(ours, dan, true, now).events)).toContain('Tom Reyes');
    const theirs = { ...ours, people: [] };
    expect(JSON.stringify(requestPage(theirs, amina, false, now))).not.toContain('Tom Reyes');
  });

  test.each([
    ['agreed', tom, true, 'Prepare the file'],
    ['agreed', tom, false, undefined],
    ['agreed', amina, true, undefined],
    ['refused', tom, true, undefined],
  ] as const)('%s, to %o: what to do next', (state, caller, mayPrepare, text) => {
    expect(requestPage(known({ state }), caller, mayPrepare, now).action?.text).toBe(text);
  });
});

describe('the lists', () => {
  const shown = (
    caller: Caller,
    list: RequestList,
    rows: DataRequest[],
    more: Partial<KnownLists> & { next?: string[]; count?: number } = {},
  ) => {
    const { next = null, count = rows.length, ...rest } = more;
    const known = {
      asked: { list: null, after: null, size: 10 },
      lists: [{ list, listed: { rows, next }, count }],
      partnered: { partner: null, looked: null },
      organisations: new Map([police, opcc].map((one) => [one.id, one])),
      agreements: new Map([[kept.id, kept.agreement]]),
      releases: new Map(),
      ...rest,
    };
    return listPage(known, caller, now);
  };

  test('each line says what it waits for, from either side', () => {
    const tags = (caller: Caller, list: RequestList, but: Partial<DataRequest>, release?: KnownRelease) => {
      const releases = new Map(release ? [['r', release]] : []);
      return shown(caller, list, [aRequest(but)], { releases }).sections[0]?.rows.map((row) => row.tag.text);
    };
    expect(tags(tom, 'ours', {})).toEqual(['Decide']);
    expect(tags(tom, 'ours', { state: 'agreed' })).toEqual(['Prepare']);
    expect(tags(tom, 'ours', { state: 'agreed' }, aRelease({ state: 'prepared' }))).toEqual(['Approve']);
    expect(tags(amina, 'theirs', {})).toEqual(['Waiting']);
    expect(tags(amina, 'theirs', { state: 'agreed' })).toEqual(['Agreed']);
    expect(tags(amina, 'answered', { state: 'answered' }, aRelease({ state: 'sent' }))).toEqual(['Collect']);
    expect(tags(tom, 'answered', { state: 'answered' }, aRelease({ state: 'sent' }))).toEqual(['Sent']);
    expect(tags(tom, 'answered', { state: 'refused' })).toEqual(['Refused']);
  });

  test('the start of a long list says so, and leads to all of it', () => {
    const next = ['2026-12-18', now, 'r'];
    const [ours] = shown(tom, 'ours', [aRequest()], { next, count: 101 }).sections;
    expect(ours?.says).toBe('The first 1 of more than 100, the soonest first');
    expect(ours?.more).toEqual({ text: 'See all of them', href: '/requests?list=ours' });
  });

  test('a page of one list leads to the next and back to the start, and keeps to its partner', () => {
    const asked = { list: 'ours' as const, after: ['2026-12-17', now, 'q'], size: 50 };
    const partnered = { partner: opcc, looked: null };
    const next = ['2026-12-18', now, 'r'];
    const [ours] = shown(tom, 'ours', [aRequest()], { next, count: 101, asked, partnered }).sections;
    expect(ours?.says).toBe('The next 1, the soonest first');
    expect(ours?.start).toBe('/requests?with=westmarch-opcc&list=ours');
    expect(ours?.more?.href).toMatch(/^\/requests\?with=westmarch-opcc&list=ours&after=2026-12-18%7E/);
  });
});

describe('asking [R65] [R68]', () => {
  const nothing = typedIn({});

  test('an organisation is offered what its agreements share with it, and nothing else', () => {
    const offers = (caller: Caller) =>
      askPage([kept], [police, opcc], caller, nothing).offers.map((one) => one.value);
    expect(offers(amina)).toEqual(['ISA-2026-001 stop-and-search', 'ISA-2026-001 street-crime']);
    expect(offers(tom)).toEqual([]);
    const ended = [{ ...kept, state: 'ended' as const }];
    expect(askPage(ended, [police, opcc], amina, nothing).offers).toEqual([]);
  });

  test('what was typed is still there', () => {
    const typed = typedIn({
      offer: 'ISA-2026-001 street-crime',
      need: ' why ',
      'neededBy-day': '31',
      'neededBy-month': '2',
      'neededBy-year': '2027',
    });
    const page = askPage([kept], [police, opcc], amina, typed);
    expect(page.offers.filter((one) => one.checked).map((one) => one.value)).toEqual([typed.offer]);
    expect(page.typed).toMatchObject({ need: 'why', neededBy: { day: '31', month: '2', year: '2027' } });
  });

  test.each([
    ['', '', '', true],
    ['18', '12', '2026', true],
    ['8', '1', '2027', true],
    ['31', '2', '2027', false],
    ['18', '', '2026', false],
    ['18', '12', '26', false],
    ['x', '12', '2026', false],
  ])('the date %s %s %s: %s', (day, month, year, ok) => {
    const typed = { ...nothing, neededBy: { day, month, year } };
    expect(MakeRequest.shape.neededBy.safeParse(messageOf(typed).neededBy).success).toBe(ok);
  });
});

test('the letter of what is agreed says what leaves, and how long it may be kept [R117]', () => {
  const { paragraphs } = letterOf(known(), { decision: 'share', reasons: 'It is needed.' }, []);
  expect(paragraphs.join(' ')).toContain('Date (as its month)');
  expect(paragraphs.join(' ')).toContain('You may keep it for 1 year after you collect it');
});

function known(but: Partial<DataRequest> = {}): KnownRequest {
  return {
    request: aRequest(but),
    holder: police,
    recipient: opcc,
    kept,
    decision: null,
    people: [tomReyes, danOkafor],
    releases: [],
    past: { requests: [], releases: [], overdue: 0 },
  };
}

function aRequest(but: Partial<DataRequest> = {}): DataRequest {
  return {
    id: 'r',
    reference: 'REQ-2026-0001',
    agreementId: kept.id,
    holderId: police.id,
    recipientId: opcc.id,
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    need: 'A review turns on it.',
    neededBy: null,
    state: 'waiting' satisfies RequestState,
    raisedByOrganisation: opcc.id,
    raisedByPerson: 'amina',
    raisedAt: '2026-11-20T10:00:00.000Z',
    ...but,
  };
}

function aDecision(decision: 'share' | 'refuse'): Decision {
  return {
    id: 'd',
    decision,
    verdict: 'share',
    findings: [],
    reasons: 'It is needed.',
    decidedBy: { person: 'tom' },
    rulebook: passes.rulebook,
    factsHash: passes.factsHash,
    decidedAt: '2026-11-21T10:00:00.000Z',
  };
}

function aRelease(but: Partial<KnownRelease>): KnownRelease {
  return {
    reference: 'REL-2026-0001',
    requestId: 'r',
    senderId: police.id,
    recipientId: opcc.id,
    state: 'sent',
    preparedAt: now,
    sentAt: now,
    collectedAt: but.state === 'sent' ? null : now,
    destroyedAt: null,
    keepUntil: null,
    ...but,
  };
}

function theAgreement(): KeptAgreement {
  const parsed = parseAgreement(
    readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('The example’s agreement is not whole');
  const { agreement } = parsed;
  return {
    id: 'a',
    state: 'signed',
    digest: '',
    document: '',
    agreement,
    partyIds: [opcc.id, police.id],
    signatures: [],
  };
}
