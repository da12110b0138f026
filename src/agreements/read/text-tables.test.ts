import { describe, expect, it } from 'vitest';
import { readText } from './read-text.ts';

const said = (text: string) => readText(text).sentences.map((sentence) => sentence.text);

describe('a table that is set with spaces', () => {
  it('has a row for each number, and what goes on below belongs to its cell', () => {
    expect(
      said(
        [
          'Question                         Answer',
          '',
          'C1  What is it for?              To show where people are hurt by',
          '                                 violence in the borough',
          'C2  What must be left',
          '    out of it?                   Names and',
          '                                 addresses',
        ].join('\n'),
      ),
    ).toEqual([
      'Question | Answer',
      'C1 What is it for? | To show where people are hurt by violence in the borough',
      'C2 What must be left out of it? | Names and addresses',
    ]);
  });

  it('has a row for each name, also where a cell of it is full and the next word goes below', () => {
    expect(
      said(
        [
          'Agency                          Address                        Contact',
          'Chief Constable of Northby      Police House, Pike Lane,       Public Protection Unit',
          'Constabulary                    Northby NB1 2AA                ppu@northby.example',
          'Northby Council                 Town Hall                      Hub Manager',
          'Larch Homes                     4 Mill Court                   Tenancy Lead',
        ].join('\n'),
      ),
    ).toEqual([
      'Agency | Address | Contact',
      'Chief Constable of Northby Constabulary | Police House, Pike Lane, Northby NB1 2AA | Public Protection Unit ppu@northby.example',
      'Northby Council | Town Hall | Hub Manager',
      'Larch Homes | 4 Mill Court | Tenancy Lead',
    ]);
  });

  it('keeps apart columns between which there is only one space somewhere', () => {
    expect(
      said(
        [
          '1    Recorded crime      crime number, offence       Monthly',
          '2    Victim satisfaction survey number, crime type   Quarterly',
          '3    Stop and search     date, district              Quarterly',
        ].join('\n'),
      ),
    ).toEqual([
      '1 Recorded crime | crime number, offence | Monthly',
      '2 Victim satisfaction | survey number, crime type | Quarterly',
      '3 Stop and search | date, district | Quarterly',
    ]);
  });

  it('is not a line above it, nor the line that is drawn below its head', () => {
    expect(
      said(
        [
          '2.1  The partners that have agreed to this and have signed it are these:',
          'Partner             Contact',
          '-----------------   ----------------',
          'Northby Council     Hub Manager',
          'Larch Homes         Tenancy Lead',
        ].join('\n'),
      ),
    ).toEqual([
      '2.1 The partners that have agreed to this and have signed it are these:',
      'Partner | Contact',
      'Northby Council | Hub Manager',
      'Larch Homes | Tenancy Lead',
    ]);
  });

  it.each([
    [
      'a clause with a hanging number',
      '1.1  The police give the council what it\n     needs to find homes for people.',
    ],
    ['a list', '(a)  the police give it to the council;\n(b)  the council gives it to the police.'],
  ])('is not %s', (_what, text) => {
    expect(said(text).some((sentence) => sentence.includes('|'))).toBe(false);
  });

  it('tells the line of the file that a word of a cell stands on', () => {
    const { sentences, places } = readText(
      'C1  What for?     To show who is\n                  hurt\nC2  Who?          Patients',
    );
    expect(places?.[(sentences[0]?.pieces.at(-1)?.line ?? 0) - 1]).toEqual({ line: 2 });
    expect(places?.[(sentences.at(-1)?.pieces[0]?.line ?? 0) - 1]).toEqual({ line: 3 });
  });
});

describe('what a printed page has at its head and foot', () => {
  const pages = (foot: (page: number) => string) =>
    ['The police', 'The council', 'Homes']
      .map((who, at) => `${who} will share what is\n\n${foot(at + 1)}\n\nneeded for it.`)
      .join('\n\n');

  it.each([
    ['a line with the page', (page: number) => `ISA/12 v1.2        OFFICIAL        Page ${page} of 3`],
    ['two lines', (page: number) => `ISA/12 Page ${page}\nOFFICIAL`],
    ['a number', (page: number) => `                  ${page}`],
  ])('is apart: %s', (_what, foot) => {
    const { sentences } = readText(pages(foot));
    expect(sentences.map(({ text }) => text)).toEqual([
      'The police will share what is needed for it.',
      'The council will share what is needed for it.',
      'Homes will share what is needed for it.',
    ]);
  });

  it('is still read for what is out of date', () => {
    expect(
      readText(pages((page) => `NOT PROTECTIVELY MARKED Page ${page}`)).apart.map(({ text }) => text),
    ).toContain('NOT PROTECTIVELY MARKED Page 1');
  });

  it('is not a place to sign that comes again and again', () => {
    const text = 'Signed\n\nA. Name\n\nSigned\n\nB. Name\n\nSigned\n\nC. Name';
    expect(readText(text).apart).toEqual([]);
  });
});

it('a list of contents without pages is known by what it lists', () => {
  const headings = ['Who we are', 'Why we share', 'What the law allows', 'Keeping it'];
  const text = `What is in this\n\n${headings.join('\n')}\n\n${headings
    .map(
      (heading) => `${heading.toUpperCase()}\n\nThe police and the council agree on this in the first place.`,
    )
    .join('\n\n')}`;
  const reading = readText(text);
  expect(reading.contents.map((entry) => entry.text)).toEqual(headings);
  expect(reading.sentences.filter(({ text: one }) => headings.includes(one))).toEqual([]);
});
