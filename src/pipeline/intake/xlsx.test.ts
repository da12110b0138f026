import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Part, zipOf } from '../../../test/support/zip.ts';
import type { Field } from '../data-set.ts';
import { readXlsx } from './xlsx.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xlsx-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(content: Buffer, sheet?: string, fields: Field[] = []) {
  const path = join(folder, 'input');
  await writeFile(path, content);
  await rm(join(folder, 'input-table'), { force: true });
  return readXlsx(path, folder, sheet, fields);
}
const vector = (name: string) => readFile(new URL(`../../../test/vectors/xlsx/${name}`, import.meta.url));
const csv = async () => (await readFile(join(folder, 'input-table'), 'utf8')).replace(/^.*\n/, '');

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const related = (target: string, type: string, id = 'rId1') =>
  `<Relationship Id="${id}" Type="${relations}/${type}" Target="${target}"/>`;

/** A workbook with one sheet, of parts that a test may replace. */
function workbook(sheetData: string, replaced: Part[] = []): Buffer {
  const parts: Part[] = [
    {
      name: '_rels/.rels',
      bytes: `<Relationships>${related('xl/workbook.xml', 'officeDocument')}</Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      bytes: `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: `<Relationships>${related('worksheets/sheet1.xml', 'worksheet')}${related('/xl/sharedStrings.xml', 'sharedStrings', 'rId2')}</Relationships>`,
    },
    { name: 'xl/sharedStrings.xml', bytes: '<sst><si><t>shared</t></si></sst>' },
    {
      name: 'xl/worksheets/sheet1.xml',
      bytes: `<worksheet xmlns="${main}"><sheetData>${sheetData}</sheetData></worksheet>`,
    },
  ];
  return zipOf(parts.map((part) => replaced.find(({ name }) => name === part.name) ?? part));
}
const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const sound = `<row>${text('a')}${text('b')}</row><row>${text('Amina')}<c><v>2</v></c></row>`;

describe('a workbook that another tool made', () => {
  it('is read as the first sheet that is not hidden shows it', async () => {
    const fields = [{ name: 'seen', type: 'date' } as Field];
    const { table } = await read(await vector('openpyxl.xlsx'));
    expect(table).toMatchObject({ rows: 4, firstRow: 2, encoding: null });
    expect(table?.header).toEqual(['name', 'born', 'seen', 'at', 'cost', 'big', 'open', 'note', 'share']);
    expect(await csv()).toBe(
      [
        'Zoë O’Brien,1999-12-31,2024-06-30T23:30:00,07:05:00,45.3,123456789012345,true,"  =1+1, ""x""\nnext",0.25',
        // The tool does not escape _x0041_, so it is an A to every spreadsheet.
        'Amina,1900-01-31,2024-06-30T00:00:00,23:59:59,0.0000001,1000000000000000000000,false,A,',
        ',,,,,,,,',
        'Dan,,,,-3,0,,merged,\n',
      ].join('\n'),
    );
    await read(await vector('openpyxl.xlsx'), 'People', fields);
    expect(await csv()).toContain('\nAmina,1900-01-31,2024-06-30,23:59:59');
  });

  it('may count its days from 1904, have formulas and texts of many kinds', async () => {
    const { table } = await read(await vector('xlsxwriter.xlsx'), 'Data');
    expect(table?.header).toEqual(['text', 'day', 'hours', 'sum', 'word', 'error']);
    expect(await csv()).toBe('plain bold plain,2024-02-29,30:00:00,3,ab,#DIV/0!\n');
  });

  it('is refused where a formula was never calculated: its blank would be a lie', async () => {
    const { problem } = await read(await vector('openpyxl-not-calculated.xlsx'));
    expect(problem).toMatchObject({ check: 'not-calculated', rows: [2] });
  });

  it('has the sheet that the terms name, a hidden one too, or is refused', async () => {
    const content = await vector('openpyxl.xlsx');
    expect((await read(content, 'Notes')).problem?.check).toBe('no-rows');
    expect((await read(content, 'people')).problem?.check).toBe('no-sheet');
  });
});

it('reads shared texts, prefixes, and what XML cannot hold', async () => {
  const sheet = `<x:worksheet xmlns:x="${main}"><x:sheetData><x:row r="1"><x:c r="B1" t="str"><x:v>h</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c><x:c r="B2" t="str"><x:v>a_x0009_b</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
  const { table } = await read(workbook('', [{ name: 'xl/worksheets/sheet1.xml', bytes: sheet }]));
  expect(table?.header).toEqual(['', 'h']);
  expect(await csv()).toBe('shared,a\tb\n');
});

describe('merged cells', () => {
  const rows = [text('a') + text('b') + text('c'), ...[2, 3, 4].map((n) => text(`x${n}`))].map(
    (one) => `<row>${one}</row>`,
  );
  const merging = (...refs: string[]) =>
    workbook('', [
      {
        name: 'xl/worksheets/sheet1.xml',
        bytes: `<worksheet xmlns="${main}"><sheetData>${rows.join('')}</sheetData><mergeCells>${refs.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells></worksheet>`,
      },
    ]);
  const listed = (...names: string[]) => names.map((name) => ({ name, type: 'string' }) as Field);

  it.each<[string, string[], string[], string | null, number[]]>([
    ['down a column of the terms lose the values below the first', ['A2:A4'], ['a'], 'a', [3, 4]],
    ['across lose the values of the columns after the first', ['A3:C3'], ['a', 'b'], 'b', [3]],
    ['of a header and the row below lose a value', ['B1:B2'], ['b'], 'b', [2]],
    ['are told by their rows, in order', ['A4:A4', 'B4:C4', 'B2:B3'], ['b', 'c'], 'b', [3]],
    ['of columns that the terms do not list are no matter', ['B2:C4'], ['a'], null, []],
    [
      'of headings alone, and below the last row, are no matter',
      ['A1:C1', 'A5:C9'],
      ['a', 'b', 'c'],
      null,
      [],
    ],
  ])('%s', async (_, refs, names, field, where) => {
    const { problem } = await read(merging(...refs), undefined, listed(...names));
    if (field === null) return expect(problem).toBeNull();
    expect(problem).toMatchObject({ check: 'merged', field, rows: where });
    expect(problem?.says).toContain('have no value of their own. Take the merging out');
  });

  it.each(['A1:', ':', 'A1:B', '1:2', 'AAAA1:B2'])('%j are no cells', async (ref) => {
    expect((await read(merging(ref))).problem).toMatchObject({ check: 'damaged' });
  });
});

describe('a damaged or hostile workbook is refused, by check and row', () => {
  const shared = (bytes: string): Part[] => [{ name: 'xl/sharedStrings.xml', bytes }];
  const sheet = (bytes: string): Part[] => [{ name: 'xl/worksheets/sheet1.xml', bytes }];
  const cases: [string, () => Buffer, number[]][] = [
    ['damaged', () => Buffer.from('a,b\n1,2\n'), []],
    ['damaged', () => Buffer.of(), []],
    ['damaged', () => workbook(sound).subarray(0, -30), []],
    ['encrypted', () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(4096)]), []],
    ['encrypted', () => workbook('', [{ name: 'xl/workbook.xml', bytes: 'x', says: { flags: 0x801 } }]), []],
    ['no-header', () => workbook(''), [1]],
    ['no-header', () => workbook(`<row r="2">${text('a')}</row>`), []],
    ['no-rows', () => workbook(`<row>${text('a')}</row>`), [1]],
    [
      'ragged',
      () => workbook(`<row>${text('a')}</row><row>${text('1')}</row><row>${text('1')}${text('2')}</row>`),
      [3],
    ],
    ['nul-byte', () => workbook(`<row>${text('a')}</row><row>${text('Amina_x0000_')}</row>`), [2]],
    ['half-character', () => workbook(`<row>${text('a')}</row><row>${text('_xD800_')}</row>`), [2]],
    ['damaged', () => workbook(`${sound}<row r="1">${text('x')}</row>`), []],
    ['damaged', () => workbook('<row><c r="A7"><v>1</v></c></row>'), []],
    ['damaged', () => workbook('<row><c><v>Amina</v></c></row>'), []],
    ['damaged', () => workbook('<row><c t="s"><v>1</v></c></row>'), []],
    ['damaged', () => workbook(`<row>${text('a')}`), []],
    [
      'damaged',
      () =>
        workbook(
          '',
          sheet(`<!DOCTYPE x [<!ENTITY a "Amina">]><worksheet><row>${text('&a;')}</row></worksheet>`),
        ),
      [],
    ],
    ['damaged', () => workbook('', sheet('<a>'.repeat(1_000_000))), []],
    [
      'damaged',
      () => workbook('', sheet(`<worksheet><row>${text('x'.repeat(20_000_000))}</row></worksheet>`)),
      [],
    ],
    [
      'damaged',
      () => workbook('', [{ name: 'xl/worksheets/sheet1.xml', bytes: sound, says: { size: 5 } }]),
      [],
    ],
    [
      'row-too-long',
      () =>
        workbook(
          `<row>${text('a')}</row><row>${'<c t="s"><v>0</v></c>'.repeat(40)}</row>`,
          shared(`<sst><si><t>${'x'.repeat(30_000)}</t></si></sst>`),
        ),
      [2],
    ],
    ['too-large', () => workbook('', shared(`<sst>${'<si/>'.repeat(4_000_001)}</sst>`)), []],
    [
      'too-large',
      () => workbook('', shared(`<sst>${`<si><t>${'Amina '.repeat(5_000)}</t></si>`.repeat(2_500)}</sst>`)),
      [],
    ],
    [
      'too-large',
      () => workbook('', [{ name: 'xl/worksheets/sheet1.xml', bytes: Buffer.alloc(200_000_000, ' ') }]),
      [],
    ],
  ];
  it.each(cases)('%s, case %#', async (check, content, rows) => {
    const { problem } = await read(content());
    expect(problem).toMatchObject({ check, rows });
    expect(JSON.stringify(problem)).not.toContain('Amina');
    expect(problem?.says).not.toBe('');
  });

  it('wherever a byte of it is another', async () => {
    const whole = await vector('openpyxl.xlsx');
    for (let at = 0; at < whole.length; at += 61) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      const { table, problem } = await read(bytes);
      expect(table === null, `at ${at}`).toBe(problem !== null);
    }
  });
});
