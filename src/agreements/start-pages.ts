import { findOrganisation, findOrganisations, findPartner } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf, holdsRole, type Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Database, Db } from '../platform/database.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { blanksLeft } from './check-document.ts';
import type { Law } from './law.ts';
import { notYoursToPropose } from './propose-agreement.ts';
import { draftPage } from './propose-pages.ts';
import { mayPropose } from './rules.ts';
import { choosePage, fillPage, type Known, knownOf, listOf } from './start-page.ts';
import { type Facts, type KnownDataSet, startFrom } from './templates/draft.ts';
import { findSignedAgreements } from './templates/find-known.ts';
import { knownParty } from './templates/known.ts';
import { openBlanks } from './templates/open-blanks.ts';
import { readTemplates, type Template } from './templates/template.ts';
import { writeDraft } from './templates/write-draft.ts';

/** Starting from a template: which, and with whom; then what only a person can say. Nothing is kept: what comes of it is a draft in a form. */
export function startRoutes(database: Database, law: Law): Route[] {
  const templates = readTemplates();

  const show = async ({ visitor, query, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayPropose)) return { refused: notYoursToPropose };
    return database.read(actorOf(caller), async (db): Promise<Answer> => {
      const template = templates.find(({ id }) => id === query['template']);
      const { partner, looked } = await findPartner(db, query);
      const other = partner && partner.id !== caller.organisation.id ? partner : null;
      if (template && other && !looked) {
        const known = await whatIsKnown(db, caller, other, now);
        return { page: 'start-fill.njk', model: fillPage(template, known, law, {}) };
      }
      const partners = await partnersOf(db, caller);
      const model = choosePage(templates, partners, looked, query);
      const asked = 'template' in query || 'with' in query || 'find' in query;
      const missing = asked && !looked ? whatIsMissing(template, other) : [];
      const [first, ...rest] = missing;
      return first ? { refused: [first, ...rest], page: 'start.njk', model } : { page: 'start.njk', model };
    });
  };

  const make = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, form, now } = exchange;
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayPropose)) return { refused: notYoursToPropose };
    const template = templates.find(({ id }) => id === fieldOf(form, 'template'));
    const known = await database.read(actorOf(caller), async (db) => {
      const partner = await findOrganisation(db, fieldOf(form, 'with'));
      return partner && partner.id !== caller.organisation.id ? whatIsKnown(db, caller, partner, now) : null;
    });
    if (!template || !known) return { refused: nothingToStart };
    const facts = factsIn(form, template, known, londonDay(now));
    if ('kind' in facts)
      return { refused: facts, page: 'start-fill.njk', model: fillPage(template, known, law, form) };
    const document = startFrom(template, facts, law);
    const text = writeDraft(document, template.name);
    return draftPage(text, blanksLeft(text, document), `the template “${template.name}”`);
  };

  return [
    { method: 'GET', path: paths.startAgreement(), who: 'signed-in', handle: show },
    { method: 'POST', path: paths.startAgreement(), who: 'signed-in', handle: make },
  ];
}

async function whatIsKnown(db: Db, caller: Caller, partner: Organisation, now: Instant): Promise<Known> {
  const withPartner = await findSignedAgreements(db, partner.id);
  const withAnybody = await findSignedAgreements(db, null);
  return knownOf(caller.organisation, partner, withPartner, withAnybody, londonDay(now));
}

async function partnersOf(db: Db, caller: Caller): Promise<Organisation[]> {
  const agreements = await findSignedAgreements(db, null);
  const slugs = agreements.flatMap(({ parties }) => parties.map(({ organisation }) => organisation));
  const found = await findOrganisations(db, [...new Set(slugs)]);
  return found.filter(({ id }) => id !== caller.organisation.id);
}

function whatIsMissing(template: Template | undefined, partner: Organisation | null): Refusal[] {
  return [
    ...(template
      ? []
      : [refuse('invalid', 'agreement.no-template', 'Choose what to start from', 'template')]),
    ...(partner
      ? []
      : [refuse('invalid', 'agreement.no-partner', 'Choose whom it is with, or find them by name', 'with')]),
  ];
}

const nothingToStart = refuse(
  'invalid',
  'agreement.nothing-to-start',
  'That template or organisation is not here any more. Start again from the list of templates.',
);

// What is typed ends a sentence of the template, which has its own full stop.
function sentenceEnd(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

const longest = 2_000; // characters of one answer

/** What was typed and chosen, as facts for a draft; what was left empty is not known. */
function factsIn(form: Exchange['form'], template: Template, known: Known, today: string): Facts | Refusal {
  const place = fieldOf(form, 'place');
  const other = template.parties.find(({ id }) => id !== place);
  if (!other || template.parties.every(({ id }) => id !== place))
    return refuse('invalid', 'agreement.no-place', 'Choose which party your organisation is', 'place');
  const parties = {
    [place]: knownParty(known.agreements, known.own.slug),
    [other.id]: knownParty(known.agreements, known.partner.slug),
  };
  const chosen = listOf(form, 'set').flatMap((at) => {
    const one = known.dataSets[Number(at)];
    return one ? [{ at, ...one }] : [];
  });
  const placeOf = (slug: string) => (slug === known.own.slug ? place : other.id);
  const against = chosen.find(
    ({ from, to }) => !template.flows.some((flow) => flow.from === placeOf(from) && flow.to === placeOf(to)),
  );
  if (against) {
    const says = `“${against.dataSet.title}” would go the other way: choose again who is who, or leave it out`;
    return refuse('invalid', 'agreement.other-way', says, 'place');
  }
  const said = (field: string) => sentenceEnd(fieldOf(form, field).replaceAll('\n', ' ').slice(0, longest));
  const values = openBlanks(template)
    .map(({ name }) => [name, said(`say-${name}`)] as const)
    .filter(([, value]) => value !== '');
  const dataSets = chosen.map(({ at, dataSet, from }): KnownDataSet => {
    const typed = Object.keys(template.dataSetBlanks)
      .map((name) => [name, said(`set-${at}-${name}`)] as const)
      .filter(([, value]) => value !== '');
    return { dataSet, from: placeOf(from), values: Object.fromEntries(typed) };
  });
  return { today, parties, dataSets, values: Object.fromEntries(values) };
}
