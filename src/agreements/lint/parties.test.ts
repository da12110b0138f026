import { expect, test } from 'vitest';
import { readText } from '../read/read-text.ts';
import { partiesOf } from './parties.ts';

test.each([
  [
    'It is between the Police and Crime Commissioner for Eastmoor (OPCC) and the Chief Constable of Eastmoor Police.',
    ['Police and Crime Commissioner for Eastmoor', 'Chief Constable of Eastmoor Police'],
  ],
  [
    'A protocol between Northby Council, Southby Council and Westby NHS Trust.',
    ['Northby Council', 'Southby Council', 'Westby NHS Trust'],
  ],
  [
    'The partners are:\n\n(a) Northby Council, Town Hall, NB1 1AA\n(b) Eastmoor Police',
    ['Northby Council', 'Eastmoor Police'],
  ],
  ['| Parties | Northby Council ; Eastmoor Police |', ['Northby Council', 'Eastmoor Police']],
  [
    '| Partner | Contact |\n| --- | --- |\n| Northby Council | Ms A |\n| Eastmoor Police | Mr B |',
    ['Northby Council', 'Eastmoor Police'],
  ],
  ['| Partners | Northby |\n| Review | yearly |\n| Owner | Ms A |', []],
  [
    'Northby Council (“the Council”) and Eastmoor Fire Service (“the Service”) share data.',
    ['Northby Council', 'Eastmoor Fire Service'],
  ],
  [
    '1.1 Northby Council (“the Council”) is a district council.\n\n1.2 Larkrise Homes Limited (“Larkrise”) is a registered provider.',
    ['Northby Council', 'Larkrise Homes Limited'],
  ],
  [
    'A1. Northby Council, a district council, of the Civic Hall.\n\nA2. The Chief Constable of Eastmoor Police, a corporation sole.',
    ['Northby Council', 'Chief Constable of Eastmoor Police'],
  ],
  [
    'Between the Chief Constable of Eastmoor (“the Force”), of Salter’s Way, Eastham EA1 4PD, and Northby Council.',
    ['Chief Constable of Eastmoor', 'Northby Council'],
  ],
  [
    'between\n\nNORTHBY COUNCIL of the Town Hall, Northby\n\nand\n\nEASTMOOR POLICE of Pike Lane\n\nJanuary 2024',
    ['NORTHBY COUNCIL', 'EASTMOOR POLICE'],
  ],
  ['The difference between them is small.', []],
])('the parties of %j', (text, parties) => {
  expect(partiesOf(readText(text)).map(({ name }) => name)).toEqual(parties);
});
