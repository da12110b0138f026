// What a name begins with that is an office or a kind of body, and so has an article: the Chief Constable of Westmarch Police.
const offices = [
  'Board of',
  'Cabinet Office',
  'Chief Constable',
  'Chief Officer',
  'Commissioner',
  'Council of',
  'Department',
  'Director',
  'Governor',
  'Governing Body',
  'Home Office',
  'Lord Chancellor',
  'Mayor',
  'Ministry',
  'Minister',
  'Office of',
  'Office for',
  'Police and Crime Commissioner',
  'Police, Fire and Crime Commissioner',
  'Secretary of State',
  'University of',
];

/** A legal name as it stands within a sentence: with an article where it is that of an office. */
export function inSentence(name: string): string {
  if (name.startsWith('The ')) return `the ${name.slice(4)}`;
  return offices.some((office) => name.startsWith(office)) ? `the ${name}` : name;
}
