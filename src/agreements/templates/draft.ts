import { protectionInWords } from '../../pipeline/index.ts';
import type { Day } from '../../platform/pure/dates.ts';
import { inOneLine } from '../../platform/pure/words.ts';
import { blankFor } from '../blanks.ts';
import { citation } from '../citation.ts';
import type { Agreement } from '../document.ts';
import type { Law } from '../law.ts';
import { levelInWords } from '../levels.ts';
import { inSentence } from '../names.ts';
import { type Filled, type FilledBlanks, filledWith, fillTerms, fillWords } from './fill.ts';
import type { Blank, Clause, Template, Value } from './template.ts';

type Party = Agreement['parties'][number];
type DataSet = Agreement['terms']['datasets'][number];

/** A data set that is known already, the party that gives it (as the template calls it), and what else is known of it. */
export type KnownDataSet = { dataSet: DataSet; from: string; values: Readonly<Record<string, Value>> };

/** What is known when a document is started: its parties by their place in the template, data sets, and what blanks are filled with. */
export type Facts = {
  today: Day;
  parties: Readonly<Record<string, Partial<Party>>>;
  dataSets: readonly KnownDataSet[];
  values: Readonly<Record<string, Value>>;
};

/**
 * A document in the form of an agreement, started from a template. What is not known is left blank where it stands, in
 * words and terms, so that it is no whole agreement until a person has said it.
 */
export function startFrom(template: Template, facts: Facts, law: Law): Record<string, unknown> {
  const dataSets = facts.dataSets.length > 0 ? facts.dataSets : [unknownDataSet(template)];
  const { placed, numbers } = place(template, dataSets.length);
  const common: FilledBlanks = new Map([
    ...[...numbers].map(([name, number]) => [`clause.${name}`, same(number)] as const),
    ['dated', filledWith(facts.today, { say: '' })] as const,
    ['surviving-clauses', same(surviving(template, numbers))] as const,
    ...ownBlanks(template, facts, law),
    ...template.parties.flatMap(({ id }, at) => [
      ...partyBlanks(template, facts, id, id),
      ...partyBlanks(template, facts, id, at === 0 ? 'first' : 'second'),
    ]),
  ]);
  const scopes = dataSets.map((known, at) => dataSetScope(template, facts, known, at, common));
  const all = (part: keyof Template['eachDataSet']) =>
    scopes.map((scope) => fillTerms(template.eachDataSet[part], scope));
  const termOf = (name: string) => common.get(name)?.value;
  const terms = fillTerms(template.terms, common) as Record<string, unknown>;
  const { purposes, powers, lawfulBases, ...promises } = terms;
  return {
    chirograph: 'agreement/1',
    reference: termOf('reference'),
    version: 1,
    type: template.type,
    title: fillWords(template.title, common),
    owner: termOf('owner'),
    startsOn: termOf('starts-on'),
    endsOn: termOf('ends-on'),
    marking: 'OFFICIAL',
    parties: template.parties.map(({ id }) =>
      fillTerms(template.party, new Map(partyBlanks(template, facts, id, 'party'))),
    ),
    clauses: placed.map(({ id, clause, dataSet }) => {
      const scope = (dataSet === null ? undefined : scopes[dataSet]) ?? common;
      const sentences = clause.says.map(({ text }) => fillWords(text, scope));
      return { id, heading: fillWords(clause.heading, scope), text: lettered(sentences) };
    }),
    terms: {
      purposes,
      powers,
      lawfulBases,
      conditions: scopes.flatMap((scope) => conditionsOf(template, scope)),
      datasets: dataSets.map(({ dataSet }, at) => ({
        ...dataSet,
        clause: numbers.get(placeOf(at)) ?? '',
      })),
      shares: all('shares'),
      dpia: all('dpia'),
      retention: all('retention'),
      ...promises,
    },
  };
}

// In the order in which they stand.
function surviving({ survive }: Template, numbers: ReadonlyMap<string, string>): string {
  return inOneLine([...numbers].flatMap(([name, number]) => (survive.includes(name) ? [number] : [])));
}

/** Sentences of a clause, each with its letter, so that it can be cited: `(a) ...`. One alone needs none. */
function lettered(sentences: readonly string[]): string {
  if (sentences.length === 1) return sentences.join('');
  return sentences.map((text, at) => `(${String.fromCharCode(97 + at)}) ${text}`).join('\n');
}

/** A blank: in words what it asks for, and in the terms also how it is written there. */
function leftOpen({ say, form, choices }: Blank, called = ''): Filled {
  const what = say.replaceAll('<called>', called);
  const written = choices ? `${what}: ${choices.join(', ')}` : form ? `${what}, ${form}` : what;
  return { value: blankFor(written), words: blankFor(what) };
}

type Placed = { id: string; clause: Clause; dataSet: number | null };

const placeOf = (dataSet: number) => `data-set ${dataSet}`;

/** The clauses in their order, numbered: a section opens with a clause of its own. A place for which there is no clause stays empty. */
function place(
  { outline, clauses }: Template,
  dataSets: number,
): { placed: Placed[]; numbers: Map<string, string> } {
  const numbers = new Map<string, string>();
  const placed = outline.flatMap(({ opens, clauses: names }, section): Placed[] => {
    const opening = clauses[opens];
    if (!opening) throw new Error(`There is no clause ${opens} to open a section with.`);
    numbers.set(opens, `${section + 1}`);
    let last = 0;
    const within = names.flatMap((name): Placed[] => {
      const clause = clauses[name];
      if (!clause) return [];
      return Array.from({ length: clause.each ? dataSets : 1 }, (_, at) => {
        last += 1;
        const id = `${section + 1}.${last}`;
        numbers.set(clause.each ? placeOf(at) : name, id);
        return { id, clause, dataSet: clause.each ? at : null };
      });
    });
    return [{ id: `${section + 1}`, clause: opening, dataSet: null }, ...within];
  });
  return { placed, numbers };
}

type Entry = readonly [string, Filled];

const same = (value: unknown): Filled => ({ value, words: String(value) });

function filled(blank: Blank, known: unknown, called = ''): Filled {
  const value = known ?? blank.usually;
  if (value === undefined) return leftOpen(blank, called);
  return typeof value === 'object' ? same(value) : filledWith(value as Value, blank);
}

function ownBlanks({ blanks, values }: Template, facts: Facts, law: Law): Entry[] {
  return Object.entries(blanks).flatMap(([name, blank]): Entry[] => {
    const own = filled(blank, facts.values[name] ?? values[name]);
    if (!name.startsWith('gateway')) return [[name, own]];
    const gateway = law.gateways.get(String(own.value));
    return [
      [name, own],
      [`${name}.law`, same(gateway?.law ?? blankFor('which Act'))],
      [`${name}.section`, same(gateway?.section ?? blankFor('which section'))],
      [`${name}.cited`, same(gateway ? citation(gateway) : blankFor('which section of which Act'))],
    ];
  });
}

function partyBlanks(
  { parties, partyBlanks: blanks }: Template,
  facts: Facts,
  id: string,
  prefix: string,
): Entry[] {
  const called = parties.find((one) => one.id === id)?.called ?? id;
  const { organisation, legalName, status, address, registration, contacts, maySign } =
    facts.parties[id] ?? {};
  const known: Record<string, unknown> = {
    name: legalName,
    status,
    address,
    registration,
    spoc: contacts?.spoc.title,
    'spoc-email': contacts?.spoc.email,
    dpo: contacts?.dpo.title,
    'dpo-email': contacts?.dpo.email,
    signs: maySign,
  };
  return [
    [prefix, same(organisation ?? blankFor(`the short name here of ${called}`))],
    [`${prefix}.called`, same(called)],
    [`${prefix}.named`, same(inSentence(legalName ?? leftOpen(blanks['name'] ?? { say: '' }, called).words))],
    ...Object.entries(blanks).map(
      ([name, blank]): Entry => [
        `${prefix}.${name}`,
        filled(blank, facts.values[`${id}.${name}`] ?? known[name], called),
      ],
    ),
  ];
}

function dataSetScope(
  template: Template,
  facts: Facts,
  { dataSet, from, values }: KnownDataSet,
  at: number,
  common: FilledBlanks,
): FilledBlanks {
  const to = template.flows.find((flow) => flow.from === from)?.to ?? from;
  const unprotected =
    facts.dataSets.length > 0
      ? 'Rows of it are not held back for the size of a group.'
      : `${blankFor('which rows in small groups are held back, or that none are')}.`;
  const [purpose] = template.terms['purposes'] as { id: string; clause: string }[];
  return new Map([
    ...common,
    ['data-set', same(dataSet.id)],
    ['data-set.title', same(dataSet.title)],
    ['data-set.fields', same(fieldsInWords(dataSet))],
    ['data-set.groups', same(protectionInWords(dataSet) ?? unprotected)],
    ['data-set.purpose', same(purpose?.id)],
    ['data-set.purpose-clause', common.get(`clause.${purpose?.clause}`) ?? same('')],
    ['clause.data-set', common.get(`clause.${placeOf(at)}`) ?? same('')],
    ...partyBlanks(template, facts, from, 'provider'),
    ...partyBlanks(template, facts, to, 'recipient'),
    ...Object.entries(template.dataSetBlanks).map(
      ([name, blank]): Entry => [name, filled(blank, values[name])],
    ),
  ]);
}

/** A condition once for each party and data set, and none for what the data set does not hold. */
function conditionsOf({ conditions, parties }: Template, scope: FilledBlanks): unknown[] {
  const dataSet = scope.get('data-set')?.value;
  const all = conditions
    .filter(({ for: held }) => scope.get(held)?.value !== 'none')
    .flatMap(({ condition, for: held, party }) =>
      parties
        .filter(({ id }) => party === undefined || id === party)
        .map(({ id }) => ({
          party: scope.get(id)?.value,
          condition,
          dataSet,
          clause: scope.get(`clause.${held}`)?.value,
        })),
    );
  return all.filter(
    (one, at) =>
      all.findIndex((other) => other.party === one.party && other.condition === one.condition) === at,
  );
}

const leaves: Record<string, string> = { pseudonymise: ' (as a code)', generalise: ' (in groups of values)' };

function fieldsInWords({ fields }: DataSet): string {
  const left = fields.filter(({ use }) => use !== 'drop');
  return inOneLine(
    left.map(({ name, use }) =>
      typeof use === 'string' ? `${name}${leaves[use] ?? ''}` : `${name} (as ${levelInWords(use.to)})`,
    ),
  );
}

function unknownDataSet({ flows }: Template): KnownDataSet {
  const field = {
    name: blankFor('the name of a column'),
    type: 'string',
    role: 'other',
    use: 'keep',
  } as const;
  const dataSet: DataSet = {
    id: blankFor('a short name of the data set, such as stop-and-search'),
    title: blankFor('what the data set is called'),
    personalData: true,
    clause: '',
    format: { type: 'csv', delimiter: ',' },
    fields: [field],
  };
  return { dataSet, from: flows[0]?.from ?? '', values: {} };
}
