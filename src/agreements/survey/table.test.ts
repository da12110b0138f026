import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvOf } from './table.ts';

const one = (value: string) =>
  csvOf({ columns: [{ name: 'Title', type: 'string' }], rows: [[value]] }).split('\r\n')[1];

describe('a title that somebody else wrote', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '\t=1', ' =1', '\u00a0=1', '\rx', '\n@x'])(
    'is not run: %j',
    (value) => {
      expect(one(value)?.startsWith(`"'`) || one(value) === `"'`).toBe(true);
    },
  );

  it.each(['An agreement', '1998', '“=” in quotation marks', 'é'])('stays as it is: %s', (value) => {
    expect(one(value)).toBe(`"${value}"`);
  });

  it('comes back as it was, whatever it holds', () => {
    const values = ['a "b" c', 'one, two', 'two\nlines', '1 of 2'];
    const text = csvOf({
      columns: [
        { name: 'Title', type: 'string' },
        { name: 'Parts', type: 'integer' },
      ],
      rows: values.map((value) => [value, '3']),
    });
    expect(parse(text, { bom: true }).slice(1)).toEqual(values.map((value) => [value, '3']));
  });
});
