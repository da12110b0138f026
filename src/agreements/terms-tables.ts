import { showDay, showPeriod } from '../platform/pure/dates.ts';
import type { Agreement } from './document.ts';
import type { Law, Provision } from './law.ts';
import type { Terms } from './terms.ts';

/** A part of the terms as a table: each row ends in the clause that says it in words. */
export type TermsTable = {
  id: string;
  title: string;
  head: string[];
  rows: { cells: string[]; clause: string }[];
};

/** A data set as people read it: each column, what leaves of it and why. */
export type DataSetShown = {
  id: string;
  title: string;
  clause: string;
  says: string[];
  fields: {
    name: string;
    leaves: 'as-asked' | 'less-exact' | 'as-a-code' | 'left-out';
    detail?: string;
    why: string;
  }[];
};

/** The terms as tables, in the order people ask: why, under which law, what goes how often, for how long, what if. */
export function termsTables({ terms }: Agreement, nameOf: (slug: string) => string, law: Law): TermsTable[] {
  const dataSet = (id: string) => terms.datasets.find((one) => one.id === id)?.title ?? id;
  const purpose = (id: string) => terms.purposes.find((one) => one.id === id)?.says ?? id;
  return [
    {
      id: 'purposes',
      title: 'Purposes',
      head: ['The data may be used to', 'Its short name'],
      rows: terms.purposes.map(({ says, id, clause }) => ({ cells: [says, id], clause })),
    },
    {
      id: 'powers',
      title: 'Powers to share',
      head: ['From and to', 'The law', 'Its text was read'],
      rows: terms.powers.map((power) => ({
        cells: [
          `${nameOf(power.from)} to ${nameOf(power.to)}`,
          `${power.law} ${power.section}`,
          readAsOf(law.gateways.get(power.gateway)),
        ],
        clause: power.clause,
      })),
    },
    {
      id: 'bases',
      title: 'Lawful bases',
      head: ['Who', 'Lawful basis', 'Its text was read'],
      rows: terms.lawfulBases.map(({ party, basis, clause }) => ({
        cells: [
          nameOf(party),
          cited(law.lawfulBases.get(basis), basis),
          readAsOf(law.lawfulBases.get(basis)),
        ],
        clause,
      })),
    },
    {
      id: 'conditions',
      title: 'Conditions for sensitive data',
      head: ['Data set', 'Condition', 'Relied on by', 'Its text was read'],
      rows: conditionRows(terms, nameOf, dataSet, law),
    },
    {
      id: 'shares',
      title: 'What goes, and who approves it',
      head: ['Data set', 'Purpose', 'From and to', 'How often', 'Approval'],
      rows: terms.shares.map((share) => ({
        cells: [
          dataSet(share.dataSet),
          purpose(share.purpose),
          `${nameOf(share.from)} to ${nameOf(share.to)}`,
          frequencies[share.frequency],
          share.standingApproval ? 'Approved in advance, by this agreement' : 'A person decides each time',
        ],
        clause: share.clause,
      })),
    },
    {
      id: 'retention',
      title: 'How long it is kept',
      head: ['Data set', 'Kept for', 'Then'],
      rows: terms.retention.map(({ dataSet: id, period, method, clause }) => ({
        cells: [dataSet(id), `${showPeriod(period)} from the day it is collected`, method],
        clause,
      })),
    },
    {
      id: 'dpia',
      title: 'Data protection impact assessment',
      head: ['Data set', 'Screened on', 'Outcome', 'Reference'],
      rows: terms.dpia.map((one) => ({
        cells: [dataSet(one.dataSet), showDay(one.screenedOn), outcomes[one.outcome], one.reference],
        clause: one.clause,
      })),
    },
    {
      id: 'promises',
      title: 'Promises with a limit',
      head: ['When', 'What is promised'],
      rows: promises(terms),
    },
  ].filter((table) => table.rows.length > 0);
}

/** The data sets, column by column. What is not listed never leaves. */
export function dataSetsShown({ terms }: Agreement): DataSetShown[] {
  return terms.datasets.map(({ id, title, personalData, clause, fields, protection }) => ({
    id,
    title,
    clause,
    says: [
      personalData ? 'Personal data.' : 'No personal data.',
      ...(protection
        ? [
            `Rows in groups of fewer than ${protection.k} are held back. If that is more than ${percent(protection.suppressionLimit)} of the rows, nothing leaves.`,
          ]
        : []),
      'Columns that are not listed never leave.',
    ],
    fields: fields.map(({ name, use, role }) => ({ name, ...leaves(use), why: kinds[role] })),
  }));
}

type Field = Terms['datasets'][number]['fields'][number];

function leaves(use: Field['use']): Pick<DataSetShown['fields'][number], 'leaves' | 'detail'> {
  if (use === 'keep') return { leaves: 'as-asked' };
  if (use === 'drop') return { leaves: 'left-out' };
  if (use === 'pseudonymise') return { leaves: 'as-a-code', detail: 'the same code for the same value' };
  return { leaves: 'less-exact', detail: use.to.replaceAll('-', ' ') };
}

const kinds: Record<Field['role'], string> = {
  identifier: 'Points at one person or thing',
  'quasi-identifier': 'With others, could single somebody out',
  sensitive: 'Sensitive',
  other: 'Identifies nobody by itself',
};

const frequencies: Record<Terms['shares'][number]['frequency'], string> = {
  weekly: 'Every week',
  monthly: 'Every month',
  quarterly: 'Every quarter',
  yearly: 'Every year',
  'on-request': 'When asked',
};

const outcomes: Record<Terms['dpia'][number]['outcome'], string> = {
  'dpia-not-needed': 'No DPIA is needed',
  'dpia-needed': 'A DPIA is needed, and is not done yet',
  'dpia-done': 'A DPIA was needed, and is done',
};

// One row for each condition of a data set, whoever relies on it: parties that rely on the same need no second row.
function conditionRows(
  { conditions }: Terms,
  nameOf: (slug: string) => string,
  dataSet: (id: string) => string,
  law: Law,
): TermsTable['rows'] {
  const same = (one: Terms['conditions'][number]) => `${one.dataSet} ${one.condition} ${one.clause}`;
  const groups = [...new Set(conditions.map(same))].map((key) =>
    conditions.filter((one) => same(one) === key),
  );
  return groups.flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const provision = law.conditions.get(first.condition);
    const who = new Intl.ListFormat('en-GB').format(group.map((one) => nameOf(one.party)));
    const cells = [dataSet(first.dataSet), cited(provision, first.condition), who, readAsOf(provision)];
    return [{ cells, clause: first.clause }];
  });
}

function promises(terms: Terms): TermsTable['rows'] {
  const working = (days: number) => `${days} working ${days === 1 ? 'day' : 'days'}`;
  const rule = (of: 'never' | 'written-consent') =>
    of === 'never' ? 'Never' : 'Only with the written consent that the clause describes';
  const { incidents, requests, corrections, rights, foi, onward, outsideUk, review, termination } = terms;
  const rows: [string, string, string][] = [
    [
      'Something goes wrong with the data',
      `Tell the partner within ${incidents.tellPartnerWithinHours} hours`,
      incidents.clause,
    ],
    ['Somebody asks for data', `With ${working(requests.noticeWorkingDays)} of notice`, requests.clause],
    [
      'The data is found to be wrong',
      `Tell the partner within ${working(corrections.tellPartnerWithinWorkingDays)}`,
      corrections.clause,
    ],
    [
      'A person uses their rights',
      `Tell the partner within ${working(rights.tellPartnerWithinWorkingDays)}`,
      rights.clause,
    ],
    [
      'A freedom of information request comes',
      `Tell the partner within ${working(foi.tellPartnerWithinWorkingDays)}; it answers within ${foi.partnerAnswersWithinWorkingDays}`,
      foi.clause,
    ],
    ['Somebody else wants the data', rule(onward.rule), onward.clause],
    ['The data would leave the United Kingdom', rule(outsideUk.rule), outsideUk.clause],
    [
      'Time passes',
      `Review after ${showPeriod(review.firstAfter)}, then every ${showPeriod(review.every)}`,
      review.clause,
    ],
    ['A party wants to leave', `${termination.noticeDays} days of notice`, termination.clause],
  ];
  return rows.map(([when, promised, clause]) => ({ cells: [when, promised], clause }));
}

/** How a provision is cited: `UK GDPR Art 6(1)(c), legal obligation`. */
export function cited(provision: Provision | undefined, id: string): string {
  return provision ? `${provision.law} ${provision.section}, ${provision.title}` : id;
}

function readAsOf(provision: Provision | undefined): string {
  if (!provision || provision.verifiedAsOf === null) return 'Not verified';
  const partly = provision.status === 'partly-verified' ? ', in part' : '';
  return `As at ${showDay(provision.verifiedAsOf)}${partly}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1e6) / 1e4}%`;
}
