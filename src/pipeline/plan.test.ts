import { describe, expect, it } from 'vitest';
import { DataSet, doneTo, type Field } from './data-set.ts';
import { planRelease } from './plan.ts';

const today = '2026-11-22';
const gender: Field = { name: 'Gender', type: 'string', role: 'quasi-identifier', use: 'keep' };
const age: Field = { name: 'Age', type: 'integer', role: 'quasi-identifier', use: { to: 'age-band-10' } };
const person: Field = { name: 'Person', type: 'string', role: 'identifier', use: 'pseudonymise' };
const notes: Field = { name: 'Notes', type: 'string', role: 'sensitive', use: 'drop' };

const searches: DataSet = {
  id: 'searches',
  format: { type: 'csv', delimiter: ',' },
  fields: [person, gender, age, notes],
  protection: { k: 5, suppressionLimit: 0.1 },
};

describe('planRelease', () => {
  it('plans every step from the terms, whatever the order of the columns [R66]', () => {
    expect(planRelease(searches, ['Notes', 'Age', 'Shoe size', 'Gender', 'Person'], today)).toEqual({
      ok: true,
      plan: {
        header: ['Notes', 'Age', 'Shoe size', 'Gender', 'Person'],
        dropped: ['Shoe size'],
        checkFormulas: [{ field: 'Gender', column: 3 }],
        checkTypes: [
          { field: 'Person', column: 4, form: 'string' },
          { field: 'Gender', column: 3, form: 'string' },
          { field: 'Age', column: 1, form: 'age' },
          { field: 'Notes', column: 0, form: 'string' },
        ],
        chooseRows: [],
        checkQuality: [],
        today,
        checkIdentifiers: [{ field: 'Gender', column: 3, type: 'string', role: 'quasi-identifier' }],
        minimise: [
          { field: 'Person', column: 4 },
          { field: 'Gender', column: 3 },
          { field: 'Age', column: 1 },
        ],
        pseudonymise: ['Person'],
        generalise: [{ field: 'Age', type: 'integer', to: 'age-band-10' }],
        search: [],
        holdBack: { by: ['Gender', 'Age'], k: 5, l: 1, sensitive: [], limit: 0.1 },
        write: ['Person', 'Gender', 'Age'],
        types: ['string', 'string', 'string'],
      },
    });
  });

  it('holds nothing back without a k', () => {
    const { protection: _, ...unprotected } = searches;
    expect(planRelease(unprotected, ['Person', 'Gender', 'Age', 'Notes'], today)).toMatchObject({
      ok: true,
      plan: { holdBack: null },
    });
  });

  it('names every listed column that the file lacks, a dropped one too', () => {
    expect(planRelease(searches, ['gender', 'Age', 'Person '], today)).toEqual({
      ok: false,
      missing: ['Person', 'Gender', 'Notes'],
      duplicates: [],
      dropped: ['gender', 'Person '],
    });
  });

  it('refuses a header that uses a name twice, also of a column that would not leave', () => {
    expect(planRelease(searches, ['X', 'Person', 'Gender', 'X', 'Age', 'Notes'], today)).toMatchObject({
      ok: false,
      duplicates: [1, 4],
    });
  });
});

describe('the terms of a data set', () => {
  const withFields = (...fields: unknown[]) => DataSet.safeParse({ ...searches, fields });

  it('are valid as written here', () => {
    expect(DataSet.parse(searches)).toEqual(searches);
  });

  it.each([
    ['an age band of a text', { ...gender, use: { to: 'age-band-5' } }],
    ['a month of an integer', { ...age, use: { to: 'month' } }],
    ['a day of a month', { ...gender, type: 'month', use: { to: 'day' } }],
    ['a postcode district of a date', { ...gender, type: 'date', use: { to: 'postcode-district' } }],
    ['a level nobody defined', { ...gender, use: { to: 'county' } }],
    ['a misspelt key', { ...gender, used: 'keep' }],
  ])('refuse %s', (_, field) => {
    expect(withFields(person, field).success).toBe(false);
  });

  it('refuse a field that is listed twice, and a set of which nothing would leave', () => {
    expect(withFields(gender, gender).success).toBe(false);
    expect(withFields(notes).success).toBe(false);
  });

  it('refuse a k of 1, which protects nobody', () => {
    expect(DataSet.safeParse({ ...searches, protection: { k: 1, suppressionLimit: 0.1 } }).success).toBe(
      false,
    );
  });
});

it('says what is done to a field in the words of the report', () => {
  expect([gender, age, person, notes].map(doneTo)).toEqual([
    'as held',
    'age-band-10',
    'pseudonym',
    'dropped',
  ]);
});
