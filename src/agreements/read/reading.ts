// A document as it is read: what is said in it, sentence by sentence, and where.

/** Where something stands in a file: a line of a text, a paragraph of a Word file, a line of a page of a PDF, each from 1. */
export type Place = { line: number; page?: number; part?: Part };

/** What stands beside the body of a Word file, or on every page. Its place is that of what it hangs on. */
type Part = 'header' | 'footer' | 'footnote' | 'text box';

/**
 * One sentence: its text in one line, and for each of its pieces where it begins (offset) and which line of the reading it is.
 * Sentences of one paragraph have the same `block` (0: heads of pages and headings, which are in none); `item`: it stands in a list.
 */
export type Sentence = {
  text: string;
  pieces: readonly { from: number; line: number }[];
  block: number;
  item: boolean;
};

/** A heading, with its number if it has one. */
export type Heading = { line: number; number: string | null; text: string };

/** A change that nobody has accepted yet, a remark at the edge of the page, or a page of a PDF that is a picture without text. */
export type Markup = {
  place: Place;
  kind: 'inserted' | 'deleted' | 'comment' | 'picture';
  text: string;
  by: string | null;
};

/** What a document says. Lines are counted from 1, through everything that was read; `placeOf` tells where they are in the file. */
export type Reading = {
  title: { line: number; text: string } | null;
  sentences: readonly Sentence[];
  headings: readonly Heading[];
  /** The entries of the list of contents, without their pages. They are not evidence. */
  contents: readonly Heading[];
  /** What is said at the head or foot of the pages, each once. */
  apart: readonly Sentence[];
  /** Read as if what was inserted were accepted, and what was deleted gone. */
  markup: readonly Markup[];
  /** Where the lines are, where they are not those of the file. */
  places: readonly Place[] | null;
};

/** The lines on which a part of a sentence stands, from an offset to another. */
export function linesOf({ pieces }: Sentence, from: number, to: number): number[] {
  return pieces
    .filter((piece, at) => piece.from < to && (pieces[at + 1]?.from ?? Number.POSITIVE_INFINITY) > from)
    .map(({ line }) => line);
}

/** The line on which an offset of a sentence stands. */
export function lineAt({ pieces }: Sentence, offset: number): number {
  return pieces.findLast(({ from }) => from <= offset)?.line ?? pieces[0]?.line ?? 1;
}

/** Where a line of the reading is in the file. */
export function placeOf({ places }: Pick<Reading, 'places'>, line: number): Place {
  return places?.[line - 1] ?? { line };
}

/** A heading, looked at as what is said. */
export function sentenceOf({ line, text }: Heading): Sentence {
  return { text, pieces: [{ from: 0, line }], block: 0, item: false };
}
