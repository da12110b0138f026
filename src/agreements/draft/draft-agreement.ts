import { blankFor } from '../blanks.ts';
import type { Law } from '../law.ts';
import type { ReadClause } from './clauses.ts';
import type { Suggestion } from './find-terms.ts';

/** What was read in a document that is to become an agreement: its clauses, and what its terms may be. */
export type ReadAgreement = { title: string; clauses: ReadClause[]; suggestions: Suggestion[] };

/** A draft, and which suggestion stands where in it: a path such as `terms.retention[0].period`. */
export type Draft = { document: Record<string, unknown>; from: ReadonlyMap<string, Suggestion> };

/**
 * A document in the form of an agreement, of what was read. A value stands in it once a person has confirmed it, by its name; before that
 * it is a blank that says what was read, and what was not read is a blank that says what to say.
 */
export function draftAgreement(read: ReadAgreement, confirmed: ReadonlySet<string>, law: Law): Draft {
  const from = new Map<string, Suggestion>();
  const byName = new Map(read.suggestions.map((one) => [one.name, one]));

  const value = (path: string, name: string, what: string): string | number => {
    const found = byName.get(name);
    if (!found) return blankFor(what);
    from.set(path, found);
    return confirmed.has(name) ? found.value : `${found.value} ${blankFor('if this is right')}`;
  };
  const all = (name: string) => read.suggestions.filter((one) => one.name.startsWith(`${name}[`));
  const clauseOf = (name: string) => byName.get(name)?.clause ?? blankFor('which clause says it');
  const term = (name: string, what: string, path = `terms.${name}`) => ({
    [name.split('.')[1] ?? name]: value(path, name, what),
    clause: clauseOf(name),
  });

  const parties = atLeast(2, all('parties')).map((_, at) => {
    const name = byName.get(`parties[${at}]`)?.value;
    const party = `parties[${at}]`;
    const called = name === undefined ? `party ${at + 1}` : inBlank(name);
    const sole = /\b(chief constable|police (and|&) crime commissioner)\b/i.test(String(name ?? ''));
    return {
      organisation: blankFor(
        `the short name here of ${called}, such as ${slugOf(String(name ?? 'northby-council'))}`,
      ),
      legalName: value(`${party}.legalName`, party, `the legal name of ${called}`),
      status: blankFor(`what ${called} is in law${sole ? ', such as a corporation sole' : ''}`),
      address: blankFor(`the address of ${called}`),
      registration: value(
        `${party}.registration`,
        `registrations[${at}]`,
        `the registration of ${called} with the Information Commissioner`,
      ),
      role: value(
        `${party}.role`,
        'role',
        `whether ${called} is a controller, joint-controller or processor`,
      ),
      contacts: {
        spoc: {
          title: blankFor(`who is the single point of contact of ${called}`),
          email: value(`${party}.contacts.spoc.email`, `spoc[${at}]`, 'the email address'),
        },
        dpo: {
          title: blankFor(`who is the data protection officer of ${called}`),
          email: value(`${party}.contacts.dpo.email`, `dpo[${at}]`, 'the email address'),
        },
      },
      maySign: [blankFor(`which role may sign for ${called}, such as chief-executive`)],
    };
  });

  const purposes = atLeast(1, all('purposes')).map((_, at) => ({
    id: `purpose-${at + 1}`,
    says: value(`terms.purposes[${at}].says`, `purposes[${at}]`, 'what the information is shared for'),
    clause: clauseOf(`purposes[${at}]`),
  }));
  const powers = atLeast(1, all('powers')).map((_, at) => {
    const name = `powers[${at}]`;
    const gateway = law.gateways.get(String(byName.get(name)?.value));
    const path = `terms.powers[${at}]`;
    return {
      gateway: value(`${path}.gateway`, name, 'which power: an id of law/gateways.yaml'),
      law: gateway?.law ?? blankFor('which Act'),
      section: gateway?.section ?? blankFor('which section'),
      from: blankFor('who shares by it'),
      to: blankFor('with whom'),
      clause: clauseOf(name),
    };
  });
  const lawfulBases = atLeast(1, all('lawfulBases')).map((_, at) => ({
    party: blankFor('whose it is'),
    basis: value(
      `terms.lawfulBases[${at}].basis`,
      `lawfulBases[${at}]`,
      'which lawful basis: an id of law/lawful-bases.yaml',
    ),
    clause: clauseOf(`lawfulBases[${at}]`),
  }));
  const dataSet = blankFor('a short name of the data set');
  const conditions = all('conditions').map((_, at) => ({
    party: blankFor('whose it is'),
    condition: value(`terms.conditions[${at}].condition`, `conditions[${at}]`, 'which condition'),
    dataSet,
    clause: clauseOf(`conditions[${at}]`),
  }));
  const fields = atLeast(1, all('fields')).map((_, at) => ({
    name: value(`terms.datasets[0].fields[${at}].name`, `fields[${at}]`, 'the name of a column'),
    type: blankFor('its type: string, integer, decimal, boolean, date, timestamp'),
    role: blankFor('its role: identifier, quasi-identifier, sensitive, other'),
    use: blankFor('its use: keep, drop, pseudonymise'),
  }));

  const document = {
    chirograph: 'agreement/1',
    reference: value('reference', 'reference', 'a reference, such as ISA-2026-001'),
    version: 1,
    type: /memorandum|\bMoU\b/i.test(read.title)
      ? 'MoU'
      : /data sharing agreement|\bDSA\b/i.test(read.title)
        ? 'DSA'
        : 'ISA',
    title: value('title', 'title', 'a title'),
    owner: value('owner', 'owner', 'which post looks after this document'),
    startsOn: value('startsOn', 'startsOn', 'its first day, such as 2026-04-01'),
    endsOn: value('endsOn', 'endsOn', 'the last day on which data may be shared'),
    marking: value('marking', 'marking', 'its marking: OFFICIAL or OFFICIAL-SENSITIVE'),
    parties,
    clauses: read.clauses.map(({ id, heading, text }) => ({
      id,
      ...(heading !== null && { heading }),
      text: text === '' ? blankFor('what this clause says') : text,
    })),
    terms: {
      purposes,
      powers,
      lawfulBases,
      conditions,
      datasets: [
        {
          id: dataSet,
          title: blankFor('what the data set is called'),
          personalData: true,
          format: { type: 'csv', delimiter: ',' },
          fields,
          clause: clauseOf('fields[0]'),
        },
      ],
      shares: [
        {
          dataSet,
          purpose: 'purpose-1',
          from: blankFor('who sends it'),
          to: blankFor('who gets it'),
          standingApproval: false,
          frequency: blankFor('how often: weekly, monthly, quarterly, yearly, on-request'),
          clause: clauseOf('fields[0]'),
        },
      ],
      dpia: [
        {
          dataSet,
          screenedOn: blankFor('on which day it was screened'),
          outcome: blankFor('dpia-not-needed, dpia-needed or dpia-done'),
          reference: blankFor('its reference'),
          clause: blankFor('which clause says it'),
        },
      ],
      retention: [
        {
          dataSet,
          period: value('terms.retention[0].period', 'retention.period', 'how long it is kept, such as P2Y'),
          method: value('terms.retention[0].method', 'retention.method', 'how it is destroyed'),
          clause: clauseOf(byName.has('retention.period') ? 'retention.period' : 'retention.method'),
        },
      ],
      incidents: term('incidents.tellPartnerWithinHours', 'within how many hours, fewer than 72'),
      requests: term('requests.noticeWorkingDays', 'how many working days of notice'),
      corrections: term('corrections.tellPartnerWithinWorkingDays', 'within how many working days'),
      rights: term('rights.tellPartnerWithinWorkingDays', 'within how many working days'),
      foi: {
        ...term('foi.tellPartnerWithinWorkingDays', 'within how many working days'),
        partnerAnswersWithinWorkingDays: blankFor('within how many working days the partner answers'),
      },
      onward: term('onward.rule', 'never or written-consent'),
      outsideUk: term('outsideUk.rule', 'never or written-consent'),
      review: {
        firstAfter: value(
          'terms.review.firstAfter',
          'review.firstAfter',
          'when it is first reviewed, such as P6M',
        ),
        every: value('terms.review.every', 'review.every', 'how often after that, such as P1Y'),
        clause: clauseOf(byName.has('review.every') ? 'review.every' : 'review.firstAfter'),
      },
      termination: term('termination.noticeDays', 'how many days of notice'),
    },
  };
  return { document, from };
}

// As many places as were read, and so many at least: what was not read is left open.
function atLeast(count: number, found: readonly unknown[]): unknown[] {
  return Array.from({ length: Math.max(count, found.length) });
}

// A blank is one line without brackets, and not long.
function inBlank(value: string | number): string {
  return String(value)
    .replaceAll(/[[\]\s]+/g, ' ')
    .trim()
    .slice(0, 120);
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
}
