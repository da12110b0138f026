// Lengths in points.

/** A4, with the space that the edges of each page take. */
export const page = { width: 595.28, height: 841.89, left: 62, right: 62, top: 90, bottom: 88 };

/** The width of the text. */
export const textWidth = page.width - page.left - page.right;

/** How far the words of a clause stand in from its number. */
export const indent = 42;

export const colours = {
  ink: '#0b0c0c',
  grey: '#505a5f',
  line: '#b1b4b6',
  shade: '#f3f2f1',
  blank: '#b10e1e',
};

/** A way to set text: the font, its size, the height of a line and the colour. */
export type Look = { font: 'regular' | 'bold'; size: number; line: number; colour: string };

const look = (font: Look['font'], size: number, line: number, colour = colours.ink): Look => ({
  font,
  size,
  line,
  colour,
});

/** The ways to set text that there are. */
export const looks = {
  body: look('regular', 10.5, 14.6),
  kind: look('regular', 12.5, 18, colours.grey),
  title: look('bold', 23, 28),
  contents: look('bold', 12.5, 18),
  heading1: look('bold', 15, 20),
  heading2: look('bold', 11.5, 15.5),
  heading3: look('bold', 10.5, 14.6),
  cell: look('regular', 9.5, 12.8),
  strong: look('bold', 9.5, 12.8),
  note: look('regular', 9, 12.2, colours.grey),
  edge: look('regular', 7.5, 10, colours.grey),
  marking: look('bold', 10, 12),
} as const satisfies Record<string, Look>;
