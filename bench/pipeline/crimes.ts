import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type Chance, chanceOf } from '../load/chance.ts';

const forces = ['Westmarch', 'Northdale', 'Eastholm', 'Southmere'];
const categories = [
  'Burglary',
  'Robbery',
  'Violence',
  'Theft from the person',
  'Vehicle crime',
  'Public order',
  'Drugs',
];
const outcomes = ['Under investigation', 'No suspect identified', 'Charged', 'Community resolution', ''];
const ethnicities = ['W1', 'W2', 'W9', 'M1', 'A1', 'A2', 'B1', 'B2', 'O9', 'NS'];
const genders = ['Female', 'Male', 'Other'];
const forenames = ['Amina', 'Tom', 'Priya', 'Dan', 'Helen', 'Rita', 'Owen', 'Grace', 'Yusuf', 'Mary'];
const surnames = ['Okafor', 'Reyes', 'Shah', 'Marsh', 'Cole', 'Jones', 'Baker', 'Ng', 'Evans', 'Hill'];
const areas = ['WM', 'ND', 'EH', 'SM', 'AV'];
const notes = [
  'Seen leaving by the back door, "running", towards the canal',
  'No further information',
  'Witness will be called again on Monday; officer to visit',
  'Property returned to its owner the same day',
];

/** The header of the file, 14 columns. */
export const columns = [
  'crime_id',
  'reported_on',
  'force',
  'category',
  'outcome',
  'nhs_number',
  'forename',
  'surname',
  'age',
  'gender',
  'ethnicity',
  'postcode',
  'officer',
  'note',
] as const;

/** Writes a file like a force's crimes and the people in them: about 150 bytes a row, the same at every run. */
export async function writeCrimes(path: string, rows: number): Promise<void> {
  const chance = chanceOf(20261122);
  const file = createWriteStream(path);
  file.write(`${columns.join(',')}\n`);
  for (let from = 0; from < rows; from += 5000) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + 5000); row += 1) text += crime(chance, row, rows);
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

function crime({ below, next }: Chance, row: number, rows: number): string {
  const of = (words: readonly string[]) => words[below(words.length)] ?? '';
  const two = (number: number) => String(number).padStart(2, '0');
  const person = below(Math.ceil(rows / 3)); // three crimes for each person, on average
  const hex = (below(2 ** 31) * 2 ** 20 + row).toString(16).padStart(32, '0');
  const note = next() < 0.5 ? '' : of(notes);
  return [
    hex,
    `202${below(6)}-${two(1 + below(12))}-${two(1 + below(28))}`,
    of(forces),
    of(categories),
    of(outcomes),
    nhsNumber(person),
    of(forenames),
    of(surnames),
    String(10 + below(80)),
    of(genders),
    of(ethnicities),
    `${of(areas)}${1 + below(20)} ${below(10)}${'ABDEFGHJLN'[below(10)]}${'PQRSTUWXYZ'[below(10)]}`,
    `PC${1000 + below(4000)}`,
    note.includes('"') || note.includes(',') ? `"${note.replaceAll('"', '""')}"` : note,
  ]
    .join(',')
    .concat('\n');
}

// Nine digits and the check digit (modulo 11), as NHS numbers have them.
function nhsNumber(person: number): string {
  for (let number = 400_000_000 + person * 3; ; number += 1) {
    const digits = String(number);
    const sum = Array.from(digits).reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${digits}${check}`;
  }
}
