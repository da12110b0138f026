import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guessDelimiter } from './delimiter.ts';
import { countNames, isBirthHeading, isNameHeading } from './names.ts';
import { profileFile } from './profile-file.ts';
import type { Profile } from './profile-report.ts';
import { profileText } from './profile-words.ts';

// A process and an engine for each file: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const data = (name: string) => fileURLToPath(new URL(`../../../examples/data/${name}`, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function profileOf(lines: readonly string[] | Buffer, delimiter?: string): Promise<Profile> {
  const path = join(folder, 'people.csv');
  await writeFile(path, Buffer.isBuffer(lines) ? lines : `${lines.join('\n')}\n`);
  return profileFile(path, { type: 'csv', ...(delimiter && { delimiter }) });
}

const column = (profile: Profile, name: string) => {
  const found = profile.columns.find((one) => one.name === name);
  if (!found) throw new Error(`There is no column ${name}.`);
  return found;
};

describe('real open data, in which nobody is named', () => {
  it('is told what columns of street crime hold, and that crimes have references', async () => {
    const profile = await profileFile(data('2023-10-bedfordshire-street.csv'), { type: 'csv' });
    const text = await readFile(data('2023-10-bedfordshire-street.csv'), 'utf8');
    const rows = text
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(','));
    expect(profile).toMatchObject({
      rows: rows.length,
      format: { type: 'csv', delimiter: ',', encoding: 'utf-8' },
      problem: null,
    });
    for (const [at, { name, blanks, distinct }] of profile.columns.entries()) {
      const values = rows.map((row) => row[at] ?? '');
      expect(blanks, name).toBe(values.filter((value) => value === '').length);
      expect(distinct, name).toBe(new Set(values.filter((value) => value !== '')).size);
    }
    const crimes = rows.filter((row) => row[0] !== '').length;
    expect(column(profile, 'Crime ID')).toMatchObject({
      type: 'string',
      range: { shortest: 64, longest: 64 },
      identifiers: [{ kind: 'crime-reference', count: crimes, rows: crimes, sure: true }],
    });
    expect(column(profile, 'Month')).toMatchObject({
      type: 'month',
      range: { least: '2023-10', greatest: '2023-10' },
    });
    const latitudes = rows.flatMap((row) => (row[5] ? [Number(row[5])] : []));
    expect(column(profile, 'Latitude')).toMatchObject({
      type: 'number',
      range: { least: Math.min(...latitudes), greatest: Math.max(...latitudes) },
    });
    const others = profile.columns
      .filter(({ name }) => name !== 'Crime ID')
      .flatMap(({ identifiers }) => identifiers);
    // Streets are called after people: a few look like names, and nothing else is found.
    expect(
      others.every(({ kind, sure, rows: some }) => kind === 'name' && !sure && some < rows.length / 100),
    ).toBe(true);
  });

  it('finds nothing in stops and searches', async () => {
    const profile = await profileFile(data('2024-01-bedfordshire-stop-and-search.csv'), { type: 'csv' });
    expect(profile.columns.flatMap(({ identifiers }) => identifiers)).toEqual([]);
    expect(profile.columns.map(({ type }) => type)).toEqual(
      'string timestamp boolean string number number string string string string string string string boolean boolean'.split(
        ' ',
      ),
    );
  });

  it('finds nothing in a census, whose delimiter it guesses', async () => {
    const census = gunzipSync(
      await readFile(join(import.meta.dirname, '../../../test/vectors/adult/adult.csv.gz')),
    );
    const profile = await profileOf(census);
    expect(profile).toMatchObject({ rows: 30_162, format: { delimiter: ';' } });
    expect(profile.columns.flatMap(({ identifiers }) => identifiers)).toEqual([]);
    expect(column(profile, 'age')).toMatchObject({
      type: 'integer',
      distinct: 72,
      range: { least: 17, greatest: 90 },
    });
  });
});

const people = [
  'ref,Surname,dob,seen,reading,nhs,notes,empty',
  '0001,Yusuf,31/01/1984,2024-01-31T23:30:00Z,0.5,9434765919,"Rang from 07700 900123, lives at MK40 2AB",',
  '0002,Okafor,01/02/1990,2024-02-01T09:00:00+01:00,-2,9990000018,"Call 07700 900124 or 020 7946 0958; car AB12 CDE",',
  '0003,Nowak,29/02/2000,2024-02-02T09:00:00Z,1e3,9990000026,Neighbour saw Karen Taylor leave,',
  '0004,,,,,,,',
];

describe('a file of people', () => {
  it('tells columns that point at people, whatever they are called', async () => {
    const profile = await profileOf(people);
    const found = Object.fromEntries(profile.columns.map(({ name, identifiers }) => [name, identifiers]));
    expect(found).toEqual({
      ref: [],
      Surname: [{ kind: 'name', count: 3, rows: 3, sure: false }],
      dob: [{ kind: 'date-of-birth', count: 3, rows: 3, sure: false }],
      seen: [],
      reading: [],
      nhs: [{ kind: 'nhs-number', count: 3, rows: 3, sure: true }],
      notes: [
        { kind: 'phone', count: 3, rows: 2, sure: true },
        { kind: 'postcode', count: 1, rows: 1, sure: true },
        { kind: 'vehicle-registration', count: 1, rows: 1, sure: true },
        { kind: 'name', count: 1, rows: 1, sure: false },
      ],
      empty: [],
    });
  });

  it('names types as they are: a code that begins with 0 is no number, 31/01/1984 is a date as people here write it', async () => {
    const profile = await profileOf(people);
    expect(profile.columns.map(({ type }) => type)).toEqual(
      'string string uk-date timestamp number integer string string'.split(' '),
    );
    expect(column(profile, 'dob')).toMatchObject({
      blanks: 1,
      range: { least: '31/01/1984', greatest: '29/02/2000' },
    });
    expect(column(profile, 'seen').range).toEqual({
      least: '2024-01-31T23:30:00Z',
      greatest: '2024-02-02T09:00:00Z',
    });
    expect(column(profile, 'reading').range).toEqual({ least: -2, greatest: 1000 });
    expect(column(profile, 'empty')).toMatchObject({ blanks: 4, distinct: 0, range: null });
  });

  it('never tells a value: neither a text nor the least of numbers that are somebody’s', async () => {
    const profile = await profileOf(people);
    expect(column(profile, 'nhs').range).toEqual({ shortest: 10, longest: 10 });
    const told = `${JSON.stringify(profile)}${profileText('people.csv', profile)}`;
    for (const value of ['9434765919', '9990000018', 'Yusuf', 'Karen', '07700', 'MK40', '0001']) {
      expect(told).not.toContain(value);
    }
  });

  it('is told in a page that begins with the columns that point at people', async () => {
    const page = profileText('people.csv', await profileOf(people));
    expect(page).toContain(
      'people.csv: 4 rows, 8 columns, separated by commas.\n\nColumns that point at people\n',
    );
    expect(page).toMatch(/\n {2}nhs +NHS number +3 \(75%\)\n/);
    expect(page).toMatch(/\n {2}notes +phone number \(3\) +2 \(50%\)\n/);
    expect(page).toMatch(/\n {2}Surname +perhaps name +3 \(75%\)\n/);
    expect(page).toMatch(/\n {2}dob +date \(day\/month\/year\) +1 +3 +31\/01\/1984 to 29\/02\/2000\n/);
  });

  it('says of numbers that pass a checksum by chance that they are not sure', async () => {
    const counted = Array.from({ length: 500 }, (_, at) => `${1_600_000_000 + at * 977}`);
    const { identifiers } = column(await profileOf(['at', ...counted]), 'at');
    expect(identifiers).toMatchObject([{ kind: 'nhs-number', sure: false }]);
  });

  it('looks at no more values for names than it says', async () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => `Spoke to Karen Taylor ${at}`);
    const [found] = column(await profileOf(['said', ...rows]), 'said').identifiers;
    expect(found).toEqual({ kind: 'name', count: 2_000, rows: 2_000, sure: false, lookedAt: 2_000 });
  });

  it('keeps headings out of the engine’s language', async () => {
    const profile = await profileOf([`"a""; drop table input; --",'b',"c,d"`, '1,2,3']);
    expect(profile.columns.map(({ name }) => name)).toEqual(['a"; drop table input; --', "'b'", 'c,d']);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['ragged', 'a,b\n1,2\n1,2,3\n', [3]],
    ['nul-byte', 'a,b\n1,\0\n', [2]],
    ['no-rows', 'a,b\n', [2]],
    ['empty', '', [1]],
  ])('is %s, with its rows and no columns', async (check, text, rows) => {
    const profile = await profileOf(Buffer.from(text), ',');
    expect(profile).toMatchObject({ rows: 0, format: null, columns: [], problem: { check, rows } });
  });
  it('is not there', async () => {
    expect(await profileFile(join(folder, 'none.csv'), { type: 'csv' })).toMatchObject({
      problem: { check: 'no-file' },
    });
  });
});

it('leaves nothing behind', async () => {
  const before = await readdir(tmpdir());
  await profileOf(people);
  const left = (await readdir(tmpdir())).filter(
    (name) => !before.includes(name) && name.startsWith('.chirograph-'),
  );
  expect(left).toEqual([]);
});

it.each([
  ['a,b;c\n1,2;3\n', ','],
  ['a;b\n1,5;2\n2,5;3\n', ';'],
  ['a\tb\n"1;\n2;;"\t2\n', '\t'],
  ['a|b|c\n1|2,3|4\n', '|'],
  ['one\n1,5\n', ','],
  ['', ','],
])('guesses what stands between values: %j', async (text, delimiter) => {
  const path = join(folder, 'file.csv');
  await writeFile(path, text);
  expect(await guessDelimiter(path)).toBe(delimiter);
});

describe('names', () => {
  it.each(['Surname', 'first_name', 'givenName', 'Full name', 'FORENAMES', 'maiden-name', 'Alias'])(
    'a heading says so: %s',
    (heading) => expect(isNameHeading(heading)).toBe(true),
  );
  it.each(['name', 'LSOA name', 'File name', 'Hostname', 'controller-names', 'renamed'])(
    'a heading does not say so: %s',
    (heading) => expect(isNameHeading(heading)).toBe(false),
  );
  it.each(['DoB', 'date_of_birth', 'Date of Birth', 'birthDate', 'D.O.B'])(
    'a heading says birth: %s',
    (heading) => expect(isBirthHeading(heading)).toBe(true),
  );
  it.each([
    'Amina Yusuf',
    'SMITH, JOHN',
    'Mrs Jones',
    'Priya Patel',
    'Harriet Wood',
    'Siobhan O’Neill',
    'Spoke with Gareth Llewellyn about the noise',
    'Officer spoke to Mr Ahmed at the door',
  ])('is one: %s', (text) => expect(countNames(text)).toBe(1));
  it.each([
    'On or near Trinity Close',
    'Milton Keynes',
    'Craft-repair',
    'Prof-specialty',
    'Jeffrey Review',
    'Male',
    'Chelsea',
    'Investigation complete; no suspect identified',
    'White - English/Welsh/Scottish/Northern Irish/British',
  ])('is none: %s', (text) => expect(countNames(text)).toBe(0));
});
