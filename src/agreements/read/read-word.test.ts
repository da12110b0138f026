import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Beside, paragraph, run, wordOf } from '../../../test/support/word.ts';
import { openArchive } from '../../platform/zip.ts';
import { readWord } from './read-word.ts';
import { placeOf, type Reading } from './reading.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'word-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(
  body: string,
  beside: readonly Beside[] = [],
  links: Record<string, string> = {},
): Promise<Reading> {
  const path = join(folder, 'document');
  await writeFile(path, wordOf(body, beside, links));
  const file = await open(path);
  try {
    return await readWord(await openArchive(file.fd));
  } finally {
    await file.close();
  }
}

const said = (reading: Reading) => reading.sentences.map(({ text }) => text);
const headed = ({ headings }: Reading) => headings.map(({ number, text }) => [number, text]);

const styles = {
  type: 'styles',
  xml: `<w:styles>
    <w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
    <w:style w:type="paragraph" w:styleId="Kop1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="Ours"><w:name w:val="Ours"/><w:basedOn w:val="Kop1"/></w:style>
    <w:style w:type="paragraph" w:styleId="Round"><w:name w:val="Round"/><w:basedOn w:val="Round"/></w:style>
    <w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
    <w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
  </w:styles>`,
};
const level = (at: number, format: string, text: string) =>
  `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
const numbering = {
  type: 'numbering',
  xml: `<w:numbering><w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'decimal', '%1.%2')}${level(2, 'lowerLetter', '(%3)')}</w:abstractNum>
    <w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '•')}</w:abstractNum>
    <w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="8"><w:abstractNumId w:val="1"/></w:num>
    <w:num w:numId="9"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num></w:numbering>`,
};
const style = (id: string) => `<w:pStyle w:val="${id}"/>`;
const inList = (list: number, depth: number) =>
  `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="${list}"/></w:numPr>`;

describe('a paragraph', () => {
  it('has the number that Word shows before it, and is a heading by its style or the one that is based on', async () => {
    const reading = await read(
      paragraph('Purpose', style('Kop1')) +
        paragraph('It is to help.', inList(7, 1)) +
        paragraph('It is to do good.', inList(7, 1)) +
        paragraph('by telling', inList(7, 2)) +
        paragraph('Retention', style('Ours')) +
        paragraph('Two years.', inList(7, 1)) +
        paragraph('Annex', `${style('Kop1')}<w:numPr><w:numId w:val="0"/></w:numPr>`) +
        paragraph('Later', inList(9, 0)),
      [styles, numbering],
    );
    expect(headed(reading)).toEqual([
      ['1', 'Purpose'],
      ['2', 'Retention'],
      [null, 'Annex'],
      ['5', 'Later'],
    ]);
    expect(said(reading)).toEqual([
      '1.1 It is to help.',
      '1.2 It is to do good.',
      'by telling',
      '2.1 Two years.',
    ]);
    expect(reading.places).toBe(null);
  });

  it('is a heading where all of it is bold and short, and not where it is a word of it', async () => {
    const reading = await read(
      `${paragraph(run('How long', '<w:b/>'))}${paragraph(run('Never', '<w:b/>') + run(' for longer than it takes'))}${paragraph(run('Plain', '<w:b w:val="0"/>'))}`,
    );
    expect(headed(reading)).toEqual([[null, 'How long']]);
  });

  it('has its title by its style, and a style that is based on itself does no harm', async () => {
    const reading = await read(
      `${paragraph('The Northby Way', style('Title'))}${paragraph('Sharing Agreement', style('Round'))}`,
      [styles],
    );
    expect(reading.title).toEqual({ line: 2, text: 'Sharing Agreement' });
  });

  it('goes on where the one before it broke off, and is by itself where it did not', async () => {
    const reading = await read(
      `${paragraph('Records are kept for')}${paragraph('two years')}${paragraph('Nobody else sees them')}`,
    );
    expect(said(reading)).toEqual(['Records are kept for two years', 'Nobody else sees them']);
  });
});

describe('changes and comments', () => {
  const by = 'w:author="A. Person"';
  it('are found: read as if what was inserted were accepted, and what was deleted gone', async () => {
    const body = paragraph(
      `${run('Kept for ')}<w:del w:id="1" ${by}><w:r><w:delText>seven</w:delText></w:r></w:del><w:ins w:id="2" ${by}>${run('two')}</w:ins>${run(' years.')}
       <w:moveFrom w:id="3"><w:r><w:t>Gone.</w:t></w:r></w:moveFrom><w:r><w:commentReference w:id="4"/></w:r>`,
    );
    const comments = {
      type: 'comments',
      xml: `<w:comments><w:comment w:id="4" ${by}>${paragraph('Why not')}${paragraph('one?')}</w:comment></w:comments>`,
    };
    const reading = await read(body, [comments]);
    expect(said(reading)).toEqual(['Kept for two years.']);
    const place = { line: 1 };
    expect(reading.markup).toEqual([
      { place, kind: 'deleted', text: 'seven', by: 'A. Person' },
      { place, kind: 'inserted', text: 'two', by: 'A. Person' },
      { place, kind: 'deleted', text: 'Gone.', by: null },
      { place, kind: 'comment', text: 'Why not one?', by: 'A. Person' },
    ]);
  });
});

describe('what hangs on a paragraph', () => {
  it('a text box is read once, and a footnote, both at that paragraph', async () => {
    const box = `<w:txbxContent>${paragraph('In a box.')}</w:txbxContent>`;
    const shape = `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>${box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>${box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>`;
    const old = `<w:r><w:pict><v:shape><v:textbox><w:txbxContent>${paragraph('In an old box.')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`;
    const note = '<w:r><w:footnoteReference w:id="2"/></w:r>';
    const footnotes = {
      type: 'footnotes',
      xml: `<w:footnotes><w:footnote w:type="separator" w:id="0">${paragraph('line')}</w:footnote><w:footnote w:id="2">${paragraph('A note.')}</w:footnote></w:footnotes>`,
    };
    const reading = await read(
      `${paragraph('Before.')}${paragraph(run('Here.') + shape + old + note)}${paragraph('After.')}`,
      [footnotes],
    );
    const at = (of: number) => placeOf(reading, reading.sentences[of]?.pieces[0]?.line ?? 0);
    expect(said(reading)).toEqual(['Before.', 'Here.', 'A note.', 'In a box.', 'In an old box.', 'After.']);
    expect([at(1), at(2), at(4), at(5)]).toEqual([
      { line: 2 },
      { line: 2, part: 'footnote' },
      { line: 2, part: 'text box' },
      { line: 3 },
    ]);
  });

  it('heads and feet of pages are apart', async () => {
    const reading = await read(paragraph('Body.'), [
      { type: 'header', xml: `<w:hdr>${paragraph('OFFICIAL')}</w:hdr>` },
      { type: 'footer', xml: `<w:ftr>${paragraph('Version 2')}</w:ftr>` },
      { type: 'footer', xml: `<w:ftr>${paragraph('Version 2')}</w:ftr>` },
    ]);
    expect(said(reading)).toEqual(['Body.']);
    expect(reading.apart.map(({ text }) => text)).toEqual(['OFFICIAL', 'Version 2']);
  });
});

describe('what is not said', () => {
  it('a list of contents: by its field, its style, its control, or its pages', async () => {
    const field = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
    const told = '<w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>';
    const reading = await read(
      paragraph(`${field('begin')}${told}${field('separate')}${run('1 Purpose 2')}`) +
        paragraph(`${run('2 Powers 3')}${field('end')}`) +
        paragraph('3 Review', style('TOC1')) +
        `<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>${paragraph('4 Costs')}</w:sdtContent></w:sdt>` +
        paragraph('Contents') +
        paragraph(`${run('5 Signing')}<w:r><w:tab/></w:r>${run('9')}`) +
        paragraph('Body.'),
      [styles],
    );
    expect(reading.contents.map(({ text }) => text)).toEqual([
      'Purpose',
      'Powers',
      'Review',
      'Costs',
      'Signing',
    ]);
    expect(said(reading)).toEqual(['Body.']);
  });

  it('what a form asks somebody to write in, and how a field is made', async () => {
    const prompt = `<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>${paragraph('Click here to enter text.')}</w:sdtContent></w:sdt>`;
    const day =
      '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>';
    expect(said(await read(`${prompt}${paragraph(run('On ') + day + run('a day.'))}`))).toEqual([
      'On a day.',
    ]);
  });
});

describe('a table', () => {
  const cell = (...inside: string[]) =>
    `<w:tc>${inside.map((text) => (text.startsWith('<') ? text : paragraph(text))).join('')}</w:tc>`;
  const row = (...cells: string[]) => `<w:tr>${cells.join('')}</w:tr>`;

  it('is read row by row, its paragraphs counted, and a list of contents in it is none of it', async () => {
    const reading = await read(
      `<w:tbl>${row(cell('Owner'), cell('The Records', 'Manager'))}${row(cell('Review'), cell('each year'))}</w:tbl>${paragraph('Contents')}<w:tbl>${row(cell('1 Purpose'), cell('3'))}</w:tbl>${paragraph('After.')}`,
    );
    expect(said(reading)).toEqual(['Owner | The Records; Manager', 'Review | each year', 'After.']);
    expect(reading.sentences[2]?.pieces).toEqual([{ from: 0, line: 9 }]);
    expect(reading.contents.map(({ text }) => text)).toEqual(['Purpose']);
  });

  it('that holds half the document is no row, and one within a cell is by itself', async () => {
    const long = `${'All of it matters. '.repeat(60)}`;
    const inner = `<w:tbl>${row(cell('a'), cell('b'))}</w:tbl>`;
    const reading = await read(
      `<w:tbl>${row(cell('One.'), cell(long))}${row(cell('Outside'), cell(inner, ''))}</w:tbl>`,
    );
    expect(said(reading)[0]).toBe('One.');
    expect(said(reading).slice(-2)).toEqual(['Outside', 'a | b']);
  });
});

it('a link that leads nowhere is written as Markdown has it, and another is its text', async () => {
  const link = (id: string, text: string) => `<w:hyperlink r:id="${id}">${run(text)}</w:hyperlink>`;
  const inside = `<w:hyperlink w:anchor="later">${run('below')}</w:hyperlink>`;
  const reading = await read(paragraph(`${link('a', 'here')} ${link('b', 'there')} ${inside}`), [], {
    a: 'file:///S:/policy.doc',
    b: 'https://example.org',
  });
  expect(said(reading)).toEqual(['[here](file:///S:/policy.doc)therebelow']);
});
