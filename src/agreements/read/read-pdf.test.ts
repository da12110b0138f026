import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type LaidLine, layOut, type Piece } from './pdf-layout.ts';
import { readPdf } from './read-pdf.ts';
import { placeOf } from './reading.ts';

const vector = async (name: string) =>
  new Uint8Array(await readFile(new URL(`../../../test/vectors/agreements/${name}`, import.meta.url)));

describe('a protocol that a word processor printed', async () => {
  const reading = await readPdf(await vector('protocol.pdf'));
  const at = (text: string) => {
    const sentence = reading.sentences.find((one) => one.text.includes(text));
    return sentence && placeOf(reading, sentence.pieces[0]?.line ?? 0);
  };

  it('has its title, though it is on two lines, its headings and its contents', () => {
    expect(reading.title?.text).toBe('Northby and Eastmoor Information Sharing Protocol');
    expect(reading.headings.map(({ number, text }) => [number, text])).toEqual([
      [null, 'Northby and Eastmoor Information Sharing Protocol'],
      [null, 'Contents'],
      ['1', 'Why we share'],
      ['2', 'What is shared'],
      ['3', 'How long it is kept'],
    ]);
    expect(reading.contents.map(({ text }) => text)).toEqual([
      'Why we share',
      'What is shared',
      'How long it is kept',
    ]);
  });

  it('has the head and foot of its pages apart, once', () => {
    expect(reading.apart.map(({ text }) => text)).toEqual([
      'OFFICIAL - Northby and Eastmoor sharing protocol',
      'Version 1.2 Page 1 of 2',
    ]);
  });

  it('has the two columns of its summary as rows, and a day whose ordinal is raised', () => {
    const texts = reading.sentences.map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual([
      'Purpose | To keep children who go missing in Northby safe, and to find them sooner than each body could by itself.',
      'Partners | Northby Council Eastmoor Police',
      'Date in force | 25/05/2024',
    ]);
    expect(texts).toContain('Placements | Northby Council | Each week, with the changes since the last one');
    expect(texts).toContain('the name and the date of birth of the child;');
    expect(texts.some((text) => text.startsWith('This protocol came into force on 25th May 2024,'))).toBe(
      true,
    );
  });

  it('says on which page and line', () => {
    expect(at('Date in force')).toEqual({ page: 1, line: 10 });
    expect(at('Section 10 of the Children Act')).toEqual({ page: 2, line: 6 });
  });
});

it.each([
  ['locked.pdf', 'encrypted'],
  ['scan.pdf', 'scanned'],
  ['protocol.docx', 'damaged'],
])('%s is unreadable: %s', async (name, check) => {
  await expect(readPdf(await vector(name))).rejects.toMatchObject({ check });
});

describe('how words lie', () => {
  const piece = (text: string, x: number, y: number, more: Partial<Piece> = {}): Piece => ({
    text,
    x,
    y,
    width: text.length * 5,
    size: 10,
    bold: false,
    ...more,
  });
  const lines = (pieces: Piece[]) =>
    layOut(pieces, 0).map(({ text, row, cell, number }: LaidLine) => [number, row, cell, text]);

  it('pieces of a line are put together, with a space where there is room', () => {
    expect(
      lines([
        piece('Kept', 0, 700),
        piece('for', 25, 700),
        piece('25', 45, 700),
        piece('th', 55, 704, { size: 6 }),
      ]),
    ).toEqual([[1, null, 0, 'Kept for 25th']]);
  });

  it('cells are a row, whether the file goes down each cell or along each line', () => {
    const down = [
      piece('Owner', 0, 700),
      piece('The Records', 200, 700),
      piece('Manager', 200, 688),
      piece('Review', 0, 660),
      piece('Yearly', 200, 660),
    ];
    expect(lines(down)).toEqual([
      [1, 0, 0, 'Owner'],
      [1, 0, 1, 'The Records'],
      [2, 0, 1, 'Manager'],
      [3, 1, 0, 'Review'],
      [3, 1, 1, 'Yearly'],
    ]);
  });

  it('a row that begins right below its heading is a row, and a number at the margin is of its line', () => {
    const below = [
      piece('The Council', 0, 700),
      piece('Status', 0, 688),
      piece('body corporate', 200, 688),
      piece('4.2', 0, 650),
      piece('Retention', 40, 650),
    ];
    expect(lines(below)).toEqual([
      [1, null, 0, 'The Council'],
      [2, 1, 0, 'Status'],
      [2, 1, 1, 'body corporate'],
      [3, null, 0, '4.2 Retention'],
    ]);
  });

  it('columns of text are read one after the other', () => {
    const column = (x: number, word: string) =>
      Array.from({ length: 40 }, (_, at) => piece(`${word} ${at} of some words`, x, 700 - at * 12));
    const read = lines([...column(0, 'left'), ...column(300, 'right')]);
    expect(read.every(([, row]) => row === null)).toBe(true);
    expect(read.map(([, , , text]) => text)[40]).toBe('right 0 of some words');
  });
});
