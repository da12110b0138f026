import { describe, expect, it } from 'vitest';
import { readText } from './read-text.ts';

const read = (text: string) => {
  const { headings, sentences } = readText(text);
  return { headings: headings.map(({ text: said }) => said), said: sentences.map(({ text: said }) => said) };
};

const paragraph = 'The police give the council what it needs to find homes for people.';

describe('a heading in plain text', () => {
  it.each([
    ['a number', `3. Retention\n\n${paragraph}`, 'Retention'],
    ['capitals', `DATA RETENTION\n\n${paragraph}`, 'DATA RETENTION'],
    ['its place between free lines, above a paragraph', `Why we share\n\n${paragraph}`, 'Why we share'],
    ['the line below it', `Why we share\n------------\n${paragraph}`, 'Why we share'],
    ['the marks of Markdown', `### Why we share\n${paragraph}`, 'Why we share'],
    ['bold letters of Markdown', `**Why we share**\n\n${paragraph}`, 'Why we share'],
  ])('is known by %s', (_how, text, heading) => {
    expect(read(text)).toEqual({ headings: [heading], said: [paragraph] });
  });

  it.each([
    ['names below each other', 'Northby Council\n\nEastmoor Police\n\nLarch Homes'],
    ['a line of a paragraph', `Northby Council\n${paragraph}`],
    ['a place to fill in', `Signed\n\n${paragraph}`],
    ['what ends as a sentence does', `They share it.\n\n${paragraph}`],
    ['a value', '11.4 Date of last review: October 2025\n\n1.2 Contact: data@council.example'],
    ['a month', '1. October 2025'],
  ])('is not %s', (_what, text) => {
    expect(read(text).headings).toEqual([]);
  });

  it('is not a line that is drawn, and that is not said either', () => {
    expect(read(`${paragraph}\n\n---\n\n====\n\n* * *\n\n| --- | --- |`)).toEqual({
      headings: [],
      said: [paragraph],
    });
  });
});
