/** What a character that the fonts lack is printed as: a box, which both fonts have. */
const box = '□';

const graphemes = new Intl.Segmenter('en-GB', { granularity: 'grapheme' });

/** Text that can be printed, with how many characters of it are boxes. */
export type Printed = { text: string; boxes: number };

// They show nothing, and PDF/A allows no character without a glyph: joiners, marks of order, selectors of a form.
const unseen = /\u00AD|\u034F|[\u200B-\u200D]|[\u2060-\u2064]|[\uFE00-\uFE0F]|\uFEFF/g;

/**
 * Text in the letters that a font has. PDF/A forbids the sign for a missing letter (ISO 19005-3, 6.2.11.8) and letters of
 * private use (6.2.11.7.3), so each of those is a box; a person sees that something stands there.
 */
export function inLetters(text: string, has: (codePoint: number) => boolean): Printed {
  let boxes = 0;
  const plain = text.normalize('NFC').replace(/[^\S\n]/g, ' ');
  const said = Array.from(graphemes.segment(plain), ({ segment }) => {
    const seen = segment.replace(unseen, '');
    const known = Array.from(seen).every(
      (one) => one === '\n' || (has(one.codePointAt(0) ?? 0) && !/\p{Co}/u.test(one)),
    );
    if (known) return seen;
    boxes += 1;
    return box;
  });
  return { text: said.join(''), boxes };
}
