import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { aCommandLine } from '../../../test/support/command.ts';

// `chirograph data profile` as it is typed. It needs no database and makes none.

vi.setConfig({ testTimeout: 60_000 });

const line = aCommandLine();
afterAll(() => line.close());

function file(name: string, text: string): string {
  const path = join(line.folder, name);
  writeFileSync(path, text);
  return path;
}

test('a profile is one JSON document', async () => {
  const path = file('people.csv', 'who;nhs;day\nx;9434765919;2024-01-31\n;9990000018;2024-02-01\n');
  const { exit, out, err } = await line.run('data', 'profile', path, '--json');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(JSON.parse(out)).toEqual({
    file: path,
    rows: 2,
    format: { type: 'csv', delimiter: ';', encoding: 'utf-8' },
    columns: [
      {
        name: 'who',
        type: 'string',
        blanks: 1,
        distinct: 1,
        range: { shortest: 1, longest: 1 },
        identifiers: [],
      },
      {
        name: 'nhs',
        type: 'integer',
        blanks: 0,
        distinct: 2,
        range: { shortest: 10, longest: 10 },
        identifiers: [{ kind: 'nhs-number', count: 2, rows: 2, sure: true }],
      },
      {
        name: 'day',
        type: 'date',
        blanks: 0,
        distinct: 2,
        range: { least: '2024-01-31', greatest: '2024-02-01' },
        identifiers: [],
      },
    ],
    quality: [],
  });
});

test('a file that cannot be read is refused with the check and its rows, and one that is not there is not found', async () => {
  const ragged = file('ragged.csv', 'a,b\n1,2\n3\n');
  const answer = await line.run('data', 'profile', ragged, '--delimiter', ',', '--json');
  expect(answer.exit).toBe(11);
  expect(JSON.parse(answer.out)).toEqual({
    file: ragged,
    rows: 0,
    format: null,
    columns: [],
    quality: [{ check: 'ragged', field: null, failed: 1, rows: [3] }],
  });
  expect((await line.run('data', 'profile', join(line.folder, 'none.csv'))).exit).toBe(4);
  expect((await line.run('data', 'profile', line.folder)).exit).toBe(4);
});

test('the delimiter can be said, by its sign or its name, and nothing else', async () => {
  const path = file('odd.csv', 'a|b,c\n1|2,3\n');
  const columns = async (delimiter: string) => {
    const { out } = await line.run('data', 'profile', path, '--json', '--delimiter', delimiter);
    return (JSON.parse(out) as { columns: { name: string }[] }).columns.map(({ name }) => name);
  };
  expect(await columns('|')).toEqual(['a', 'b,c']);
  expect(await columns('comma')).toEqual(['a|b', 'c']);
  expect((await line.run('data', 'profile', path, '--delimiter', '::')).exit).toBe(2);
});

test('JSON lines and spreadsheets are read by their ending', async () => {
  const lines = file('people.jsonl', '{"mail":"a@b.example.uk"}\n{"mail":null,"n":1}\n');
  const { out } = await line.run('data', 'profile', lines, '--json');
  expect(JSON.parse(out)).toMatchObject({
    rows: 2,
    format: { type: 'jsonl' },
    columns: [
      { name: 'mail', identifiers: [{ kind: 'email', count: 1 }] },
      { name: 'n', type: 'integer' },
    ],
  });
  const workbook = join(import.meta.dirname, '../../../test/vectors/xlsx/xlsxwriter.xlsx');
  const answer = await line.run('data', 'profile', workbook, '--json');
  expect(JSON.parse(answer.out)).toMatchObject({ format: { type: 'xlsx' }, quality: [] });
  expect((await line.run('data', 'profile', lines, '--sheet', 'One')).exit).toBe(2);
});

test('lists and objects, which no field of the terms can hold, are said not to have been looked into', async () => {
  const lines = file('nested.jsonl', '{"id":1,"tags":["a@b.example.uk"]}\n{"id":2,"tags":"plain"}\n');
  const { out } = await line.run('data', 'profile', lines, '--json');
  expect(JSON.parse(out).columns).toMatchObject([
    { name: 'id', type: 'integer' },
    { name: 'tags', type: 'nested', blanks: 1 },
  ]);
  expect((await line.run('data', 'profile', lines)).out).toContain('lists or objects: not looked into');
});

test('a link is followed, and headings cannot command the terminal', async () => {
  symlinkSync(file('real.csv', '\u001b[2Jname,b\n1,2\n'), join(line.folder, 'link.csv'));
  const { exit, out } = await line.run('data', 'profile', join(line.folder, 'link.csv'));
  expect(exit).toBe(0);
  expect(out).toContain('No column points at people');
  expect(out).not.toContain('\u001b');
});
