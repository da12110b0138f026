import { checksOf, outputInWords, protectionInWords, rowsInTermsInWords } from '../pipeline/index.ts';
import { showDay, showPeriod } from '../platform/pure/dates.ts';
import { counted, inOneLine, lowerFirst, upperFirst } from '../platform/pure/words.ts';
import { orBlank } from './blanks.ts';
import { citation } from './citation.ts';
import type { Agreement } from './document.ts';
import type { Law, Provision } from './law.ts';
import { levelInWords } from './levels.ts';
import { inSentence } from './names.ts';
import type { Terms } from './terms.ts';

/**
 * A part of the terms as a table: what it is about, what is agreed, a note in grey, of law how far its text was checked (which
 * the parties do not agree, and are told), and the clause that says it in words.
 */
export type TermsTable = { id: string; title: string; head: [string, string]; rows: TermsRow[] };
type TermsRow = { what: string; says: string; note?: string; checked?: string; clause: string };

/** A data set as people read it: each column, what leaves of it and why. */
export type DataSetShown = {
  id: string;
  title: string;
  clause: string;
  says: string[];
  /** How good the data must be: what is promised of it, by what follows where it is not kept. */
  checks: { title: string; says: string[] }[];
  fields: {
    name: string;
    leaves: 'as-asked' | 'less-exact' | 'as-a-code' | 'left-out';
    detail?: string;
    why: string;
  }[];
};

/** The terms as tables, in the order people ask: why, under which law, what goes how often, for how long, what if. */
export function termsTables(
  { parties, terms }: Agreement,
  nameOf: (slug: string) => string,
  law: Law,
): TermsTable[] {
  const dataSet = (id: string) => terms.datasets.find((one) => one.id === id)?.title ?? id;
  const purpose = (id: string) => terms.purposes.find((one) => one.id === id)?.says ?? id;
  const fromTo = ({ from, to }: { from: string; to: string }) => `${nameOf(from)} to ${nameOf(to)}`;
  const tables: TermsTable[] = [
    {
      id: 'purposes',
      title: 'Purposes',
      head: ['Its short name', 'What the data may be used for'],
      rows: terms.purposes.map(({ id, says, clause }) => ({ what: id, says, clause })),
    },
    {
      id: 'powers',
      title: 'Powers to share',
      head: ['From and to', 'The law'],
      rows: terms.powers.map((power) => ({
        what: fromTo(power),
        says: upperFirst(citation(power)),
        checked: checked(law.gateways.get(power.gateway)),
        clause: power.clause,
      })),
    },
    {
      id: 'bases',
      title: 'Lawful bases',
      head: ['Who', 'Lawful basis'],
      rows: terms.lawfulBases.map(({ party, basis, clause }) => {
        const provision = law.lawfulBases.get(basis);
        return { what: nameOf(party), says: cited(provision, basis), checked: checked(provision), clause };
      }),
    },
    {
      id: 'conditions',
      title: 'Conditions for special category and criminal offence data',
      head: ['Data set', 'Condition'],
      rows: conditionRows(terms, parties.length, nameOf, dataSet, law),
    },
    {
      id: 'shares',
      title: 'What goes, and who approves it',
      head: ['Data set', 'For what, and how'],
      rows: terms.shares.map((share) => ({
        what: dataSet(share.dataSet),
        says: purpose(share.purpose),
        note: `${fromTo(share)}, ${orBlank(share.frequency, (often) => frequencies[often])}. ${orBlank(share.standingApproval, (given) => (given ? 'Approved in advance by this agreement' : 'A person decides each time'))}.`,
        clause: share.clause,
      })),
    },
    {
      id: 'retention',
      title: 'How long it is kept',
      head: ['Data set', 'Kept for, and then'],
      rows: terms.retention.map(({ dataSet: id, period, method, clause }) => ({
        what: dataSet(id),
        says: `${orBlank(period, showPeriod)} from the day on which it is collected by the recipient`,
        note: `Then: ${lowerFirst(method)}.`,
        clause,
      })),
    },
    {
      id: 'dpia',
      title: 'Data protection impact assessment (DPIA)',
      head: ['Data set', 'Outcome of the screening'],
      rows: terms.dpia.map(({ dataSet: id, outcome, screenedOn, reference, clause }) => ({
        what: dataSet(id),
        says: orBlank(outcome, (one) => outcomes[one]),
        note: `Screened on ${orBlank(screenedOn, showDay)}, ${reference}.`,
        clause,
      })),
    },
    {
      id: 'promises',
      title: 'Promises with a limit',
      head: ['When', 'What is promised'],
      rows: promises(terms),
    },
  ];
  return tables.filter((table) => table.rows.length > 0);
}

/** The data sets, column by column. What is not listed never leaves. */
export function dataSetsShown({ terms }: Agreement): DataSetShown[] {
  return terms.datasets.map(({ title, personalData, clause, ...dataSet }) => ({
    id: dataSet.id,
    title,
    clause,
    says: [
      orBlank(personalData, (is) => (is ? 'Personal data.' : 'No personal data.')),
      rowsInTermsInWords(dataSet.rows),
      outputInWords(dataSet),
      protectionInWords(dataSet),
      'Columns that are not listed never leave.',
    ].filter((says) => says !== null),
    checks: [
      { title: 'Nothing leaves unless', says: checksSaid(dataSet, true) },
      { title: 'The recipient is told if it is not so that', says: checksSaid(dataSet, false) },
    ].filter(({ says }) => says.length > 0),
    fields: dataSet.fields.map(({ name, use, role }) => ({
      name,
      ...leaves(use),
      why: orBlank(role, (one) => kinds[one]),
    })),
  }));
}

const checksSaid = (dataSet: Parameters<typeof checksOf>[0], blocking: boolean): string[] =>
  checksOf(dataSet)
    .filter(({ blocks }) => blocks === blocking)
    .map(({ says }) => says);

type Field = Terms['datasets'][number]['fields'][number];

function leaves(use: Field['use']): Pick<DataSetShown['fields'][number], 'leaves' | 'detail'> {
  if (use === 'keep') return { leaves: 'as-asked' };
  if (use === 'drop') return { leaves: 'left-out' };
  if (use === 'pseudonymise') return { leaves: 'as-a-code', detail: 'the same code for the same value' };
  if (use === 'generalise') return { leaves: 'less-exact', detail: 'groups of values' };
  // What is left blank is no level yet.
  return { leaves: 'less-exact', detail: typeof use === 'string' ? use : orBlank(use.to, levelInWords) };
}

const kinds: Record<Field['role'], string> = {
  identifier: 'Points at one person or thing',
  'quasi-identifier': 'With others, could single somebody out',
  sensitive: 'Sensitive',
  other: 'Identifies nobody by itself',
};

const frequencies: Record<Terms['shares'][number]['frequency'], string> = {
  weekly: 'every week',
  monthly: 'every month',
  quarterly: 'every quarter',
  yearly: 'every year',
  'on-request': 'when asked',
};

const outcomes: Record<Terms['dpia'][number]['outcome'], string> = {
  'dpia-not-needed': 'No DPIA is needed',
  'dpia-needed': 'A DPIA is needed, and is not done yet',
  'dpia-done': 'A DPIA was needed, and is done',
};

// One row for each condition of a data set: parties that rely on the same need no second row.
function conditionRows(
  { conditions }: Terms,
  parties: number,
  nameOf: (slug: string) => string,
  dataSet: (id: string) => string,
  law: Law,
): TermsRow[] {
  const key = (one: Terms['conditions'][number]) => `${one.dataSet} ${one.condition} ${one.clause}`;
  const first = conditions.filter(
    (one, at) => conditions.findIndex((other) => key(other) === key(one)) === at,
  );
  return first.map((one) => {
    const provision = law.conditions.get(one.condition);
    const who = conditions.filter((other) => key(other) === key(one)).map((other) => nameOf(other.party));
    return {
      what: dataSet(one.dataSet),
      says: cited(provision, one.condition),
      note: `Relied on by ${who.length === parties ? 'every party' : inOneLine(who.map(inSentence))}.`,
      checked: checked(provision),
      clause: one.clause,
    };
  });
}

function promises(terms: Terms): TermsRow[] {
  const working = (days: number) => orBlank(days, (one) => counted(one, 'working day', 'working days'));
  const notice = (days: number, unit: string) =>
    `${orBlank(days, (one) => counted(one, `${unit}'s`, `${unit}s'`))} notice`;
  const rule = (of: 'never' | 'written-consent') =>
    orBlank(of, (one) =>
      one === 'never' ? 'Never' : 'Only with the written consent that the clause describes',
    );
  const { incidents, requests, corrections, rights, foi, onward, outsideUk, review, termination } = terms;
  const rows: [string, string, string][] = [
    [
      'Something goes wrong with the data',
      `Tell the partner within ${orBlank(incidents.tellPartnerWithinHours, (one) => counted(one, 'hour', 'hours'))}`,
      incidents.clause,
    ],
    [
      'Somebody asks for data',
      `At least ${notice(requests.noticeWorkingDays, 'working day')}`,
      requests.clause,
    ],
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
      `Tell the partner within ${working(foi.tellPartnerWithinWorkingDays)}; it answers within ${working(foi.partnerAnswersWithinWorkingDays)}`,
      foi.clause,
    ],
    ['Somebody else wants the data', rule(onward.rule), onward.clause],
    ['The data would leave the United Kingdom', rule(outsideUk.rule), outsideUk.clause],
    [
      'Time passes',
      `Review after ${orBlank(review.firstAfter, showPeriod)}, then every ${orBlank(review.every, showPeriod)}`,
      review.clause,
    ],
    ['A party wants to leave', notice(termination.noticeDays, 'day'), termination.clause],
  ];
  return rows.map(([what, says, clause]) => ({ what, says, clause }));
}

// “Part 3” is a name, and keeps its capital.
const titleOf = ({ title }: Provision) => (title.startsWith('Part ') ? title : lowerFirst(title));

/** How a provision is cited: `Article 6(1)(c) of the UK GDPR: legal obligation`. */
function cited(provision: Provision | undefined, id: string): string {
  return provision ? `${upperFirst(citation(provision))}: ${titleOf(provision)}` : id;
}

function checked(provision: Provision | undefined): string {
  if (!provision || provision.verifiedAsOf === null) return 'Not checked against the text of the law.';
  const partly = provision.status === 'partly-verified' ? ', in part' : '';
  return `Checked against the text of ${showDay(provision.verifiedAsOf)}${partly}.`;
}
