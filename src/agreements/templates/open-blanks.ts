import type { Blank, Template } from './template.ts';

/** A blank that a person fills in before the document is made: by its name, with what it asks for. */
export type OpenBlank = { name: string; blank: Blank; called: string };

/** The blanks that the words and the terms of a template have, of the template and of its parties; those that a party's entry says are not among them. */
export function openBlanks(template: Template): OpenBlank[] {
  const { blanks, parties, partyBlanks, values } = template;
  const used = namesUsed(template);
  const own = Object.entries(blanks)
    .filter(([name]) => values[name] === undefined && (used.has(name) || partOfHead.includes(name)))
    .map(([name, blank]) => ({ name, blank, called: '' }));
  const ofParties = parties.flatMap(({ id, called }, at) =>
    Object.entries(partyBlanks)
      .filter(([name]) => used.has(`${at === 0 ? 'first' : 'second'}.${name}`))
      .filter(([name]) => !partOfEntry.includes(name))
      .map(([name, blank]) => ({ name: `${id}.${name}`, blank, called })),
  );
  return [...own, ...ofParties];
}

const partOfHead = ['reference', 'owner', 'starts-on', 'ends-on'];

// What stands in the agreement's list of parties, and is taken from there.
const partOfEntry = [
  'name',
  'status',
  'address',
  'registration',
  'spoc',
  'spoc-email',
  'dpo',
  'dpo-email',
  'signs',
];

function namesUsed({ outline, clauses, terms }: Template): Set<string> {
  const placed = outline.flatMap(({ opens, clauses: names }) => [opens, ...names]);
  const text = placed.flatMap((name) => clauses[name]?.says.map((sentence) => sentence.text) ?? []);
  const all = [...text, JSON.stringify(terms)].join(' ');
  return new Set(
    [...all.matchAll(/<([a-z][a-z0-9-]{0,40}(?:\.[a-z0-9-]{1,40})?)>/gi)].flatMap(([, name = '']) => [
      name,
      name.replace(/\.(law|section)$/, ''),
    ]),
  );
}
