// How an organisation says what to look for: words, not regular expressions, which can take for ever on some text.

const gap = '...';
const mostGaps = 2; // each makes the search longer by as much as it is wide
const wide = 100;
const mostSigns = 200;

/** Why a phrase cannot be looked for, or null. “retain* ... securely”: a star ends a word, dots stand for up to 100 signs between words. */
export function phraseFault(phrase: string): string | null {
  const words = phrase.trim().split(/\s+/);
  if (phrase.length > mostSigns) return `Say it in ${mostSigns} signs or fewer.`;
  if (!words.some((word) => /[\p{L}\p{N}]{2}/u.test(word))) return 'Give at least one word.';
  if (words.filter((word) => word === gap).length > mostGaps)
    return `Leave at most ${mostGaps} gaps (...). Two phrases find more than one that is long.`;
  if (words[0] === gap || words.at(-1) === gap) return 'Begin and end with a word, not with a gap (...).';
  if (words.some((word) => word.slice(0, -1).includes('*') || word === '*'))
    return 'A star (*) stands at the end of a word: retain* is retained and retaining.';
  return null;
}

/** A phrase that has no fault, as a pattern. It repeats nothing but single signs, so that no text makes it take for ever. */
export function phrasePattern(phrase: string): RegExp {
  const parts = ` ${phrase.trim().split(/\s+/).join(' ')} `
    .split(` ${gap} `)
    .map((part) => part.trim().split(' ').map(wordPattern).join('\\s{1,3}'));
  return new RegExp(parts.join(`.{0,${wide}}`), 'dgiu');
}

function wordPattern(word: string): string {
  const [stem, end] = word.endsWith('*') ? [word.slice(0, -1), '[\\p{L}\\p{N}]{0,30}'] : [word, ''];
  return `(?<![\\p{L}\\p{N}])${stem.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}${end}(?![\\p{L}\\p{N}])`;
}
