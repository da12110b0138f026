import type { Organisation } from '../organisations/rules.ts';
import { type Exchange, fieldOf } from '../platform/http/index.ts';
import type { Day } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import type { Agreement } from './document.ts';
import type { Law } from './law.ts';
import { type DataSetOfAgreement, knownDataSets, knownParty } from './templates/known.ts';
import { openBlanks } from './templates/open-blanks.ts';
import type { Blank, Template } from './templates/template.ts';

/** What is known before anything is typed: the two organisations, what their agreements say of them, and the data sets they have. */
export type Known = {
  own: Organisation;
  partner: Organisation;
  /** The newest agreements first: those with the partner, then those with others. */
  agreements: readonly Agreement[];
  dataSets: readonly DataSetOfAgreement[];
  /** What is in force between them already. */
  inForce: readonly Agreement[];
};

/** What the visitor's own agreements, and those with the partner, tell. Of data sets: all between the two, and those that are given to others. */
export function knownOf(
  own: Organisation,
  partner: Organisation,
  withPartner: readonly Agreement[],
  withAnybody: readonly Agreement[],
  today: Day,
): Known {
  const between = knownDataSets(withPartner).filter(
    ({ from, to }) => [from, to].includes(own.slug) && [from, to].includes(partner.slug),
  );
  const givenToOthers = knownDataSets(withAnybody)
    .filter(({ from }) => from === own.slug)
    // What was agreed with them, such as that it goes without a decision, is not agreed with somebody else.
    .map((one) => ({ ...one, to: partner.slug, values: whatItHolds(one.values) }));
  const all = [...between, ...givenToOthers];
  const key = ({ dataSet, from }: DataSetOfAgreement) => `${dataSet.id} ${from}`;
  const dataSets = all.filter((one, at) => all.findIndex((other) => key(other) === key(one)) === at);
  const inForce = withPartner.filter(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn);
  return { own, partner, agreements: [...withPartner, ...withAnybody], dataSets, inForce };
}

function whatItHolds({ special, offences }: DataSetOfAgreement['values']) {
  return { ...(special === undefined ? {} : { special }), ...(offences === undefined ? {} : { offences }) };
}

/** Choosing what to start from, and with whom: bodies that agreements are known with, and those found by a name. */
export function choosePage(
  templates: readonly Template[],
  partners: readonly Organisation[],
  looked: { words: string; bodies: readonly Organisation[] } | null,
  query: Record<string, string>,
) {
  const bodies = [...(looked?.bodies ?? []), ...partners];
  const once = bodies.filter((one, at) => bodies.findIndex((other) => other.slug === one.slug) === at);
  const nobody = looked !== null && looked.bodies.length === 0;
  return {
    templates: templates.map(({ id, name, use }) => ({
      value: id,
      text: name,
      hint: { text: use },
      checked: query['template'] === id,
    })),
    partners: once.map(({ slug, name }) => ({
      value: slug,
      text: name,
      checked: query['with'] === slug || (looked?.bodies.length === 1 && looked.bodies[0]?.slug === slug),
    })),
    // Who was found is above now: the words would only look for them again.
    find: nobody ? looked.words : '',
    nobody,
  };
}

/** What is filled in of itself, and what a person chooses and says. `form`: what they have typed, where it comes back. */
export function fillPage(template: Template, known: Known, law: Law, form: Exchange['form']) {
  const { own, partner, dataSets } = known;
  const nameOf = (slug: string) => (slug === own.slug ? own.name : partner.name);
  const typed = (name: string, usual = '') => (name in form ? fieldOf(form, name) : usual);
  const asked = openBlanks(template).map((open) => ({ ...open, field: `say-${open.name}` }));
  const inputs = (usual: boolean) =>
    asked
      .filter(({ blank }) => (blank.usually !== undefined) === usual)
      .map(({ name, blank, called, field }) =>
        inputOf(
          field,
          blank,
          called,
          typed(field, String(blank.usually ?? '')),
          name.startsWith('gateway') ? law : null,
        ),
      );
  const chosen = listOf(form, 'set');
  return {
    template: { id: template.id, name: template.name, use: template.use },
    partner,
    places: template.parties.map(({ id, called }) => ({
      value: id,
      text: called.charAt(0).toUpperCase() + called.slice(1),
      checked: typed('place', suggestedPlace(template, known)) === id,
    })),
    inForce: known.inForce.map(({ reference, title }) => ({ reference, title })),
    bodies: [own, partner].map((body) => bodyShown(body, known.agreements)),
    dataSets: dataSets.map(({ dataSet, from, to, of, values }, at) => ({
      value: String(at),
      text: dataSet.title,
      checked: chosen.includes(String(at)),
      hint: `From ${nameOf(from)} to ${nameOf(to)}. ${dataSet.fields.length} columns, as in ${of}.`,
      inputs: Object.entries(template.dataSetBlanks).map(([name, blank]) => {
        const usual = String(values[name] ?? blank.usually ?? '');
        return inputOf(`set-${at}-${name}`, blank, '', typed(`set-${at}-${name}`, usual), null);
      }),
    })),
    toSay: inputs(false),
    usual: inputs(true),
  };
}

/** Every value of a field that may be sent more than once. */
export function listOf(form: Exchange['form'], name: string): string[] {
  return [form[name] ?? []].flat();
}

type Item = { value: string; text: string; selected: boolean };

function inputOf(field: string, blank: Blank, called: string, value: string, law: Law | null) {
  const choices = law
    ? gatewaysIn(law)
    : (blank.choices ?? []).map((choice) => ({
        value: String(choice),
        text: blank.reads?.[String(choice)] ?? String(choice),
      }));
  const items: Item[] = choices.map((choice) => ({ ...choice, selected: choice.value === value }));
  return {
    field,
    label: (blank.label ?? blank.say).replaceAll('<called>', called),
    value,
    prose: blank.prose === true,
    items:
      items.length > 0 ? [{ value: '', text: 'I cannot say yet', selected: value === '' }, ...items] : null,
  };
}

function gatewaysIn({ gateways }: Law) {
  return [...gateways.values()]
    .filter(({ inForceFrom, until }) => inForceFrom !== null && until === null)
    .map(({ id, law, section, title }) => ({ value: id, text: `${law} ${section}: ${title}`.slice(0, 110) }));
}

function bodyShown({ slug, name }: Organisation, agreements: readonly Agreement[]) {
  const { legalName, address, registration, contacts } = knownParty(agreements, slug);
  const from = agreements.find(({ parties }) => parties.some(({ organisation }) => organisation === slug));
  return {
    name,
    from: from?.reference ?? null,
    known: inOneLine(
      [
        legalName,
        address && 'its address',
        registration && 'its registration',
        contacts && 'its contacts',
      ].filter((one) => one !== undefined),
    ),
  };
}

// As the first data set goes that is known; of a template that shares both ways, the first place is as good as the other.
function suggestedPlace({ flows, parties }: Template, { own, dataSets }: Known): string {
  const [flow] = flows;
  const [first] = dataSets;
  if (flows.length > 1) return parties[0].id;
  if (!flow || !first) return '';
  return first.from === own.slug ? flow.from : flow.to;
}
