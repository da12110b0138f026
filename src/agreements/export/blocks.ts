/**
 * What a document is made of, whatever it is written as, from the top. `Text` is a string, or pieces of text where some
 * are marked as added and taken out. In a signature, what says nothing is to be written in by hand.
 */
export type Block<Text = string> =
  | { kind: 'heading'; level: 1 | 2 | 3; number: Text | null; text: Text; newPage: boolean }
  | { kind: 'paragraph'; number: Text | null; text: Text; indent: boolean }
  | { kind: 'items'; items: Item<Text>[]; indent: boolean }
  | Table<Text>
  | { kind: 'signature'; party: Text; rows: { name: Text; says: Text }[] };

/** A line of a list, with the sign before it: a bullet, or `(a)` as the agreement has it. */
export type Item<Text = string> = { label: string; text: Text };

/**
 * A table. `caption` says to who hears it what it is; `head` is null where each row says its own name; `widths` are shares
 * of the width of the page. The first cell of a row names it.
 */
export type Table<Text = string> = {
  kind: 'table';
  caption: string;
  head: string[] | null;
  widths: number[];
  rows: Cell<Text>[][];
};

/** What stands in a cell, and beneath it in grey what is worth knowing. */
export type Cell<Text = string> = { text: Text; note?: Text };

/** An agreement as a document to print: what stands on its first page and on every page, and all the rest. Every text is printable. */
export type Written<Text = string> = {
  title: string;
  reference: string;
  version: number;
  marking: string;
  digest: string;
  /** `Information sharing agreement` */
  type: string;
  owner: string;
  facts: Cell<Text>[][];
  blocks: Block<Text>[];
};

/** A piece of text: as it was, added, or taken out. */
export type Piece = { text: string; mark?: 'added' | 'removed' };
