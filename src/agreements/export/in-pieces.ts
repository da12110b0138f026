import type { Block, Cell, Piece } from './blocks.ts';

/** A block that nothing was changed in, as one whose texts are pieces. */
export function inPieces(block: Block): Block<Piece[]> {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return { ...block, number: block.number === null ? null : asIs(block.number), text: asIs(block.text) };
    case 'items':
      return { ...block, items: block.items.map(({ label, text }) => ({ label, text: asIs(text) })) };
    case 'table':
      return { ...block, rows: block.rows.map((row) => row.map(cellInPieces)) };
    case 'signature':
      return {
        ...block,
        party: asIs(block.party),
        rows: block.rows.map(({ name, says }) => ({ name: asIs(name), says: asIs(says) })),
      };
  }
}

/** A cell that nothing was changed in. */
export function cellInPieces({ text, note }: Cell): Cell<Piece[]> {
  return note === undefined ? { text: asIs(text) } : { text: asIs(text), note: asIs(note) };
}

/** A text that nothing was changed in. */
export const asIs = (text: string): Piece[] => [{ text }];
