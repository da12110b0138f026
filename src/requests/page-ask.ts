import type { Agreement, KeptAgreement } from '../agreements/index.ts';
import { finderOf, type Partnered } from '../organisations/index.ts';
import type { Caller, Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Exchange, fieldOf } from '../platform/http/index.ts';
import { showDay, showPeriod } from '../platform/pure/dates.ts';
import type { Evaluation, Finding } from '../rulebook/index.ts';
import { leavingInOneLine } from './page-fields.ts';
import { count, dataSetOf, purposeOf, titleOf } from './page-words.ts';

/** The answers of the form, as typed. `offer` is an agreement and a data set with a space between. */
export type Typed = {
  offer: string;
  purpose: string;
  need: string;
  neededBy: { day: string; month: string; year: string };
};

/** Reads what was typed, also what was kept on the page before. */
export function typedIn(form: Exchange['form']): Typed {
  const field = (name: string) => fieldOf(form, name);
  return {
    offer: field('offer'),
    purpose: field('purpose'),
    need: field('need'),
    neededBy: {
      day: field('neededBy-day'),
      month: field('neededBy-month'),
      year: field('neededBy-year'),
    },
  };
}

/** What was typed, in the form of the message `MakeRequest`. A date that is none stays one, for the schema to refuse. */
export function messageOf(typed: Typed) {
  const [agreement = '', dataSet = ''] = typed.offer.split(' ');
  const { day, month, year } = typed.neededBy;
  const neededBy = day || month || year ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : '';
  return { agreement, dataSet, purpose: typed.purpose, need: typed.need, neededBy };
}

/** Up to so many agreements are offered at once; with more, whom to ask is chosen first. */
export const mostAgreements = 20;

/** Choosing whom to ask, where there are many agreements (`many`) or a partner was looked for. */
export function choosingOf(partnered: Partnered, many: boolean) {
  const choosing = many || partnered.partner !== null || partnered.looked !== null;
  return { many: choosing, ...finderOf(partnered, paths.newRequest) };
}

/** The form: the data that agreements offer to the caller's organisation, and their purposes. */
export function askPage(
  agreements: readonly KeptAgreement[],
  organisations: readonly Organisation[],
  caller: Caller,
  typed: Typed,
) {
  const offering = newest(agreements).filter(({ agreement }) => offersTo(caller, agreement).length > 0);
  const nameOf = (slug: string) => organisations.find((one) => one.slug === slug)?.name ?? slug;
  const offers = offering.flatMap(({ agreement }) => {
    const shares = offersTo(caller, agreement);
    const dataSets = [...new Set(shares.map((share) => share.dataSet))];
    return dataSets.map((dataSet) => {
      const from = shares.find((share) => share.dataSet === dataSet)?.from ?? '';
      const columns = dataSetOf(agreement, dataSet)?.fields ?? [];
      const value = `${agreement.reference} ${dataSet}`;
      return {
        value,
        text: `${titleOf(agreement, dataSet)}, from ${nameOf(from)}`,
        hint: { text: `${agreement.reference}. ${leavingInOneLine(columns)}.` },
        checked: typed.offer === value,
      };
    });
  });
  const severalAgreements = offering.length > 1;
  const purposes = offering.flatMap(({ agreement }) =>
    agreement.terms.purposes.map((purpose) => ({
      value: purpose.id,
      text: purpose.says,
      hint: {
        text: `${severalAgreements ? `${agreement.reference} c` : 'C'}lause ${purpose.clause}. ${howItGoes(agreement, caller, purpose.id)}`,
      },
      checked: typed.purpose === purpose.id,
    })),
  );
  // Agreements with the same words for a purpose offer it once.
  const once = purposes.filter((one, at) => purposes.findIndex((other) => other.value === one.value) === at);
  return { offers, purposes: once, typed };
}

/** Each answer with where it came from, what the agreement already says, and what the rules find, before it is sent. */
export function checkPage(
  agreement: Agreement,
  sender: Organisation,
  caller: Caller,
  given: { dataSet: string; purpose: string; need: string; neededBy: string },
  evaluation: Evaluation,
  typed: Typed,
) {
  const dataSet = dataSetOf(agreement, given.dataSet);
  const purpose = agreement.terms.purposes.find((one) => one.id === given.purpose);
  const power = agreement.terms.powers.find(
    (one) => one.from === sender.slug && one.to === caller.organisation.slug,
  );
  const retention = agreement.terms.retention.find((one) => one.dataSet === given.dataSet);
  const answered = [
    {
      key: 'Data',
      value: `${titleOf(agreement, given.dataSet)}, from ${sender.name}`,
      from: 'You chose it',
      change: 'offer',
    },
    {
      key: 'Purpose',
      value: purposeOf(agreement, given.purpose),
      from: `You chose it. Its words are clause ${purpose?.clause ?? 'not known'}`,
      change: 'purpose',
    },
    { key: 'Why you need it', value: given.need, from: 'You wrote it', change: 'need' },
    {
      key: 'Needed by',
      value: given.neededBy ? showDay(given.neededBy) : 'No date',
      from: given.neededBy ? 'You gave it' : 'You left it open',
      change: 'neededBy',
    },
  ];
  const known = [
    {
      key: 'Agreement',
      value: `${agreement.reference}, in force to ${showDay(agreement.endsOn)}`,
      from: 'It offers the data you chose',
    },
    ...(dataSet
      ? [
          {
            key: 'What would leave',
            value: leavingInOneLine(dataSet.fields),
            from: `Clause ${dataSet.clause}`,
          },
        ]
      : []),
    ...(power
      ? [{ key: 'Legal power', value: `${power.law} ${power.section}`, from: `Clause ${power.clause}` }]
      : []),
    ...(retention
      ? [
          {
            key: 'You may keep it',
            value: `${showPeriod(retention.period)} after you collect it`,
            from: `Clause ${retention.clause}`,
          },
        ]
      : []),
    {
      key: 'Notice',
      value: count(agreement.terms.requests.noticeWorkingDays, 'working day'),
      from: `Clause ${agreement.terms.requests.clause}`,
    },
  ];
  return { sender: sender.name, answered, known, typed, ...findingsBefore(evaluation.findings, sender.name) };
}

function findingsBefore(findings: readonly Finding[], holder: string) {
  const failing = findings.filter((one) => one.outcome === 'fails');
  const passing = findings.filter((one) => one.outcome === 'passes');
  const verdict =
    failing.length === 0
      ? {
          tone: 'share',
          title: 'Every check passes',
          says: `${holder} is asked the same checks again when it decides, and once more when the data leaves.`,
        }
      : {
          tone: 'refuse',
          title: failing.length === 1 ? 'One check fails' : `${failing.length} checks fail`,
          says: `You can send this, but ${holder} cannot agree to it until it is put right. Change your answers, or see below what would fix it.`,
        };
  return { verdict, failing, passing };
}

// The newest version of each agreement; one that has ended offers nothing.
function newest(agreements: readonly KeptAgreement[]): KeptAgreement[] {
  const references = [...new Set(agreements.map((one) => one.agreement.reference))];
  return references.flatMap((reference) => {
    const versions = agreements.filter((one) => one.agreement.reference === reference);
    const [last] = versions.toSorted((a, b) => b.agreement.version - a.agreement.version);
    return last && last.state !== 'ended' ? [last] : [];
  });
}

function offersTo(caller: Caller, agreement: Agreement) {
  return agreement.terms.shares.filter((share) => share.to === caller.organisation.slug);
}

function howItGoes(agreement: Agreement, caller: Caller, purpose: string): string {
  const shares = offersTo(caller, agreement).filter((share) => share.purpose === purpose);
  const standing = shares.filter((share) => share.standingApproval);
  return shares.length > 0 && standing.length === shares.length
    ? `Approved in advance: it comes ${standing[0]?.frequency ?? ''} without a request.`
    : 'A person decides each time.';
}
