import { groupBars } from '../../../src/platform/charts/index.ts';

// The figures are those of the real file: Bedfordshire's stop and search, October 2023, k 5.
const chart = groupBars({
  id: 'groups',
  k: 5,
  rows: 'searches',
  before: {
    rowsBelow: 20,
    histogram: [
      { size: '1 to 4', rows: 20 },
      { size: '5 to 19', rows: 154 },
      { size: '20 to 99', rows: 208 },
      { size: '100 or more', rows: 0 },
    ],
  },
  after: {
    rowsBelow: 0,
    histogram: [
      { size: '1 to 4', rows: 0 },
      { size: '5 to 19', rows: 154 },
      { size: '20 to 99', rows: 208 },
      { size: '100 or more', rows: 0 },
    ],
  },
});

const kept = (was: string) => ({ kind: 'kept', was });
const gone = (was: string) => ({ kind: 'gone', was });
const less = (was: string, becomes: string) => ({ kind: 'less', was, becomes });
const held = (was: string) => ({ kind: 'held', was });

const row = (time: string, place: string, gender: string, age: string, ethnicity: string, out: boolean) => {
  const cell = out ? held : kept;
  const date = out ? held(time) : less(time, time.slice(0, 7));
  return [gone('Person search'), date, gone(place), cell(gender), cell(age), cell(ethnicity), cell('Arrest')];
};

/** What the gallery's pages show. */
export const models = {
  decide: {
    request: {
      reference: 'REQ-2026-0001',
      from: 'Westmarch Police and Crime Commissioner',
      title: 'Stop and search, October 2023',
      tabs: [
        { text: 'Decide', href: '/', current: true },
        { text: 'What they asked', href: '/' },
        { text: 'History', href: '/' },
      ],
    },
    verdict: {
      tone: 'smaller-set',
      title: 'You can share part of this now',
      says: '7 of 9 checks pass. Both that fail pass without Self-defined ethnicity, and it still meets the purpose.',
      note: 'The checks advise. You decide, and your reasons are what is recorded.',
    },
    failing: [
      {
        rule: 'k-anonymity.held-back-limit',
        title: 'Too many rows would have to be held back',
        severity: 'must',
        outcome: 'fails',
        says: 'With self-defined ethnicity many searches are alone in their group, and could be recognised.',
        found: '117 of 1,917 rows in a group of fewer than 5, 6.1%',
        limit: 'at most 5% of rows held back',
        fixedBy: 'leave out Self-defined ethnicity: 31 rows, 1.6%',
        cite: ['UK GDPR Article 5(1)(c)', 'ISA-2026-001 clause 7.2'],
      },
      {
        rule: 'dpia.screening',
        title: 'No DPIA screening for this data set',
        severity: 'should',
        outcome: 'fails',
        found: 'no screening recorded',
        limit: 'one before personal data is shared',
        fixedBy: 'ask your data protection officer to screen it',
        cite: ['UK GDPR Article 35; DPA 2018 s.64 (not verified since 1 June 2026)'],
      },
    ],
    passing: [
      { title: 'The purpose is in the agreement', cite: ['UK GDPR Article 5(1)(b)'] },
      {
        title: 'The agreement is signed by the roles that may',
        cite: ['CJS guidance 2023 s.5.1', 'clause 14'],
      },
    ],
    columns: [
      { name: 'Date', leaves: 'less-exact', detail: 'month', why: 'Month is enough to see a trend' },
      { name: 'Gender', leaves: 'as-asked', why: 'Needed for the purpose' },
      {
        name: 'Crime ID',
        leaves: 'as-a-code',
        detail: 'the same code each time',
        why: 'To count, not to look up',
      },
      { name: 'Self-defined ethnicity', leaves: 'left-out', why: '117 searches stand out otherwise' },
    ],
    chart,
    choices: [
      { value: 'smaller', text: 'Share the smaller set', hint: { text: 'They are told why' } },
      {
        value: 'refuse',
        text: 'Refuse',
        hint: { text: 'The failed checks are given as reasons, with the law' },
      },
    ],
    who: [
      { state: 'done', text: 'Amina Yusuf asked', meta: '20 November 2026' },
      { state: 'now', text: 'Tom Reyes, information asset owner: decides', meta: 'Your turn' },
      { state: 'next', text: 'Dan Okafor prepares the file' },
    ],
    partner: [
      ['Requests', '4 in 12 months, 3 shared'],
      ['Destroyed', 'on time, 3 of 3'],
    ],
  },
  leaves: {
    figures: [
      { n: '362', of: 'of 382', label: 'rows leave' },
      { n: '6', of: 'of 15', label: 'columns leave' },
      { n: '20', label: 'rows held back' },
      { n: '5', of: 'was 1', label: 'smallest group' },
      { text: '9f2c 41d0 … e7a8', label: 'fingerprint (SHA-256)' },
    ],
    chart,
    shown: {
      caption: 'Preview of the release',
      heldBackBecause: 'group smaller than 5',
      head: [
        { text: 'Type', gone: true },
        { text: 'Date' },
        { text: 'Latitude', gone: true },
        { text: 'Gender' },
        { text: 'Age range' },
        { text: 'Officer-defined ethnicity' },
        { text: 'Outcome' },
      ],
      rows: [
        row('2023-10-01 01:30', '', 'Male', 'over 34', 'White', false),
        row('2023-10-01 01:57', '51.877270', 'Male', '25-34', 'White', false),
        row('2023-10-01 03:01', '', 'Male', '25-34', 'Black', false),
        row('2023-10-02 03:10', '51.882085', 'Female', 'over 34', 'Black', true),
        row('2023-10-01 19:45', '51.878543', 'Female', '25-34', 'White', false),
        row('2023-10-01 21:34', '51.878543', 'Male', 'over 34', 'Asian', false),
      ],
    },
  },
  today: {
    when: 'Sunday 22 November 2026, 10:04am. Priya Shah, Data protection officer',
    work: [
      {
        due: 'Today, 5pm',
        left: '7h left',
        soon: true,
        title: 'Approve stop and search for the commissioner',
        href: '/releases',
        why: '20 rows are held back. They stay out unless you say otherwise.',
        meta: 'REL-2026-0001 under ISA-2026-001. 1 decision.',
      },
      {
        due: 'Fri 27 Nov',
        left: '4 working days',
        title: 'Decide on complaint reviews',
        href: '/requests',
        why: '7 of 9 checks pass. A smaller set passes them all.',
        tag: { text: 'Smaller set ready', classes: 'govuk-tag--yellow' },
        meta: 'REQ-2026-0001, Westmarch OPCC. 1 decision.',
      },
    ],
    figures: [
      { n: '1', of: 'of 1', label: 'agreements in date' },
      { n: '3', label: 'releases this month' },
      { n: '0', label: 'destruction certificates late' },
    ],
    happened: [
      {
        title: 'Release collected',
        by: 'Amina Yusuf',
        when: '21 November 2026 at 4:24pm',
        says: 'Westmarch OPCC holds its half.',
        link: { text: 'REL-2026-0001', href: '/releases' },
      },
      { title: 'Agreement signed', when: '20 November 2026 at 9:12am' },
    ],
    life: [
      { state: 'done', text: 'Prepared by Dan Okafor', meta: '20 November 2026' },
      { state: 'done', text: 'Approved by Tom Reyes', meta: '20 November 2026' },
      { state: 'done', text: 'Sent and collected', meta: '21 November 2026' },
      { state: 'now', text: 'Destroy by 20 May 2027', meta: '179 days left' },
    ],
    verdicts: [
      { tone: 'share', title: 'All 9 checks pass', says: 'Everything they asked for may leave.' },
      {
        tone: 'smaller-set',
        title: 'You can share part of this now',
        says: 'Without one column all checks pass.',
      },
      {
        tone: 'refer',
        title: 'This needs somebody’s judgement',
        says: 'One piece of advice is not followed.',
      },
      { tone: 'refuse', title: 'You cannot share this', says: 'The purpose is not in the agreement.' },
    ],
  },
};
