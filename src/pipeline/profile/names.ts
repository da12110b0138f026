import nlp from 'compromise/three';

// Names have no form and no checksum: a heading says that they are there, or a reader of English finds what looks like one.
// Both err, so what they find is never sure.

/** How many distinct values are read for names, how far into each, and how many characters of a column at most: what bounds the time. */
export const namesLookedAt = { values: 2_000, length: 500, characters: 200_000 };

const nameHeading =
  /(^|[^a-z])((sur|fore|first|last|middle|given|family|maiden|christian|full)[^a-z]?names?|alias(es)?)([^a-z]|$)/;
const birthHeading =
  /(^|[^a-z])(d[^a-z]?o[^a-z]?b|(date|day)[^a-z]?of[^a-z]?birth|birth[^a-z]?(date|day))([^a-z]|$)/;

const wordsOf = (heading: string) => heading.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Whether a heading says that its column holds people's names: Surname, first_name, givenName. `name` alone does not: most things have one. */
export function isNameHeading(heading: string): boolean {
  return nameHeading.test(wordsOf(heading));
}

/** Whether a heading says that its column holds days of birth. */
export function isBirthHeading(heading: string): boolean {
  return birthHeading.test(wordsOf(heading));
}

// Streets, buildings and inquiries are called after people. Such a word after a first name is no surname; those that are surnames
// at least as often, such as Hill and Wood, are not here.
const notSurnames = new Set(
  'abbey aid arms avenue bridge centre chase close college collection common court crescent croft drive estate farm fields foundation furlong gardens grove heath hospital house inquiry keynes lane library lodge mews minister park parade path place prison review rise road row school springs square station street terrace theatre trust view walk way'.split(
    ' ',
  ),
);

const surnameFirst = /^([\p{L}'’-]+), ?(\p{L}[\p{L}'’ .-]*)$/u;
const capitalised = /^\p{Lu}[\p{L}'’-]+( \p{Lu}[\p{L}'’-]+){1,2}$/u;

type Term = { normal: string; tags: string[] };

/**
 * How many names of people are in a text. A name has two words at least, and one of them is a known first name or a title, or
 * the value is nothing but a surname with capitalised words before it. One word alone is as often a town, a month or a colour.
 */
export function countNames(text: string): number {
  const read = nlp(text.replace(surnameFirst, '$2 $1'));
  const people = (read.people().json() as { text: string; terms: Term[] }[]).filter(
    (person) =>
      person.text.trim().includes(' ') &&
      endsInSurname(person.terms) &&
      person.terms.some(({ tags }) => tags.includes('FirstName') || tags.includes('Honorific')),
  );
  if (people.length > 0 || !capitalised.test(text)) return people.length;
  const [{ terms } = { terms: [] }] = read.json() as { terms: Term[] }[];
  const isSurname = terms[terms.length - 1]?.tags.includes('LastName') === true;
  return isSurname && endsInSurname(terms) && terms.slice(0, -1).every(mayBeFirstName) ? 1 : 0;
}

function endsInSurname(terms: readonly Term[]): boolean {
  const last = terms[terms.length - 1];
  return terms.length > 1 && last !== undefined && !notSurnames.has(last.normal);
}

const otherWords = ['Place', 'Organization', 'Adjective', 'Verb', 'Preposition', 'Value', 'Date'];

function mayBeFirstName({ tags }: Term): boolean {
  return !tags.some((tag) => otherWords.includes(tag));
}
