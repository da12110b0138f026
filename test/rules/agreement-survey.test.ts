import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readXlsx } from '../../src/pipeline/intake/xlsx.ts';
import { aCommandLine, type CommandLine } from '../support/command.ts';
import { zipOf } from '../support/zip.ts';

// `chirograph agreement lint FOLDER`: the first thing that an organisation with a shelf of agreements types.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let line: CommandLine;
beforeAll(() => {
  line = aCommandLine();
});
afterAll(() => line?.close());

const vector = (name: string) => readFileSync(new URL(`../vectors/agreements/${name}`, import.meta.url));
const old = 'Information Sharing Agreement\n\nIt rests on the Data Protection Act 1998.\n';

function aFolder(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(line.folder, 'shelf-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
const lint = (folder: string, ...more: string[]) =>
  line.run('agreement', 'lint', folder, '--as-of', '2026-11-22', ...more);

describe('a folder of agreements', () => {
  let folder: string;
  beforeAll(() => {
    folder = aFolder({
      'protocol.docx': vector('protocol.docx'),
      'by year/2024/copy.docx': vector('protocol.docx'),
      'by year/old.txt': old,
      'by year/=HYPERLINK(1).txt': `${old}\nIt starts on 1 May 2019.\n`,
      'locked.pdf': vector('locked.pdf'),
      'before.doc': Buffer.from('d0cf11e0a1b11ae10000', 'hex'),
      'costs.ods': 'x',
      'older.zip': zipOf([{ name: 'a.txt', bytes: old }]),
      '~$protocol.docx': 'lock',
      '.hidden/a.txt': old,
    });
    symlinkSync('/', join(folder, 'everything'));
  });

  test('is read whole: each of them is a row, those that need work most first, and what is not read says why', async () => {
    const answer = await lint(folder, '--json');
    expect(answer.exit).toBe(0);
    const { totals, agreements, notRead, copies, links } = JSON.parse(answer.out);
    expect(agreements.map(({ file }: { file: string }) => file)).toEqual([
      'by year/old.txt',
      'by year/=HYPERLINK(1).txt',
      'by year/2024/copy.docx',
    ]);
    expect(agreements[2]).toMatchObject({
      title: 'Northby and Eastmoor Information Sharing Protocol',
      startsOn: '2024-05-25',
      signedOn: ['2024-05-20'],
      signedAfterStart: false,
      overdue: { since: '2025-05-25', days: 546 },
      nextReview: '2027-05-25',
      repealed: [{ act: 'Data Protection Act 1998', since: '2018-05-25' }],
      outdated: { error: 1 },
    });
    expect(agreements[0].grave).toBeGreaterThan(agreements[2].grave);
    expect(notRead).toMatchObject([
      { file: 'before.doc', says: expect.stringContaining('save it as .docx') },
      { file: 'costs.ods', says: expect.stringContaining('can be saved as .docx') },
      { file: 'locked.pdf', says: expect.stringContaining('has a password') },
      { file: 'older.zip', says: expect.stringContaining('Unpack it') },
    ]);
    expect([copies, links]).toEqual([[{ file: 'protocol.docx', of: 'by year/2024/copy.docx' }], 1]);
    expect(totals).toMatchObject({
      agreements: 3,
      notRead: 4,
      copies: 1,
      repealed: 3,
      overdue: 1,
      noBasis: 3,
    });
    expect(answer.err.trim().split('\n')).toHaveLength(7);
    expect(answer.err).toMatch(/^7 of 7: /m);
  });

  test('is told to a person in words: how many, and of each what to begin with', async () => {
    const { out } = await lint(folder);
    expect(out).toContain('3 agreements were read as of 22 November 2026; 4 files were not, and 1 is a copy');
    expect(out).toContain('Citing repealed law: 3. Review overdue: 1. Without a lawful basis: 3.');
    expect(out).toContain('must be there: Lawful basis;');
    expect(out).toContain('It cites the Data Protection Act 1998, repealed on 25 May 2018.');
    expect(out).toContain('Its review is 546 days overdue, since 25 May 2025.');
    expect(out).toContain('The same file as by year/2024/copy.docx, which was read.');
    expect(out).toContain('1 symbolic link was left out');
  });

  test('comes back as a page by itself, with what each of them needs folded away', async () => {
    const out = join(line.folder, 'survey.html');
    expect((await lint(folder, '--out', out)).exit).toBe(0);
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('What these agreements need');
    expect(page).toContain('<a class="govuk-link" href="#a1">by year/old.txt</a>');
    expect(page.match(/<details[^>]*><summary/g)).toHaveLength(4);
    expect(page).toContain('id="a3"');
    expect(page).toContain('“Data Protection Act 1998”');
    expect(page).not.toMatch(/<script|<link|src=/);
  });

  test('comes back as CSV that no spreadsheet runs, a row for each file', async () => {
    const out = join(line.folder, 'survey.csv');
    expect((await lint(folder, '--out', out)).exit).toBe(0);
    const text = readFileSync(out, 'utf8');
    expect(text.startsWith('\ufeff"File",')).toBe(true);
    const rows = parse(text, { bom: true, columns: true }) as Record<string, string>[];
    expect(rows.map(({ File }) => File)).toEqual([
      'by year/old.txt',
      'by year/=HYPERLINK(1).txt',
      'by year/2024/copy.docx',
      'before.doc',
      'costs.ods',
      'locked.pdf',
      'older.zip',
      'protocol.docx',
    ]);
    expect(rows[2]).toMatchObject({
      'Days overdue': '546',
      'Review due since': '2025-05-25',
      'Starts on': '2024-05-25',
      'Signed after it started': '',
      'Not read, and why': '',
    });
    expect(rows[5]?.['Not read, and why']).toContain('has a password');
    expect(rows[7]?.['Not read, and why']).toBe('The same file as by year/2024/copy.docx, which was read.');
  });

  test('comes back as a workbook whose days are days and whose headings filter', async () => {
    const out = join(line.folder, 'survey.xlsx');
    expect((await lint(folder, '--out', out)).exit).toBe(0);
    const work = mkdtempSync(join(line.folder, 'work-'));
    const { table } = await readXlsx(out, work, undefined, []);
    const rows = parse(readFileSync(join(work, 'input-table')), { bom: true, columns: true }) as Record<
      string,
      string
    >[];
    expect(table?.header[5]).toBe('Repealed since');
    expect(rows).toHaveLength(8);
    // A day comes back as one only from a cell that is a day.
    expect(rows[2]).toMatchObject({ c6: '2018-05-25', c8: '546' });
    const sheet = Buffer.from(unzipSync(readFileSync(out))['xl/worksheets/sheet1.xml'] ?? []).toString();
    expect(sheet).toContain('<autoFilter ref="A1:AA9"/>');
    expect(sheet).toContain('state="frozen"');
  });

  test('ends with 11 where one of them is as grave as asked, or was not read', async () => {
    expect((await lint(folder, '--fail-on', 'error')).exit).toBe(11);
    expect((await lint(aFolder({ 'a.odt': 'x' }), '--fail-on', 'error')).exit).toBe(11);
    expect((await lint(aFolder({ 'a.odt': 'x' }))).exit).toBe(0);
  });
});

test('a name that would clear the screen is shown as letters, in the progress too', async () => {
  const { out, err } = await lint(aFolder({ 'a\u001b[2Jb.txt': old }));
  expect(out + err).not.toContain('\u001b');
  expect(err).toContain('1 of 1: a\\u001b[2Jb.txt');
});

test('a file made to do harm costs only itself', async () => {
  const bomb = zipOf([
    {
      name: '_rels/.rels',
      bytes:
        '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
    },
    { name: 'word/document.xml', bytes: `<w:document>${' '.repeat(80_000_000)}</w:document>` },
  ]);
  const answer = await lint(aFolder({ 'a.txt': old, 'bomb.docx': bomb, 'c.txt': `${old}More.\n` }), '--json');
  const { totals, notRead } = JSON.parse(answer.out);
  expect(totals).toMatchObject({ agreements: 2, repealed: 2, notRead: 1 });
  expect(notRead).toMatchObject([{ file: 'bomb.docx', says: expect.stringContaining('far more') }]);
});

describe('before anything is read it is said', () => {
  test.each([
    ['report.docx', 2, 'Name it .html, .csv, .xlsx or .json'],
    ['not-there/report.csv', 5, 'in a folder that is there'],
    ['taken.csv', 5, 'Give a new file name'],
  ])('that %s cannot be made', async (name, exit, says) => {
    writeFileSync(join(line.folder, 'taken.csv'), '');
    const answer = await lint(aFolder({ 'a.txt': old }), '--out', join(line.folder, name));
    expect(answer.exit).toBe(exit);
    expect(answer.err).toContain(says);
    expect(answer.err).not.toContain('1 of 1');
  });

  test('that a folder is empty, but for what is hidden', async () => {
    const answer = await lint(aFolder({ '.DS_Store': 'x', '~$a.docx': 'x' }));
    expect([answer.exit, answer.err]).toEqual([4, expect.stringContaining('There is no file in')]);
  });

  test('that there are too many for one go', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [`${at}.txt`, '']));
    const answer = await lint(aFolder(many));
    expect([answer.exit, answer.err]).toEqual([11, expect.stringContaining('holds more than 2,000 files')]);
  });
});

test('being told to end stops it, and nothing is written', async () => {
  const folder = aFolder(
    Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${at}.txt`, `${old}${at}\n`])),
  );
  const out = join(line.folder, 'stopped.csv');
  const { child, ended } = line.start('agreement', 'lint', folder, '--out', out);
  await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()));
  child.kill('SIGTERM');
  const answer = await ended;
  expect(answer.err).toContain('Nothing was written');
  expect(answer.err).not.toContain('40 of 40');
  expect(existsSync(out)).toBe(false);
});
