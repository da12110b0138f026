import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Agreement, agreementDigest, type KeptAgreement, parseAgreement } from '../agreements/index.ts';
import type { Caller, Role } from '../organisations/rules.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Release } from '../releases/index.ts';
import type { DataRequest } from '../requests/index.ts';
import { isLater, tasksOf } from './today.ts';
import { todayPage } from './today-page.ts';

const police = { id: 'o1', slug: 'westmarch-police', name: 'Westmarch Police' };
const opcc = { id: 'o2', slug: 'westmarch-opcc', name: 'Westmarch OPCC' };
const now = '2026-11-22T10:00:00.000Z';
const nameOf = (id: string) => (id === 'o1' ? police.name : opcc.name);

const dan = person(police, 'dan', ['practitioner']);
const tom = person(police, 'tom', ['information-asset-owner', 'signatory']);
const priya = person(police, 'priya', ['dpo']);
const amina = person(opcc, 'amina', ['practitioner']);
const helen = person(opcc, 'helen', ['chief-executive', 'signatory']);

const noWork = { decide: 0, prepare: 0, approve: 0, collect: 0, destroy: 0, sign: 0 };
const nothing: Open = {
  requests: [],
  releases: [],
  drafts: [],
  agreements: new Map([['a1', theExample()]]),
};

describe('whose turn it is, and what it says', () => {
  test.each<[string, Partial<Open>, Record<string, string>]>([
    [
      'a request that waits',
      { requests: [aRequest({})] },
      {
        tom: 'you: Decide whether Westmarch OPCC gets stop and search data',
        dan: 'colleague: Decide whether Westmarch OPCC gets stop and search data',
        priya: 'colleague: Decide whether Westmarch OPCC gets stop and search data',
        amina: 'partner: Westmarch Police decides on your request for stop and search data',
      },
    ],
    [
      'a request that is agreed',
      { requests: [aRequest({ state: 'agreed' })] },
      {
        dan: 'you: Prepare stop and search data for Westmarch OPCC',
        priya: 'colleague: Prepare stop and search data for Westmarch OPCC',
        amina: 'partner: Westmarch Police prepares stop and search data for you',
      },
    ],
    [
      'an agreed request whose release is prepared: never approved by the preparer',
      { requests: [aRequest({ state: 'agreed' })], releases: [aRelease({ preparedBy: 'tom' })] },
      {
        tom: 'colleague: Approve stop and search data for Westmarch OPCC',
        priya: 'colleague: Approve stop and search data for Westmarch OPCC',
      },
    ],
    [
      'a release that a colleague prepared',
      { releases: [aRelease({ preparedBy: 'dan' })] },
      { tom: 'you: Approve stop and search data for Westmarch OPCC' },
    ],
    [
      'a release that was sent',
      { releases: [aRelease({ state: 'sent', sentAt: now })] },
      {
        amina: 'you: Collect stop and search data from Westmarch Police',
        helen: 'colleague: Collect stop and search data from Westmarch Police',
        tom: 'partner: Westmarch OPCC collects stop and search data',
      },
    ],
    [
      'a release that was collected',
      { releases: [aRelease({ state: 'collected', collectedAt: now, keepUntil: '2026-12-01' })] },
      {
        amina: 'you: Destroy stop and search data from Westmarch Police',
        tom: 'partner: Westmarch OPCC destroys stop and search data',
      },
    ],
    [
      'a draft that one party has signed',
      { drafts: [anAgreement('draft', ['o1'])] },
      {
        helen: 'you: Sign agreement ISA-2026-001',
        amina: 'colleague: Sign agreement ISA-2026-001',
        tom: 'partner: Westmarch OPCC signs agreement ISA-2026-001',
      },
    ],
  ])('%s', (_, open, expected) => {
    const all = { ...nothing, ...open };
    for (const [name, says] of Object.entries(expected)) {
      const tasks = tasksOf(all, byName(name), nameOf).map((task) => `${task.whose}: ${task.title}`);
      expect(tasks, name).toEqual([says]);
    }
  });

  test('what is done asks nobody for anything', () => {
    const releases = [aRelease({ state: 'destroyed' }), aRelease({ state: 'withdrawn' })];
    const requests = [aRequest({ state: 'refused' }), aRequest({ state: 'answered' })];
    for (const caller of [dan, tom, priya, amina, helen])
      expect(tasksOf({ ...nothing, requests, releases }, caller, nameOf)).toEqual([]);
  });

  test('the law stands beside it: the clause, and for destruction UK GDPR Article 5(1)(e) [R117]', () => {
    const open = {
      ...nothing,
      requests: [aRequest({})],
      releases: [
        aRelease({ state: 'collected', keepUntil: '2027-11-22', recipientId: 'o1', senderId: 'o2' }),
      ],
    };
    const metas = tasksOf(open, { ...tom }, nameOf).map((task) => task.meta);
    expect(metas).toContain('REQ-2026-0001 under ISA-2026-001, clause 4.1. 1 decision.');
    expect(metas).toContain('REL-2026-0001. ISA-2026-001 clause 5.4; UK GDPR Article 5(1)(e).');
  });

  test('the soonest comes first, then what has waited longest', () => {
    const requests = [
      aRequest({ reference: 'late', neededBy: '2026-12-18' }),
      aRequest({ reference: 'new', raisedAt: '2026-11-21T10:00:00.000Z' }),
      aRequest({ reference: 'old', raisedAt: '2026-11-01T10:00:00.000Z' }),
      aRequest({ reference: 'soon', neededBy: '2026-11-24' }),
    ];
    const order = tasksOf({ ...nothing, requests }, tom, nameOf).map((task) => task.href);
    expect(order).toEqual(['soon', 'late', 'old', 'new'].map((one) => `/requests/${one}`));
  });

  test('what is more than thirty days off is for later; what has no date is for now', () => {
    const due = (keepUntil: string | null) =>
      tasksOf({ ...nothing, releases: [aRelease({ state: 'collected', keepUntil })] }, amina, nameOf).map(
        (task) => isLater(task, now),
      );
    expect([due('2026-12-22'), due('2026-12-23'), due(null)]).toEqual([[false], [true], [false]]);
  });
});

describe('the page of Today', () => {
  const current = [anAgreement('signed', ['o1', 'o2'])];
  const shown = (caller: Caller, open: Partial<Open>, more: Partial<TodayShown> = {}) =>
    todayPage(
      {
        caller,
        open: { ...nothing, ...open },
        work: noWork,
        current,
        latest: [],
        size: 0,
        nameOf,
        trouble: null,
        ...more,
      },
      now,
    );

  test('says the day, the hour, who it is for, and the time that is left', () => {
    const page = shown(tom, { requests: [aRequest({ neededBy: '2026-11-24' }), aRequest({})] });
    expect(page.when).toBe('Sunday 22 November 2026, 10:00am. Tom, information asset owner and signatory');
    expect(page.needsYou.items).toMatchObject([
      { due: 'Tue 24 November', left: '2 days left', soon: true },
      { due: 'Waiting', left: 'for 2 days', soon: false },
    ]);
  });

  test('a day of another year is shown with its year', () => {
    const page = shown(amina, { releases: [aRelease({ state: 'collected', keepUntil: '2027-11-22' })] });
    expect(page.later.items).toMatchObject([{ due: '22 November 2027', left: '365 days left' }]);
  });

  test('a DPO, who decides nothing, sees what waits for others', () => {
    const page = shown(priya, { requests: [aRequest({})] });
    expect([page.needsYou.items.length, page.others.items.length]).toEqual([0, 1]);
  });

  test('of many things to do it shows the most urgent, and how many of each kind there are', () => {
    const requests = Array.from({ length: 11 }, (_, at) => aRequest({ neededBy: `2026-12-${at + 10}` }));
    const page = shown(tom, { requests: requests.reverse() }, { work: { ...noWork, decide: 101, sign: 1 } });
    expect(page.needsYou.items).toHaveLength(10);
    expect(page.needsYou.items[0]?.due).toBe('Thu 10 December');
    expect(page.needsYou.says).toBe(
      'The 10 most urgent. The rest are under Requests, Releases and Agreements',
    );
    expect(page.work).toEqual([
      { text: 'Requests to decide', href: '/requests?list=ours', count: 'more than 100' },
      { text: 'Agreements to be signed', href: '/agreements?list=draft', count: '1' },
    ]);
  });

  test('starting something offers what the role may do', () => {
    const start = (caller: Caller, of = current) =>
      shown(caller, {}, { current: of }).start.map((one) => one.text);
    expect(start(amina)).toContain('Ask a partner for data');
    expect(start(helen)).not.toContain('Ask a partner for data');
    expect(start(amina, [])).not.toContain('Ask a partner for data');
  });

  test('each agreement says where it stands', () => {
    expect(shown(tom, {}).agreements).toEqual([
      {
        text: 'ISA-2026-001',
        href: '/agreements/ISA-2026-001',
        says: 'with Police and Crime Commissioner for Westmarch',
        left: 'In force. 4 years left',
      },
    ]);
  });
});

type TodayShown = Parameters<typeof todayPage>[0];
type Open = Parameters<typeof tasksOf>[0];

function person(organisation: Caller['organisation'], id: string, roles: Role[]): Caller {
  return { organisation, person: { id, name: `${id.charAt(0).toUpperCase()}${id.slice(1)}`, roles } };
}

function byName(name: string): Caller {
  const found = [dan, tom, priya, amina, helen].find((one) => one.person?.id === name);
  if (!found) throw new Error(name);
  return found;
}

function aRequest(more: Partial<DataRequest>): DataRequest {
  return {
    id: 'r1',
    reference: 'REQ-2026-0001',
    agreementId: 'a1',
    holderId: 'o1',
    recipientId: 'o2',
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    need: 'To review a complaint',
    neededBy: null,
    state: 'waiting',
    raisedByOrganisation: 'o2',
    raisedByPerson: 'amina',
    raisedAt: '2026-11-20T10:00:00.000Z',
    ...more,
  };
}

function aRelease(more: Partial<Release>): Release {
  return {
    id: 'e1',
    reference: 'REL-2026-0001',
    requestId: 'r1',
    agreementId: 'a1',
    senderId: 'o1',
    recipientId: 'o2',
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    state: 'prepared',
    rulebook: '',
    factsHash: '',
    preparedUnder: null,
    preparedBy: 'dan',
    preparedAt: '2026-11-21T10:00:00.000Z',
    approvedBy: null,
    manifest: null,
    sentAct: null,
    sentAt: null,
    collectedAct: null,
    collectedAt: null,
    destroyedAct: null,
    destroyedAt: null,
    destructionMethod: null,
    keepUntil: null,
    ...more,
  };
}

function anAgreement(state: KeptAgreement['state'], signedBy: string[]): KeptAgreement {
  const agreement = theExample();
  const signature = { role: 'chief-executive', protected: '', signature: '', publicKey: '{}', signedAt: now };
  return {
    id: 'a1',
    state,
    digest: agreementDigest(agreement),
    document: canonicalJson(agreement),
    agreement,
    partyIds: ['o1', 'o2'],
    signatures: signedBy.map((organisationId) => ({ ...signature, organisationId })),
  };
}

function theExample(): Agreement {
  const parsed = parseAgreement(
    readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('The example agreement does not parse');
  return parsed.agreement;
}
