// A document as it is linted: what is said in it, sentence by sentence, and where.

/** One sentence of the body: its text in one line, and for each of its pieces where it begins (offset) and on which line of the file it stands. */
export type Sentence = { text: string; pieces: readonly { from: number; line: number }[] };

/** A heading, with its number if it has one. */
export type Heading = { line: number; number: string | null; text: string };

/** What a document says. Lines are counted from 1. */
export type Reading = {
  title: { line: number; text: string } | null;
  sentences: readonly Sentence[];
  headings: readonly Heading[];
  /** The entries of the list of contents, without their pages. They are not evidence. */
  contents: readonly Heading[];
};

/** The lines of the file on which a part of a sentence stands, from an offset to another. */
export function linesOf({ pieces }: Sentence, from: number, to: number): number[] {
  return pieces
    .filter((piece, at) => piece.from < to && (pieces[at + 1]?.from ?? Number.POSITIVE_INFINITY) > from)
    .map(({ line }) => line);
}

/** The line of the file on which an offset of a sentence stands. */
export function lineAt({ pieces }: Sentence, offset: number): number {
  return pieces.findLast(({ from }) => from <= offset)?.line ?? pieces[0]?.line ?? 1;
}
