import { expect, test } from 'vitest';
import { inSentence } from './names.ts';

test.each([
  ['Chief Constable of Westmarch Police', 'the Chief Constable of Westmarch Police'],
  ['Police and Crime Commissioner for Westmarch', 'the Police and Crime Commissioner for Westmarch'],
  ["Mayor's Office for Policing and Crime", "the Mayor's Office for Policing and Crime"],
  ['The Council of the Borough of Avonbury', 'the Council of the Borough of Avonbury'],
  ['Avonbury Borough Council', 'Avonbury Borough Council'],
  ['NHS England', 'NHS England'],
  ['[say the legal name of the provider]', '[say the legal name of the provider]'],
])('%s stands in a sentence as %s', (name, says) => {
  expect(inSentence(name)).toBe(says);
});
